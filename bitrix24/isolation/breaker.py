"""A circuit breaker for each host: a call to a host that hangs fails at once.

After some calls in a row without an answer, calls are refused for a while. Then one call is let
through, and its outcome decides. Only calls that took long count, as only they hold a thread; a
refused or reset connection costs nothing. Why no library does this: docs/dependencies.md.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

from cachetools import TTLCache

from bitrix24.errors import NoAnswer, PortalError, Unresponsive

HANGS = 3
"""After so many calls in a row without an answer, a host counts as hanging."""
HANG_SECONDS = 0.9
"""A call that failed sooner does not count: it held a thread for a moment only."""
WINDOW = 120.0
"""Calls without an answer are remembered until so many seconds after the last one."""
PAUSE = 15.0
"""Seconds between two calls that try whether a host answers again."""
HOSTS = 10_000
CIRCUIT_OPEN = "CIRCUIT_OPEN"
"""Our own code for a call that was not sent because the host does not answer."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Circuit:
    hangs: int = 0
    retry_at: float = 0.0


class CircuitBreaker:
    """The circuits of a process. Shared by all threads."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._circuits: TTLCache[str, _Circuit] = TTLCache(HOSTS, WINDOW, timer=clock)

    @property
    def open_circuits(self) -> int:
        with self._lock:
            return sum(circuit.hangs >= HANGS for circuit in self._circuits.values())

    def admit(self, host: str) -> None:
        """Let a call pass, or raise Unresponsive at once while the circuit is open."""
        with self._lock:
            circuit = self._circuits.get(host)
            if circuit is None or circuit.hangs < HANGS:
                return
            now = self._clock()
            if (wait := circuit.retry_at - now) > 0:
                raise Unresponsive(CIRCUIT_OPEN, retry_after=wait)
            circuit.retry_at = now + PAUSE

    @contextmanager
    def watch(self, host: str) -> Iterator[None]:
        """Note the outcome of a call that was admitted."""
        began = self._clock()
        try:
            yield
        except NoAnswer:
            if self._clock() - began >= HANG_SECONDS:
                self._note_hang(host)
            raise
        except PortalError:
            self._close(host)
            raise
        self._close(host)

    def _note_hang(self, host: str) -> None:
        with self._lock:
            circuit = self._circuits.get(host, _Circuit())
            circuit.hangs += 1
            circuit.retry_at = self._clock() + PAUSE
            self._circuits[host] = circuit  # again, so that the window begins now
        if circuit.hangs == HANGS:
            log.warning("%s does not answer; its users are told so at once until it does", host)

    def _close(self, host: str) -> None:
        with self._lock:
            self._circuits.pop(host, None)
