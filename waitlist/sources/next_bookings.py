"""Remembers for a short while when customers come next. In memory, without names."""

import threading
from collections.abc import Iterable, Mapping

from cachetools import TTLCache

from waitlist.models import CustomerRef
from waitlist.sources.bookings import Moment

SECONDS = 120
MOST = 50_000
"""Customers of all users together."""

NextByRef = Mapping[CustomerRef, Moment | None]
"""When the next booking of a customer begins; None without one."""


class NextBookingCache:
    """What portals have answered to each user, for a short while. All threads share one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: TTLCache[tuple[str, int, CustomerRef], Moment | None] = TTLCache(MOST, SECONDS)

    def get(self, installation: str, user_id: int, refs: Iterable[CustomerRef]) -> NextByRef:
        with self._lock:
            keys = {ref: (installation, user_id, ref) for ref in refs}
            return {ref: self._known[key] for ref, key in keys.items() if key in self._known}

    def put(self, installation: str, user_id: int, found: NextByRef) -> None:
        with self._lock:
            for ref, one in found.items():
                self._known[installation, user_id, ref] = one

    def forget(self, installation: str, refs: Iterable[CustomerRef]) -> None:
        """Forget customers of a portal for all users."""
        gone = set(refs)
        with self._lock:
            for key in [one for one in self._known if one[0] == installation and one[2] in gone]:
                self._known.pop(key, None)


class NextBookings:
    """The next bookings that one user of a portal has lately asked for."""

    def __init__(self, cache: NextBookingCache, installation: str, user_id: int) -> None:
        self._cache = cache
        self._installation = installation
        self._user_id = user_id

    def known(self, refs: Iterable[CustomerRef]) -> NextByRef:
        return self._cache.get(self._installation, self._user_id, refs)

    def note(self, found: NextByRef) -> None:
        self._cache.put(self._installation, self._user_id, found)

    def forget(self, refs: Iterable[CustomerRef]) -> None:
        """Forget customers whose bookings have just changed, for all users."""
        self._cache.forget(self._installation, refs)
