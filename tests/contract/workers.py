"""Several processes that start the same work at the same moment."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.synchronize import Barrier
from types import TracebackType
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
PATIENCE = 60
"""Seconds after which a missing worker fails the test."""

_everybody: Barrier | None = None


class Workers:
    """A pool of `count` processes. `meet` runs work in all of them."""

    def __init__(self, count: int) -> None:
        # A child of this process would share open connections and held locks with the tests. So
        # they come from a server that has nothing but the modules, which it imports once for all.
        fresh = multiprocessing.get_context("forkserver")
        fresh.set_forkserver_preload(["tests.quick_app", "psycopg"])
        self._count = count
        self._pool = ProcessPoolExecutor(
            count, mp_context=fresh, initializer=_join, initargs=(fresh.Barrier(count),)
        )

    def meet(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> list[T]:
        """Run the work in each process at the same moment, and return the results."""
        futures = [
            self._pool.submit(_wait_and_work, work, args, kwargs) for _ in range(self._count)
        ]
        return [future.result() for future in futures]

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(cancel_futures=True)


def _join(barrier: Barrier) -> None:
    global _everybody
    _everybody = barrier


def _wait_and_work(
    work: Callable[..., T], args: tuple[object, ...], kwargs: dict[str, object]
) -> T:
    assert _everybody is not None
    _everybody.wait(PATIENCE)
    return work(*args, **kwargs)
