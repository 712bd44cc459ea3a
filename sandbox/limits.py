"""The rate limiter at the portal's edge: a leaky bucket per portal and source address.

50 requests fill it, 2 a second leak out, on an Enterprise plan 250 and 5; a batch is one request.
Beside it the per-method sums of
run time ("operating") over ten one-minute buckets.
"""

from __future__ import annotations

from collections import defaultdict
from threading import Lock

THRESHOLD = 50
LEAK_PER_SECOND = 2.0
ENTERPRISE = (250, 5.0)
OPERATING_LIMIT = 480.0
_COUNTED_FROM = 0.1
_WINDOW_MINUTES = 10


class LeakyBucket:
    def __init__(self, threshold: int = THRESHOLD, leak: float = LEAK_PER_SECOND) -> None:
        self.threshold = threshold
        self.leak = leak
        self._levels: dict[str, tuple[float, float]] = {}
        self._lock = Lock()

    def admit(self, source: str, now: float) -> bool:
        with self._lock:
            level, seen = self._levels.get(source, (0.0, now))
            level = max(0.0, level - (now - seen) * self.leak)
            admitted = level + 1 <= self.threshold
            self._levels[source] = (level + 1 if admitted else level, now)
        return admitted

    def reset(self) -> None:
        with self._lock:
            self._levels.clear()


class Operating:
    """Run time per (application or webhook, method)."""

    def __init__(self, limit: float = OPERATING_LIMIT) -> None:
        self.limit = limit
        self._minutes: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
        self._lock = Lock()

    def add(self, who: str, method: str, seconds: float, now: float) -> None:
        if seconds < _COUNTED_FROM:
            return
        with self._lock:
            minutes = self._minutes[who, method]
            minute = int(now // 60)
            minutes[minute] = minutes.get(minute, 0.0) + seconds

    def used(self, who: str, method: str, now: float) -> float:
        oldest = int(now // 60) - _WINDOW_MINUTES
        with self._lock:
            minutes = self._minutes.get((who, method), {})
            return sum(seconds for minute, seconds in minutes.items() if minute > oldest)

    def resets_at(self, now: float) -> int:
        return int(now) + _WINDOW_MINUTES * 60

    def exceeded(self, who: str, method: str, now: float) -> bool:
        return self.used(who, method, now) >= self.limit
