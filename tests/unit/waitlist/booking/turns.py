"""Threads that take turns: one runs at a time, and a seed decides which one is next."""

from __future__ import annotations

import threading
from collections.abc import Callable
from random import Random
from typing import Any


class Turns:
    """Runs jobs in threads, one of which goes on at each `step`."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - no secret
        self._here = threading.local()
        self._gates: dict[int, threading.Lock] = {}

    def step(self, *_: object) -> None:
        """Let another thread go on, or the same. Does nothing outside of a job."""
        mine: threading.Lock | None = getattr(self._here, "gate", None)
        if mine is not None and (chosen := self._choose()) is not mine:
            chosen.release()
            mine.acquire()

    def _choose(self) -> threading.Lock:
        return self._gates[self.random.choice(sorted(self._gates))]

    def run(self, *jobs: Callable[[], Any]) -> list[Any]:
        """Run the jobs, and return what each has returned or raised."""
        results: list[Any] = [None] * len(jobs)
        self._gates = {number: threading.Lock() for number in range(len(jobs))}
        for gate in self._gates.values():
            gate.acquire()

        def work(number: int) -> None:
            self._here.gate = self._gates[number]
            self._here.gate.acquire()
            try:
                results[number] = jobs[number]()
            except Exception as error:
                results[number] = error
            del self._gates[number]
            if self._gates:
                self._choose().release()

        threads = [threading.Thread(target=work, args=(one,), daemon=True) for one in self._gates]
        for thread in threads:
            thread.start()
        self._choose().release()
        for thread in threads:
            thread.join()
        return results
