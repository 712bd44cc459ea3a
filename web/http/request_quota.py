"""The requests that one portal may send to a worker, whatever their addresses."""

import time
from collections.abc import Callable

from bitrix24.errors import Busy
from web.http.leaky_buckets import LeakyBuckets

AT_ONCE = 1200
A_SECOND = 60
"""A page that is open sends a request every eight seconds, so some hundred people are within it."""
QUOTA = "QUOTA"
"""Our own code for a request that was not served."""
RETRY_AFTER = 10.0


class QuotaExceeded(Busy):
    """The portal's pages and events have sent too many requests."""


class RequestQuota:
    """Counts the requests of each portal in this process. Shared by all threads."""

    def __init__(
        self,
        at_once: int = AT_ONCE,
        a_second: float = A_SECOND,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._buckets = LeakyBuckets(at_once, 1 / a_second, clock)

    def take(self, member_id: str) -> None:
        """Count a request of a portal that is known to be it. Raises QuotaExceeded."""
        if not self._buckets.try_add((member_id,)):
            raise QuotaExceeded(QUOTA, retry_after=RETRY_AFTER)
