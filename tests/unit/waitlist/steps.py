"""A user's context on a fake portal."""

from __future__ import annotations

from unittest.mock import Mock

from bitrix24.client import PortalClient
from store.bookings.made import MadeBookings
from store.bookings.snapshot import BookingSnapshot
from waitlist.context import UserContext
from waitlist.customers.cache import CustomerCache
from waitlist.customers.reader import CustomerReader
from waitlist.idempotency import Attempts
from waitlist.pending_writes import PendingWrites
from waitlist.sources.calls import Calls
from waitlist.sources.history import History
from waitlist.sources.next_bookings import NextBookingCache, NextBookings
from waitlist.sources.quirks import Quirks
from waitlist.sources.tracker import RecordTracker


def context_on(portal: PortalClient, quirks: Quirks | None = None) -> UserContext:
    """Return a context whose history and tracker store nothing.

    The type checker knows how these are called. Mocks that check it take thirty times as long.
    """
    return UserContext(
        client=portal,
        customers=CustomerReader(portal, CustomerCache(), "member", 1),
        user_names=lambda _: {},
        history=Mock(spec_set=History),
        tracker=Mock(spec_set=RecordTracker),
        quirks=quirks or Quirks(),
        attempts=Mock(spec_set=Attempts),
        writes=Mock(spec_set=PendingWrites),
        bookings=Mock(spec_set=MadeBookings),
        calls=Mock(spec_set=Calls),
        next_bookings=NextBookings(NextBookingCache(), "member", 1),
        booking_snapshot=Mock(spec_set=BookingSnapshot),
        user_id=1,
    )
