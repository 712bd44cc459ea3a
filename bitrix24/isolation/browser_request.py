"""The time that a request of a browser may take, and the place it holds.

All calls and waits of the request share both, in any thread with a copy of its context. Without a
request, as in commands of the operator, there is no limit and no place is taken.
"""

import time
from collections.abc import Callable
from contextvars import ContextVar
from threading import Lock

from bitrix24.errors import Unresponsive

OUT_OF_TIME = "OUT_OF_TIME"
"""Our own code for a call that was not begun because the request has lasted too long."""
TRY_AGAIN = 5.0
"""Seconds after which to try again where nothing better is known."""
WRITE_SHARE = 1 / 8
"""The part of the time that has to be left to begin a change: it may need to be read back."""


class BrowserRequest:
    """A request that began now and may take `seconds`."""

    def __init__(self, seconds: float) -> None:
        self._least_for_write = seconds * WRITE_SHARE
        self._until = time.monotonic() + seconds
        self._lock = Lock()
        self._leave: Callable[[], None] | None = None

    @property
    def seconds_left(self) -> float:
        return self._until - time.monotonic()

    def require_time(self, *, only_reads: bool) -> None:
        """Raise Unresponsive where too little time is left to begin a call."""
        if self.seconds_left <= (0.0 if only_reads else self._least_for_write):
            raise Unresponsive(OUT_OF_TIME, retry_after=TRY_AGAIN)

    @property
    def holds_place(self) -> bool:
        return self._leave is not None

    def hold(self, enter: Callable[[], Callable[[], None]]) -> None:
        """Take a place with `enter`, unless one is held. What it returns gives the place back."""
        with self._lock:
            if self._leave is None:
                self._leave = enter()

    def end(self) -> None:
        with self._lock:
            leave, self._leave = self._leave, None
        if leave:
            leave()


_current: ContextVar[BrowserRequest | None] = ContextVar("browser_request", default=None)


def begin(seconds: float) -> None:
    """Begin a request in this context, and end one that was left over."""
    end()
    _current.set(BrowserRequest(seconds))


def end() -> None:
    """End the request of this context, if there is one."""
    if request := _current.get():
        _current.set(None)
        request.end()


def current() -> BrowserRequest | None:
    return _current.get()


def seconds_left(longest: float) -> float:
    """Return how long a call or a wait may take, at most `longest`; never negative."""
    request = _current.get()
    return longest if request is None else max(0.0, min(longest, request.seconds_left))
