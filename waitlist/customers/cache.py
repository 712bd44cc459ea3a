"""Customers that the app has just read, in memory."""

import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress

from cachetools import FIFOCache, TTLCache

from waitlist.models import Customer, CustomerRef, Kind

CACHE_SECONDS = 300
CACHE_SIZE = 50_000
"""Customers of all users together. One with long texts counts as several."""
LONG = 250
"""Characters of a customer's texts that count as one more customer."""
Customers = Mapping[CustomerRef, tuple[float, Customer]]
"""What one user has seen, each with the time until which it is kept."""


class CustomerCache:
    """Customers that each user has just seen, never shared: CRM may show others to other users."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # By installation and user; the user who has been away longest makes room.
        self._customers: FIFOCache[tuple[str, int], Customers] = FIFOCache(CACHE_SIZE, _size)
        self._closed: TTLCache[tuple[str, int, Kind], bool] = TTLCache(CACHE_SIZE, CACHE_SECONDS)

    def get(self, installation: str, user_id: int, ref: CustomerRef) -> Customer | None:
        with self._lock:
            mine = self._customers.get((installation, user_id), {})
            until, customer = mine.get(ref, (0.0, None))
        return customer if until > time.monotonic() else None

    def all_of(self, installation: str, user_id: int) -> list[Customer]:
        """Return all customers that this user has seen in the last minutes."""
        now = time.monotonic()
        with self._lock:
            mine = list(self._customers.get((installation, user_id), {}).values())
        return [customer for until, customer in mine if until > now]

    def put(self, installation: str, user_id: int, customers: Iterable[Customer]) -> None:
        until = time.monotonic() + CACHE_SECONDS
        new = {customer.ref: (until, customer) for customer in customers}
        with self._lock:
            mine = self._customers.get((installation, user_id), {})
            # More than the whole size is not kept.
            with suppress(ValueError):
                self._customers[installation, user_id] = {**mine, **new}

    def closed(self, installation: str, user_id: int) -> bool | None:
        """Return whether this user may read no contacts or companies; None if unknown."""
        with self._lock:
            known = [self._closed.get((installation, user_id, kind)) for kind in Kind]
        if False in known:
            return False
        return True if all(known) else None

    def put_closed(self, installation: str, user_id: int, kind: Kind, closed: bool) -> None:
        with self._lock:
            self._closed[installation, user_id, kind] = closed


def _size(customers: Customers) -> int:
    return sum(
        1 + sum(map(len, (one.name or "", *one.phones, *one.emails))) // LONG
        for _, one in customers.values()
    )
