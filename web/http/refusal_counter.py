"""Counts refused requests by their source, per process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from cachetools import TTLCache

REFUSALS_ALLOWED = 30
"""Refusals that one source may have at once."""
FORGIVEN_AFTER = 2.0
"""Seconds after which one refusal of a source no longer counts."""
SOURCES = 10_000


class RefusalCounter:
    """A leaky bucket of refusals for each source. The oldest sources are forgotten first."""

    def __init__(
        self,
        allowed: int = REFUSALS_ALLOWED,
        forgiven_after: float = FORGIVEN_AFTER,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._allowed = allowed
        self._forgiven_after = forgiven_after
        self._clock = clock
        self._lock = threading.Lock()
        self._levels: TTLCache[tuple[str, ...], tuple[float, float]] = TTLCache(
            SOURCES, ttl=(allowed + 1) * forgiven_after, timer=clock
        )

    def add(self, source: tuple[str, ...]) -> None:
        with self._lock:
            self._levels[source] = (self._level(source) + 1, self._clock())

    def forgive(self, source: tuple[str, ...]) -> None:
        """Take one refusal back."""
        with self._lock:
            self._levels[source] = (max(0.0, self._level(source) - 1), self._clock())

    def too_many(self, source: tuple[str, ...], allowed: int | None = None) -> bool:
        with self._lock:
            return self._level(source) + 1 > (self._allowed if allowed is None else allowed)

    def _level(self, source: tuple[str, ...]) -> float:
        now = self._clock()
        level, since = self._levels.get(source, (0.0, now))
        return max(0.0, level - (now - since) / self._forgiven_after)
