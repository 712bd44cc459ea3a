"""What the `time` of a portal's answers tells: when a method is free again, and the time zone.

A portal sums the run time of each method over ten minutes and refuses a method that ran too long
(OPERATION_TIME_LIMIT). Every answer says when that sum will be smaller; the refusal itself does
not. Source: the page on limits of the REST docs, and loadlimiter.php of the portal's rest module.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from msgspec import Struct

from bitrix24.answers import decode
from bitrix24.errors import NoAnswer

OPERATING_MINUTE = 60
"""Seconds to wait where nothing is known: the portal's sums lose a minute at a time."""


class _Time(Struct, frozen=True):
    date_start: datetime | None = None
    operating_reset_at: float = 0.0


class PortalTimes:
    """The times in the answers to this process. Shared by all threads."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._resets: dict[tuple[str, str], float] = {}
        self._zones: dict[str, tzinfo] = {}

    def learn(self, portal: str, method: str, time_block: Any) -> None:
        """Remember what the `time` of an answer to a method tells."""
        try:
            times = decode(time_block, _Time)
        except NoAnswer:
            return
        if times.operating_reset_at:
            self._resets[portal, method] = times.operating_reset_at
        if times.date_start and times.date_start.tzinfo:
            self._zones[portal] = times.date_start.tzinfo

    def seconds_until_free(self, portal: str, method: str) -> float:
        """Return in how many seconds a method that ran too long may be called again."""
        left = self._resets.get((portal, method), 0.0) - self._clock()
        return left if left > 0 else OPERATING_MINUTE

    def today(self, portal: str) -> date:
        """Return the day it is at the portal; by UTC until it has answered this process."""
        return datetime.fromtimestamp(self._clock(), self.zone(portal) or UTC).date()

    def zone(self, portal: str) -> tzinfo | None:
        """Return the difference of the portal's clock to UTC; None until it has answered."""
        return self._zones.get(portal)
