"""Measures the processor time of requests."""

from __future__ import annotations

import time
from collections.abc import Callable

BUDGET = 25
"""Loops that a request may take."""


TRIES = 3
"""The processor is slower for a moment where other programs use its caches."""


def is_within(budget: float, work: Callable[[], object]) -> bool:
    """Return whether some work keeps to a budget in one of a few tries."""
    return any(_seconds_of(work) < budget for _ in range(TRIES))


def _seconds_of(work: Callable[[], object]) -> float:
    """Return the processor time of this thread, not that of the sandbox's."""
    began = time.thread_time()
    work()
    return time.thread_time() - began


def budget_here() -> float:
    """Return the seconds for a request: the fastest of some loops, times BUDGET.

    So no machine is too slow for it.
    """
    return BUDGET * min(_seconds_of(lambda: sum(i % 7 for i in range(500_000))) for _ in range(5))
