"""Counts events of many sources, such as refused requests, in each process."""

import threading
import time
from collections.abc import Callable

from cachetools import TLRUCache

SOURCES = 10_000
Source = tuple[str, ...]


class LeakyBuckets:
    """A leaky bucket for each source: it loses one in `leak_seconds`, until it is empty.

    Of too many sources, those used longest ago are forgotten.
    """

    def __init__(
        self, capacity: int, leak_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._capacity = capacity
        self._leak_seconds = leak_seconds
        self._clock = clock
        self._lock = threading.Lock()
        # Each bucket is kept until it is empty, however full it was.
        self._levels: TLRUCache[Source, tuple[float, float]] = TLRUCache(
            SOURCES, ttu=lambda _, kept, now: now + kept[0] * leak_seconds, timer=clock
        )

    def try_add(self, source: Source) -> bool:
        """Add one unless it does not fit, and return whether it did."""
        with self._lock:
            level = self._level(source) + 1
            if level > self._capacity:
                return False
            self._levels[source] = (level, self._clock())
            return True

    def add(self, source: Source) -> None:
        with self._lock:
            self._levels[source] = (self._level(source) + 1, self._clock())

    def take_back(self, source: Source) -> None:
        """Take out what was added last."""
        with self._lock:
            self._levels[source] = (max(0.0, self._level(source) - 1), self._clock())

    def is_full(self, source: Source, capacity: int | None = None) -> bool:
        """Return whether one more does not fit. `capacity` replaces that of the others."""
        with self._lock:
            return self._level(source) + 1 > (self._capacity if capacity is None else capacity)

    def _level(self, source: Source) -> float:
        now = self._clock()
        level, since = self._levels.get(source, (0.0, now))
        return max(0.0, level - (now - since) / self._leak_seconds)
