"""The count of requests to each portal, kept below the portal's limit.

A portal counts requests by source address as a leaky bucket: 50 at once, then 2 a second; a batch
is one request. On an Enterprise plan it takes 250 and 5, and `app.info` names the plan. All workers
of a host share one address, so they share the count: one locked file for each portal. That needs no
server, and a lock ends with the process that holds it. Where the count is wrong (other apps at this
address, several hosts behind it), the portal's refusals correct it. Why no library does this:
docs/decisions/0006-rate-limit-bucket.md. Source: the page on limits of the REST docs.
"""

import fcntl
import hashlib
import logging
import os
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import astuple, dataclass, replace
from pathlib import Path

from bitrix24.errors import Busy

BURST, LEAK_PER_SECOND = 48, 2.0
"""Two fewer than the portal's 50: requests that are sent apart may arrive together."""
ENTERPRISE_BURST, ENTERPRISE_LEAK = 245, 5.0
PLAN_SECONDS = 24 * 3600
"""How long the plan of a portal is taken for known."""
UNUSED_SECONDS = 2 * PLAN_SECONDS
"""A file that was not written for so long says nothing any more."""
HELD_BACK = "HELD_BACK"
"""Our own code for a request that was not sent because the count is full."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Level:
    """How full a bucket was at a `time` since 1970.

    `large` and `asked` say what is known of its size.
    """

    level: float = 0.0
    time: float = 0.0
    large: float = 0.0
    asked: float = 0.0

    @property
    def burst(self) -> int:
        return ENTERPRISE_BURST if self.large else BURST

    @property
    def leak(self) -> float:
        return ENTERPRISE_LEAK if self.large else LEAK_PER_SECOND

    def wait(self, share: float) -> float:
        """Return the seconds until it fills no more than this share; may be negative."""
        return (self.level - self.burst * share) / self.leak


_STORED = struct.Struct("dddd")


class RequestBucket:
    """A leaky bucket for each portal, shared through `folder`. Without one, nothing is counted."""

    def __init__(self, folder: Path | None, clock: Callable[[], float]) -> None:
        self._folder = folder
        self._clock = clock

    def reserve(self, portal: str, longest: float, share: float = 1.0) -> float:
        """Count one request and return how many seconds to wait before sending it.

        `share` is the part of the bucket that may be filled. Raises Busy, and counts nothing, when
        the wait would be longer than `longest` seconds.
        """

        def add(level: _Level) -> _Level:
            after = replace(level, level=level.level + 1)
            if (wait := after.wait(share)) > longest:
                raise Busy(HELD_BACK, retry_after=wait)
            return after

        return max(0.0, self._change(portal, add).wait(share))

    def fill(self, portal: str) -> None:
        """Take the bucket for full, and for an ordinary one until the plan is asked again."""

        def full(level: _Level) -> _Level:
            filled = BURST if level.large else max(level.level, BURST)
            return replace(level, level=filled, large=0.0)

        self._change(portal, full)

    def plan_is_known(self, portal: str) -> bool:
        """Tell whether the portal's plan was saved today, or no count is kept."""
        if self._folder is None:
            return True
        try:
            stored = self._path(self._folder, portal).read_bytes()
        except OSError:
            return False
        return self._clock() - _loaded(stored).asked < PLAN_SECONDS

    def save_plan(self, portal: str, *, enterprise: bool) -> None:
        """Save how large the portal's bucket is."""
        large, now = float(enterprise), self._clock()
        self._change(portal, lambda level: replace(level, large=large, asked=now))

    def prune(self) -> None:
        """Delete the files of portals that were not called for days. Raises OSError."""
        if self._folder is None or not self._folder.is_dir():
            return
        for path in self._folder.iterdir():
            with suppress(FileNotFoundError):
                if self._clock() - _loaded(path.read_bytes()).time > UNUSED_SECONDS:
                    path.unlink()

    def _change(self, portal: str, change: Callable[[_Level], _Level]) -> _Level:
        """Replace a portal's level by what `change` makes of it, and return that."""
        if self._folder is None:
            return _Level()
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = os.open(self._path(self._folder, portal), os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
                level = change(self._leaked(_loaded(os.pread(file, _STORED.size, 0))))
                os.pwrite(file, _STORED.pack(*astuple(level)), 0)
            finally:
                os.close(file)
        except OSError as error:
            # The portal keeps its own count, so the app works without ours.
            log.error("the count of requests cannot be kept: %s", error.strerror)
            return _Level()
        return level

    def _leaked(self, level: _Level) -> _Level:
        now = self._clock()
        leaked = max(0.0, now - level.time) * level.leak
        return replace(level, level=max(0.0, level.level - leaked), time=now)

    @staticmethod
    def _path(folder: Path, portal: str) -> Path:
        """Return the portal's file. Its name is a hash, so that it is safe and tells nothing."""
        return folder / hashlib.sha256(portal.encode()).hexdigest()[:32]


def _loaded(stored: bytes) -> _Level:
    """Read a portal's file; a new or a damaged one is an empty bucket."""
    return _Level(*_STORED.unpack(stored)) if len(stored) == _STORED.size else _Level()
