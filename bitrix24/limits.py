"""Keeps within a portal's limits, so that it seldom has to refuse.

A portal counts requests by source address: 50 at once, then 2 a second; a batch is one. On an
Enterprise plan it takes 250 and 5, and `app.info` tells the plan. All workers of a host have one
address, so they share the count: a locked file for each portal, which needs no server, and whose
lock ends with the process that held it. Where the count is wrong (other apps at this address,
several hosts behind it), the portal's refusals correct it.

It also sums the run time of each method over ten minutes, says in every answer when that sum will
be smaller, and blocks a method that ran too long. Source: the page on limits of the REST docs.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import struct
import time
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass, replace
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import Any

from bitrix24.batch import php_map
from bitrix24.errors import Busy

BURST, LEAK_PER_SECOND = 48, 2.0
"""Two fewer than the portal's 50: requests sent apart may arrive together."""
ENTERPRISE_BURST, ENTERPRISE_LEAK = 245, 5.0
ENTERPRISE = "ent"
"""As `LICENSE_FAMILY` in the docs of `app.info`."""
PLAN_SECONDS = 24 * 3600
OPERATING_MINUTE = 60
"""Seconds to wait where nothing is known: the portal's sums lose a minute at a time."""
HELD_BACK = "HELD_BACK"
OPERATION_TIME_LIMIT = "OPERATION_TIME_LIMIT"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Bucket:
    """How full a portal's bucket is and when that was so; whether it is a large one and when the
    portal was last asked for that. As it lies in the file."""

    level: float = 0.0
    seen: float = 0.0
    large: float = 0.0
    asked: float = 0.0

    @property
    def burst(self) -> int:
        return ENTERPRISE_BURST if self.large else BURST

    @property
    def leak(self) -> float:
        return ENTERPRISE_LEAK if self.large else LEAK_PER_SECOND

    def wait(self, room: float = 1.0) -> float:
        """Seconds until it is no fuller than `room`, a part of its burst; may be negative."""
        return (self.level - self.burst * room) / self.leak


_STORED = struct.Struct("dddd")


class Limits:
    """Shared by all threads of a process, and through `folder` by all processes of a host.
    Without a folder nothing is held back."""

    def __init__(
        self,
        folder: Path | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._folder = folder
        self.clock = clock
        self.sleep = sleep
        self._resets: dict[tuple[str, str], float] = {}
        self._zones: dict[str, tzinfo] = {}

    def reserve(self, portal: str, longest: float, room: float = 1.0) -> float:
        """A place in the queue: how many seconds to wait before the next request. Raises Busy,
        and takes no place, when that would be longer than `longest`. Work that nobody waits for
        leaves room to people by keeping to a part of the bucket."""

        def enter(bucket: _Bucket) -> _Bucket:
            after = replace(bucket, level=bucket.level + 1)
            if (wait := after.wait(room)) > longest:
                raise Busy(HELD_BACK, retry_after=wait)
            return after

        return max(0.0, self._change(portal, enter).wait(room))

    def refused(self, portal: str) -> None:
        """The portal says that the count is full, whatever it is here. A bucket that was thought
        to be large is taken for an ordinary one until the plan is asked for again."""

        def fill(bucket: _Bucket) -> _Bucket:
            level = BURST if bucket.large else max(bucket.level, BURST)
            return replace(bucket, level=level, large=0.0)

        self._change(portal, fill)

    def plan_is_known(self, portal: str) -> bool:
        """Whether the portal has told its plan lately, or no count is kept."""
        bucket = self._change(portal, lambda bucket: bucket)
        return self._folder is None or self.clock() - bucket.asked < PLAN_SECONDS

    def learn_plan(self, portal: str, app_info: Any) -> None:
        """Remembers from the portal's `app.info` how large its bucket is."""
        large = float(php_map(app_info).get("LICENSE_FAMILY") == ENTERPRISE)
        self._change(portal, lambda bucket: replace(bucket, large=large, asked=self.clock()))

    def learn(self, portal: str, method: str, time_block: Any) -> None:
        """Remembers from an answer's `time` when the run time of a method will be smaller, and in
        which time zone the portal lives."""
        told = php_map(time_block)
        reset = told.get("operating_reset_at")
        if isinstance(reset, int | float):
            self._resets[portal, method] = float(reset)
        try:
            zone = datetime.fromisoformat(str(told.get("date_start"))).tzinfo
        except ValueError:
            return
        if zone:
            self._zones[portal] = zone

    def today(self, portal: str) -> date:
        """The day it is at the portal; by UTC until it has answered this process."""
        return datetime.fromtimestamp(self.clock(), self._zones.get(portal, UTC)).date()

    def date(self, portal: str, method: str, error: Exception) -> None:
        """Notes on a refusal for run time when it ends, which the portal itself does not say."""
        if isinstance(error, Busy) and error.code == OPERATION_TIME_LIMIT:
            now = self.clock()
            left = self._resets.get((portal, method), 0.0) - now
            error.retry_after = left if left > 0 else OPERATING_MINUTE

    def _change(self, portal: str, change: Callable[[_Bucket], _Bucket]) -> _Bucket:
        """Replaces a portal's bucket by what `change` makes of it."""
        if self._folder is None:
            return _Bucket()
        name = hashlib.sha256(portal.encode()).hexdigest()[:32]
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = os.open(self._folder / name, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
                bucket = change(self._leaked(os.pread(file, _STORED.size, 0)))
                os.pwrite(file, _STORED.pack(*astuple(bucket)), 0)
            finally:
                os.close(file)
        except OSError as error:
            # The portal keeps its own count; nobody's work stops for want of ours.
            log.error("the count of requests cannot be kept: %s", error.strerror)
            return _Bucket()
        return bucket

    def _leaked(self, stored: bytes) -> _Bucket:
        now = self.clock()
        if len(stored) != _STORED.size:
            return _Bucket(seen=now)
        bucket = _Bucket(*_STORED.unpack(stored))
        leaked = max(0.0, now - bucket.seen) * bucket.leak
        return replace(bucket, level=max(0.0, bucket.level - leaked), seen=now)


def batch_times(result: Any) -> Mapping[str, Any]:
    """The `time` of each command of a batch, by its key."""
    return php_map(php_map(result).get("result_time"))
