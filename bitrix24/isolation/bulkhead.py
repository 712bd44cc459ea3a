"""Leaves threads to the others, however many requests wait for one host.

A request takes a place for the portal that it works for. One host may take half as many places as
are still free: alone it gets about a third of the threads, and the more hosts have crowds, the
fewer places each gets. An eighth of the threads is kept for the first requests of other hosts. This
is the dynamic threshold that switches use to share their memory (Choudhury and Hahne, 1998).
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Lock

from bitrix24.errors import Unresponsive
from bitrix24.isolation import browser_request
from bitrix24.isolation.browser_request import TRY_AGAIN

THREADS = 128
"""Threads of a worker, unless gunicorn says otherwise (gunicorn.conf.py)."""
SHARE_OF_FREE, RESERVE = 1 / 2, 1 / 8
CROWDED = "CROWDED"
"""Our own code for a request that was refused because too many others wait for the same host."""


class Bulkhead:
    """The places of a process. Shared by all threads."""

    def __init__(self, threads: int = THREADS) -> None:
        self.threads = threads
        self._taken: Counter[str] = Counter()
        self._lock = Lock()

    @property
    def taken(self) -> int:
        """Return the number of places in use."""
        with self._lock:
            return self._taken.total()

    def hold(self, host: str, share: float = 1.0) -> None:
        """Take a place until the browser's request ends; its later calls need no other.

        `share` is the part of the host's places that may be in use. Raises Unresponsive at once
        where there is none.
        """
        if request := browser_request.current():
            request.hold(partial(self._enter, host, share))

    @contextmanager
    def visit(self, host: str) -> Iterator[None]:
        """Take a place for one call, unless its thread has one already. Raises Unresponsive."""
        request = browser_request.current()
        if request is None or request.holds_place:
            yield
            return
        leave = self._enter(host, 1.0)
        try:
            yield
        finally:
            leave()

    def _enter(self, host: str, share: float) -> Callable[[], None]:
        with self._lock:
            if not self._has_room(self._taken[host], share):
                raise Unresponsive(CROWDED, retry_after=TRY_AGAIN)
            self._taken[host] += 1
        return partial(self._leave, host)

    def _has_room(self, taken_by_host: int, share: float) -> bool:
        free = self.threads - self._taken.total()
        if not taken_by_host:
            return free > 0
        room = free - int(self.threads * RESERVE)
        return taken_by_host < room * SHARE_OF_FREE * share

    def _leave(self, host: str) -> None:
        with self._lock:
            self._taken[host] -= 1
            if not self._taken[host]:
                del self._taken[host]
