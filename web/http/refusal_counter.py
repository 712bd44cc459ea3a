"""Counts refused requests by where they come from."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict

REFUSALS_ALLOWED = 30
"""RefusalCounter at once from one source; one more is forgiven every `FORGIVEN_AFTER` seconds."""
FORGIVEN_AFTER = 2.0
SOURCES = 10_000


class RefusalCounter:
    """A leaky bucket of refusals for each source, the oldest sources forgotten first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._levels: OrderedDict[tuple[str, ...], tuple[float, float]] = OrderedDict()

    def add(self, source: tuple[str, ...]) -> None:
        with self._lock:
            self._levels[source] = (self._level(source) + 1, time.monotonic())
            self._levels.move_to_end(source)
            while len(self._levels) > SOURCES:
                self._levels.popitem(last=False)

    def too_many(self, source: tuple[str, ...]) -> bool:
        with self._lock:
            return self._level(source) >= REFUSALS_ALLOWED

    def _level(self, source: tuple[str, ...]) -> float:
        level, since = self._levels.get(source, (0.0, time.monotonic()))
        return max(0.0, level - (time.monotonic() - since) / FORGIVEN_AFTER)
