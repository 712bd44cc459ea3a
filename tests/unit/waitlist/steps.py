"""A user's context on a fake portal."""

from __future__ import annotations

from unittest.mock import create_autospec

from bitrix24.client import PortalClient
from store.bookings.coming import ComingBookings
from waitlist.context import UserContext
from waitlist.customers.cache import CustomerCache
from waitlist.customers.reader import CustomerReader
from waitlist.idempotency import Attempts
from waitlist.open_writes import OpenWrites
from waitlist.sources.calls import Calls
from waitlist.sources.history import History
from waitlist.sources.made_bookings import MadeBookings
from waitlist.sources.next_bookings import NextBookingCache, NextBookings
from waitlist.sources.quirks import Quirks
from waitlist.sources.tracker import RecordTracker


def context_on(portal: PortalClient, quirks: Quirks | None = None) -> UserContext:
    """Return a context whose history and tracker store nothing."""
    return UserContext(
        client=portal,
        customers=CustomerReader(portal, CustomerCache(), "member", 1),
        user_names=lambda _: {},
        history=create_autospec(History, instance=True),
        tracker=create_autospec(RecordTracker, instance=True),
        quirks=quirks or Quirks(),
        attempts=create_autospec(Attempts, instance=True),
        writes=create_autospec(OpenWrites, instance=True),
        bookings=create_autospec(MadeBookings, instance=True),
        calls=create_autospec(Calls, instance=True),
        next_bookings=NextBookings(NextBookingCache(), "member", 1),
        coming=create_autospec(ComingBookings, instance=True),
        user_id=1,
    )
