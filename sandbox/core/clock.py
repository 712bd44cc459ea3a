"""The sandbox's own time, which a test can advance by an hour at once."""

import time
from datetime import UTC, datetime, tzinfo


class Clock:
    """The computer's time plus an offset, in seconds since 1970."""

    def __init__(self) -> None:
        self._offset = 0.0

    def now(self) -> float:
        return time.time() + self._offset

    def advance(self, seconds: float) -> None:
        self._offset += seconds

    def iso(self, moment: float | None = None, zone: tzinfo = UTC) -> str:
        stamp = self.now() if moment is None else moment
        return datetime.fromtimestamp(stamp, zone).isoformat(timespec="seconds")
