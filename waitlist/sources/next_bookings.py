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
        self.lock = threading.Lock()
        self.known: TTLCache[tuple[str, int, CustomerRef], Moment | None] = TTLCache(MOST, SECONDS)


class NextBookings:
    """The next bookings that one user of a portal has lately asked for."""

    def __init__(self, cache: NextBookingCache, installation: str, user_id: int) -> None:
        self._lock, self._known = cache.lock, cache.known
        self._installation = installation
        self._user_id = user_id

    def known(self, refs: Iterable[CustomerRef]) -> NextByRef:
        keys = {ref: (self._installation, self._user_id, ref) for ref in refs}
        with self._lock:
            return {ref: self._known[key] for ref, key in keys.items() if key in self._known}

    def note(self, found: NextByRef) -> None:
        with self._lock:
            for ref, moment in found.items():
                self._known[self._installation, self._user_id, ref] = moment

    def forget(self, refs: Iterable[CustomerRef]) -> None:
        """Forget customers whose bookings have just changed, for all users."""
        gone = set(refs)
        with self._lock:
            for key in list(self._known):
                if key[0] == self._installation and key[2] in gone:
                    self._known.pop(key, None)
