"""Counts refused requests by address."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict

REFUSALS_ALLOWED = 30
"""Refusals at once from one address; one more is forgiven every `FORGIVEN_AFTER` seconds."""
FORGIVEN_AFTER = 2.0
ADDRESSES = 10_000


class Refusals:
    """A leaky bucket of refusals for each address, the oldest addresses forgotten first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def add(self, address: str) -> None:
        with self._lock:
            self._levels[address] = (self._level(address) + 1, time.monotonic())
            self._levels.move_to_end(address)
            while len(self._levels) > ADDRESSES:
                self._levels.popitem(last=False)

    def too_many(self, address: str) -> bool:
        with self._lock:
            return self._level(address) >= REFUSALS_ALLOWED

    def _level(self, address: str) -> float:
        level, since = self._levels.get(address, (0.0, time.monotonic()))
        return max(0.0, level - (time.monotonic() - since) / FORGIVEN_AFTER)
