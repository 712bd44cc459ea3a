"""Keeps requests within portals' limits. Sends again only where the portal did nothing.

It also keeps a portal that answers slowly from harming others (bitrix24/isolation).

`QUERY_LIMIT_EXCEEDED` comes from the portal's edge, so the call never ran. After any other trouble
it may have run, and only the caller knows how to continue: a save reads back first
(waitlist/records/save.py).
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import SystemRandom
from threading import Lock
from typing import TypeVar

from bitrix24.bucket import RequestBucket
from bitrix24.errors import Busy, Unresponsive
from bitrix24.isolation import browser_request
from bitrix24.isolation.breaker import CircuitBreaker
from bitrix24.isolation.bulkhead import Bulkhead
from bitrix24.times import PortalTimes

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


class Limits:
    """What all calls share: the request count (in `folder`), places, circuits, times."""

    def __init__(
        self,
        folder: Path | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.clock = clock
        self.sleep = sleep
        self.bucket = RequestBucket(folder, clock)
        self.times = PortalTimes(clock)
        self.bulkhead = Bulkhead()
        self.breaker = CircuitBreaker(clock)
        self.on_refusal: Callable[[str], None] = lambda _code: None

    def hold_place(self, portal: str, share: float) -> None:
        """Take one of the portal's places until the browser's request ends.

        Raises Unresponsive at once where too many others wait for this portal.
        """
        with self._refusals():
            self.bulkhead.hold(portal, share)

    def admit(self, host: str) -> None:
        """Raise Unresponsive, before a call is counted or waits, if its host hangs."""
        with self._refusals():
            self.breaker.admit(host)

    @contextmanager
    def calling(self, host: str, *, only_reads: bool = True) -> Iterator[None]:
        """Send one admitted call inside, and watch its outcome.

        Raises Unresponsive, before anything is sent, where other callers of the host have taken all
        its places, or where the browser's request has lasted too long.
        """
        with self._refusals():
            if request := browser_request.current():
                request.require_time(only_reads=only_reads)
            with self.bulkhead.visit(host), self.breaker.watch(host):
                yield

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except Unresponsive as error:
            self.on_refusal(error.code)
            raise


class WaitBudget:
    """The waiting time that all calls of one browser's request share, in any thread.

    It begins to run out with the first wait. Work in the `background` does not wait at all, and
    leaves a part of the portal's bucket for people.
    """

    def __init__(
        self,
        limits: Limits,
        seconds: float = WAIT_SECONDS,
        jitter: Callable[[], float] = _jitter,
        *,
        background: bool = False,
    ) -> None:
        self._limits = limits
        self._seconds = 0.0 if background else seconds
        self._jitter = jitter
        self._share = BACKGROUND_SHARE if background else 1.0
        self._until: float | None = None
        self._lock = Lock()

    def send(self, portal: str, request: Callable[[], Sent]) -> Sent:
        """Send, and again while the portal refuses. Raises Busy rather than wait any longer."""
        self._limits.admit(portal)
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
            left = self._seconds if self._until is None else self._until - self._limits.clock()
        return browser_request.seconds_left(left)

    def _wait(self, seconds: float) -> None:
        if seconds <= 0:
            return
        with self._lock:
            if self._until is None:
                self._until = self._limits.clock() + self._seconds
        self._limits.sleep(seconds)
