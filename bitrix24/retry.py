"""What may be sent again: only what the portal refused before it did anything.

`QUERY_LIMIT_EXCEEDED` comes from the portal's edge, so the call never ran. After anything else
that looks like trouble it may have run, and only those who know what it does can tell how to go
on: a save reads back first (waitlist/records/save.py).
"""

from __future__ import annotations

from collections.abc import Callable
from secrets import SystemRandom
from threading import Lock
from typing import TypeVar

from bitrix24.errors import Busy
from bitrix24.limits import Limits

QUERY_LIMIT_EXCEEDED = "QUERY_LIMIT_EXCEEDED"
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 4.0
PATIENCE = 7.0
"""Seconds that one request of a browser may go on after its first wait: then people want to be
told."""
ROOM_FOR_PEOPLE = 0.5
"""The part of a portal's bucket that work in the background does not touch."""

Sent = TypeVar("Sent")
_random = SystemRandom()


def _spread() -> float:
    """Lets those who were refused together come back apart."""
    return _random.uniform(0.75, 1.25)


class Patience:
    """The time that one request of a browser has for waiting, for all its calls together, also
    where they go out side by side. It begins to run out with the first wait."""

    def __init__(
        self,
        limits: Limits,
        seconds: float = PATIENCE,
        spread: Callable[[], float] = _spread,
        room: float = 1.0,
    ) -> None:
        """`room` is the part of the portal's bucket that may be filled."""
        self._limits = limits
        self._seconds = seconds
        self._spread = spread
        self._room = room
        self._until: float | None = None
        self._lock = Lock()

    def send(self, portal: str, request: Callable[[], Sent]) -> Sent:
        """Sends when it is this request's turn, and again while the portal has too much to do.
        Raises Busy, with when to come back, rather than wait any longer."""
        pause = FIRST_PAUSE
        while True:
            self._wait(self._limits.reserve(portal, self._left(), self._room))
            try:
                return request()
            except Busy as busy:
                if busy.code != QUERY_LIMIT_EXCEEDED:
                    raise
                self._limits.refused(portal)
                seconds = pause * self._spread()
                if seconds > self._left():
                    busy.retry_after = seconds
                    raise
                self._wait(seconds)
                pause = min(pause * 2, LONGEST_PAUSE)

    def _left(self) -> float:
        with self._lock:
            return self._seconds if self._until is None else self._until - self._limits.clock()

    def _wait(self, seconds: float) -> None:
        if seconds <= 0:
            return
        with self._lock:
            if self._until is None:
                self._until = self._limits.clock() + self._seconds
        self._limits.sleep(seconds)


def for_background(limits: Limits) -> Patience:
    """For work that nobody waits for: it never waits itself, and leaves room to people."""
    return Patience(limits, seconds=0.0, room=1.0 - ROOM_FOR_PEOPLE)
