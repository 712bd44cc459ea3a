"""Counts refused requests by their source, per process."""

from __future__ import annotations

import threading
import time

from cachetools import TTLCache

REFUSALS_ALLOWED = 30
"""Refusals that one source may have at once."""
FORGIVEN_AFTER = 2.0
"""Seconds after which one refusal of a source no longer counts."""
SOURCES = 10_000


class RefusalCounter:
    """A leaky bucket of refusals for each source. The oldest sources are forgotten first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._levels: TTLCache[tuple[str, ...], tuple[float, float]] = TTLCache(
            SOURCES, ttl=(REFUSALS_ALLOWED + 1) * FORGIVEN_AFTER
        )

    def add(self, source: tuple[str, ...]) -> None:
        with self._lock:
            self._levels[source] = (self._level(source) + 1, time.monotonic())

    def forgive(self, source: tuple[str, ...]) -> None:
        """Take one refusal back."""
        with self._lock:
            self._levels[source] = (max(0.0, self._level(source) - 1), time.monotonic())

    def too_many(self, source: tuple[str, ...], allowed: int = REFUSALS_ALLOWED) -> bool:
        with self._lock:
            return self._level(source) >= allowed

    def _level(self, source: tuple[str, ...]) -> float:
        level, since = self._levels.get(source, (0.0, time.monotonic()))
        return max(0.0, level - (time.monotonic() - since) / FORGIVEN_AFTER)
