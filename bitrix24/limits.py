"""Keeps within a portal's limits, so that it seldom has to refuse.

A portal counts requests by source address: 50 at once, then 2 a second; a batch is one. All
workers of a host have one address, so they share the count: a locked file for each portal, which
needs no server, and whose lock ends with the process that held it. Where the count is wrong
(other apps at this address, several hosts behind it), the portal's refusals correct it.

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
from pathlib import Path
from typing import Any

from bitrix24.batch import php_map
from bitrix24.errors import Busy

BURST = 48
"""Two fewer than the portal's 50: requests sent apart may arrive together."""
LEAK_PER_SECOND = 2.0
OPERATING_MINUTE = 60
"""Seconds to wait where nothing is known: the portal's sums lose a minute at a time."""
HELD_BACK = "HELD_BACK"
OPERATION_TIME_LIMIT = "OPERATION_TIME_LIMIT"

log = logging.getLogger("limits")
_LEVEL = struct.Struct("dd")


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
        self._clock = clock
        self.sleep = sleep
        self._resets: dict[tuple[str, str], float] = {}

    def reserve(self, portal: str, longest: float) -> float:
        """A place in the queue: how many seconds to wait before the next request. Raises Busy,
        and takes no place, when that would be longer than `longest`."""

        def enter(level: float) -> float:
            wait = (level + 1 - BURST) / LEAK_PER_SECOND
            if wait > longest:
                raise Busy(HELD_BACK, retry_after=wait)
            return level + 1

        return max(0.0, (self._change(portal, enter) - BURST) / LEAK_PER_SECOND)

    def refused(self, portal: str) -> None:
        """The portal says that the count is full, whatever it is here."""
        self._change(portal, lambda level: max(level, BURST))

    def learn(self, portal: str, method: str, time_block: Any) -> None:
        """Remembers from an answer's `time` when the run time of a method will be smaller."""
        reset = php_map(time_block).get("operating_reset_at")
        if isinstance(reset, int | float):
            self._resets[portal, method] = float(reset)

    def date(self, portal: str, method: str, error: Exception) -> None:
        """Notes on a refusal for run time when it ends, which the portal itself does not say."""
        if isinstance(error, Busy) and error.code == OPERATION_TIME_LIMIT:
            now = self._clock()
            left = self._resets.get((portal, method), 0.0) - now
            error.retry_after = left if left > 0 else OPERATING_MINUTE

    def _change(self, portal: str, change: Callable[[float], float]) -> float:
        """Replaces the level of a portal's bucket by what `change` makes of it."""
        if self._folder is None:
            return 0.0
        name = hashlib.sha256(portal.encode()).hexdigest()[:32]
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = os.open(self._folder / name, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
                level = change(self._leaked(os.pread(file, _LEVEL.size, 0)))
                os.pwrite(file, _LEVEL.pack(level, self._clock()), 0)
            finally:
                os.close(file)
        except OSError as error:
            # The portal keeps its own count; nobody's work stops for want of ours.
            log.error("the count of requests cannot be kept: %s", error.strerror)
            return 0.0
        return level

    def _leaked(self, stored: bytes) -> float:
        if len(stored) != _LEVEL.size:
            return 0.0
        level, seen = map(float, _LEVEL.unpack(stored))
        passed = max(0.0, self._clock() - seen)
        return max(0.0, level - passed * LEAK_PER_SECOND)


def batch_times(result: Any) -> Mapping[str, Any]:
    """The `time` of each command of a batch, by its key."""
    return php_map(php_map(result).get("result_time"))
