"""How long ago something was, by a clock that cannot be set.

The time of day may be set forward or back while something is under way. A computer's monotonic
clock cannot, and all its processes share it. Only after a restart, or on another host, does the
time of day have to do.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Row

BOOT = Path("/proc/sys/kernel/random/boot_id")
"""Linux has another random ID after each start."""


def _boot() -> str:
    try:
        return BOOT.read_text().strip()[:36]
    except OSError:
        return ""


HOST = _boot()


@dataclass(frozen=True, slots=True)
class Moment:
    """A time: seconds since 1970, and on the monotonic clock of the host that noted it."""

    at: int = 0
    tick: int = 0
    host: str = ""

    @classmethod
    def now(cls) -> Moment:
        return cls(int(time.time()), int(time.monotonic()), HOST)

    @classmethod
    def asked_in(cls, row: Row[Any]) -> Moment:
        """Return the moment at which a portal was asked, by the row of a table."""
        return cls(row.asked_at, row.asked_tick, row.asked_host)

    @property
    def asked_columns(self) -> dict[str, str | int]:
        return {"asked_at": self.at, "asked_tick": self.tick, "asked_host": self.host}

    def age(self) -> float:
        """Return the seconds since then, never less than 0."""
        if self.host and self.host == HOST and (passed := time.monotonic() - self.tick) >= 0:
            return passed
        return max(0.0, time.time() - self.at)
