"""The two limits of a portal: the rate of requests, and the run time of a method.

The rate limit is a leaky bucket per portal and source address. It holds 50 requests and loses 2 per
second, on an Enterprise plan 250 and 5; a batch is one request. The run time ("operating") of a
method is summed up over ten one-minute buckets.
"""

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
        """Count a request; returns False, and does not count it, when the bucket is full."""
        with self._lock:
            level, seen = self._levels.get(source, (0.0, now))
            level = max(0.0, level - (now - seen) * self.leak)
            admitted = level + 1 <= self.threshold
            self._levels[source] = (level + 1 if admitted else level, now)
        return admitted

    def reset(self) -> None:
        with self._lock:
            self._levels.clear()


class OperatingTime:
    """Run time per caller (application or webhook) and method, in seconds.

    Source: rest/lib/engine/access/loadlimiter.php. Times are in seconds since 1970.
    """

    def __init__(self, limit: float = OPERATING_LIMIT) -> None:
        self.limit = limit
        # By minute: the first moment that is counted in it, and the sum.
        self._minutes: dict[tuple[str, str], dict[int, tuple[float, float]]] = defaultdict(dict)
        self._lock = Lock()

    def add(self, caller: str, method: str, seconds: float, now: float) -> None:
        if seconds <= _COUNTED_FROM:
            return
        with self._lock:
            minutes = self._minutes[caller, method]
            first, total = minutes.get(int(now // 60), (now, 0.0))
            minutes[int(now // 60)] = (first, total + seconds)

    def used(self, caller: str, method: str, now: float) -> float:
        return sum(seconds for _, seconds in self._counted(caller, method, now))

    def resets_at(self, caller: str, method: str, now: float) -> int:
        """Return when the oldest part of the sum expires; an empty sum counts from now."""
        first = min((first for first, _ in self._counted(caller, method, now)), default=now)
        return int(first) + _WINDOW_MINUTES * 60

    def is_exceeded(self, caller: str, method: str, now: float) -> bool:
        return self.used(caller, method, now) > self.limit

    def _counted(self, caller: str, method: str, now: float) -> list[tuple[float, float]]:
        oldest = int(now // 60) - _WINDOW_MINUTES
        with self._lock:
            minutes = self._minutes.get((caller, method), {})
            return [row for minute, row in minutes.items() if minute > oldest]
