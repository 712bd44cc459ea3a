"""Sends requests within a portal's limits, and again only where the portal did nothing.

`QUERY_LIMIT_EXCEEDED` comes from the portal's edge, so the call never ran. After any other trouble
it may have run, and only the caller knows how to continue: a save reads back first
(waitlist/records/save.py).
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
WAIT_SECONDS = 7.0
"""How long one request of a browser may continue after its first wait; then people want to know."""
BACKGROUND_SHARE = 0.5
"""The part of a portal's bucket that work in the background may fill; the rest is for people."""

Sent = TypeVar("Sent")
_random = SystemRandom()


def _jitter() -> float:
    """Return a factor that lets requests which were refused together come back apart."""
    return _random.uniform(0.75, 1.25)


class WaitBudget:
    """The time for waiting that all calls of one request of a browser share.

    It begins to run out with the first wait. Calls in several threads may share it.
    """

    def __init__(
        self,
        limits: Limits,
        seconds: float = WAIT_SECONDS,
        jitter: Callable[[], float] = _jitter,
        share: float = 1.0,
    ) -> None:
        """`share` is the part of the portal's bucket that may be filled."""
        self._limits = limits
        self._seconds = seconds
        self._jitter = jitter
        self._share = share
        self._until: float | None = None
        self._lock = Lock()

    def send(self, portal: str, request: Callable[[], Sent]) -> Sent:
        """Send when the bucket has room, and again while the portal refuses too many requests.

        Raises Busy, with the seconds until it may be tried again, rather than wait any longer.
        """
        bucket, pause = self._limits.bucket, FIRST_PAUSE
        while True:
            self._wait(bucket.reserve(portal, self._left(), self._share))
            try:
                return request()
            except Busy as busy:
                if busy.code != QUERY_LIMIT_EXCEEDED:
                    raise
                bucket.fill(portal)
                seconds = pause * self._jitter()
                if seconds > self._left():
                    raise busy.after(seconds) from None
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


def background_budget(limits: Limits) -> WaitBudget:
    """Return the budget of work in the background: it never waits, and leaves room for people."""
    return WaitBudget(limits, seconds=0.0, share=BACKGROUND_SHARE)
