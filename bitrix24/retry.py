"""What may be sent again: only what the portal refused before it did anything.

`QUERY_LIMIT_EXCEEDED` comes from the portal's edge, so the call never ran. After anything else
that looks like trouble it may have run, and only those who know what it does can tell how to go
on: a save reads back first (waitlist/save.py).
"""

from __future__ import annotations

from collections.abc import Callable
from secrets import SystemRandom
from typing import TypeVar

from bitrix24.errors import Busy
from bitrix24.limits import Limits

QUERY_LIMIT_EXCEEDED = "QUERY_LIMIT_EXCEEDED"
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 4.0
PATIENCE = 7.0
"""Seconds that one request of a browser may spend on waiting: then people want to be told."""

Sent = TypeVar("Sent")
_random = SystemRandom()


def _spread() -> float:
    """Lets those who were refused together come back apart."""
    return _random.uniform(0.75, 1.25)


class Patience:
    """The waiting that one request of a browser has left, for all its calls together."""

    def __init__(
        self, limits: Limits, seconds: float = PATIENCE, spread: Callable[[], float] = _spread
    ) -> None:
        self._limits = limits
        self._left = seconds
        self._spread = spread

    def send(self, portal: str, request: Callable[[], Sent]) -> Sent:
        """Sends when it is this request's turn, and again while the portal has too much to do.
        Raises Busy, with when to come back, rather than wait any longer."""
        pause = FIRST_PAUSE
        while True:
            self._wait(self._limits.reserve(portal, self._left))
            try:
                return request()
            except Busy as busy:
                if busy.code != QUERY_LIMIT_EXCEEDED:
                    raise
                self._limits.refused(portal)
                seconds = pause * self._spread()
                if seconds > self._left:
                    busy.retry_after = seconds
                    raise
                self._wait(seconds)
                pause = min(pause * 2, LONGEST_PAUSE)

    def _wait(self, seconds: float) -> None:
        if seconds > 0:
            self._left -= seconds
            self._limits.sleep(seconds)
