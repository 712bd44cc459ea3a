"""What all work on a waiting list needs: one user of one portal."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from bitrix24.client import PortalClient
from store.bookings.made import MadeBookings
from store.bookings.snapshot import BookingSnapshot
from waitlist.customers.reader import CustomerReader
from waitlist.idempotency import Attempts
from waitlist.pending_writes import PendingWrites
from waitlist.sources.calls import Calls
from waitlist.sources.history import History
from waitlist.sources.next_bookings import NextBookings
from waitlist.sources.quirks import Quirks
from waitlist.sources.resource_names import ResourceNames
from waitlist.sources.tracker import RecordTracker


@dataclass(frozen=True, slots=True)
class UserContext:
    """What one user sees of a portal, and what the app remembers of both.

    `user_names` returns the known names of users by their IDs.
    """

    client: PortalClient
    customers: CustomerReader
    history: History
    user_names: Callable[[Iterable[int]], dict[int, str]]
    tracker: RecordTracker
    quirks: Quirks
    attempts: Attempts
    writes: PendingWrites
    bookings: MadeBookings
    calls: Calls
    next_bookings: NextBookings
    booking_snapshot: BookingSnapshot
    user_id: int

    @property
    def today(self) -> date:
        """Return the portal's current day, by which the app counts how long records wait."""
        return self.client.today()

    @property
    def resources(self) -> ResourceNames:
        return ResourceNames(self.quirks, self.client.portal)
