"""Threads that take turns: one runs at a time, and a seed decides which one is next."""

from __future__ import annotations

import threading
from collections.abc import Callable
from random import Random
from typing import Any


class Turns:
    """Runs jobs in threads that stop at each `step`."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - no secret
        self._here = threading.local()
        self._paused = threading.Event()

    def step(self, *_: object) -> None:
        """Let another thread go on. Does nothing outside of a job."""
        mine: threading.Event | None = getattr(self._here, "go", None)
        if mine is None:
            return
        mine.clear()
        self._paused.set()
        mine.wait()

    def run(self, *jobs: Callable[[], Any]) -> list[Any]:
        """Run the jobs, and return what each has returned or raised."""
        results: list[Any] = [None] * len(jobs)
        gates = [threading.Event() for _ in jobs]
        alive = set(range(len(jobs)))

        def work(number: int) -> None:
            self._here.go = gates[number]
            gates[number].wait()
            try:
                results[number] = jobs[number]()
            except Exception as error:
                results[number] = error
            alive.discard(number)
            self._paused.set()

        threads = [threading.Thread(target=work, args=(one,), daemon=True) for one in alive]
        for thread in threads:
            thread.start()
        while alive:
            self._paused.clear()
            gates[self.random.choice(sorted(alive))].set()
            self._paused.wait()
        for thread in threads:
            thread.join()
        return results
