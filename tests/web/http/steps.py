"""Measures the processor time of requests."""

from __future__ import annotations

import time
from collections.abc import Callable

BUDGET = 25
"""Loops that a request may take."""


def seconds_of(work: Callable[[], object]) -> float:
    """Return the processor time of this thread, not that of the sandbox's."""
    began = time.thread_time()
    work()
    return time.thread_time() - began


def budget_here() -> float:
    """Return the seconds for a request: the fastest of some loops, times BUDGET.

    So no machine is too slow for it.
    """
    return BUDGET * min(seconds_of(lambda: sum(i % 7 for i in range(500_000))) for _ in range(5))
