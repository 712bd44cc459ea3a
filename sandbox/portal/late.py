"""Calls that a portal carries out after their caller has left."""

import threading
from collections.abc import Callable

from sandbox.core.clock import Clock


class LateCalls:
    """Calls in the order in which they are due, by the sandbox's clock.

    With `manual` set, no timer carries them out, only `run_due` and `run_all`.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.manual = False
        self._calls: list[tuple[float, Callable[[], object]]] = []
        self._lock = threading.Lock()

    def add(self, seconds: float, call: Callable[[], object]) -> None:
        """Carry out a call after these seconds of the sandbox's clock."""
        with self._lock:
            self._calls.append((self._clock.now() + seconds, call))
            self._calls.sort(key=lambda due: due[0])
        if self.manual:
            return
        timer = threading.Timer(seconds, self.run_due)
        timer.daemon = True
        timer.start()

    def run_due(self) -> None:
        """Carry out what is due by now."""
        self._run(self._clock.now())

    def run_all(self) -> None:
        """Carry out everything now."""
        self._run(float("inf"))

    def clear(self) -> None:
        with self._lock:
            self._calls.clear()

    def __len__(self) -> int:
        return len(self._calls)

    def _run(self, now: float) -> None:
        while True:
            with self._lock:
                if not self._calls or self._calls[0][0] > now:
                    return
                _, call = self._calls.pop(0)
            call()
