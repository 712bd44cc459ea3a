"""Remembers which records became bookings and came back. Old links lead there."""

from store.bookings.made import BookingStore, MadeBooking
from waitlist.deferred import Deferred


class MadeBookings:
    """The bookings that one portal's users have made with the app."""

    def __init__(self, store: BookingStore, deferred: Deferred, member_id: str) -> None:
        self._store = store
        self._deferred = deferred
        self._member_id = member_id

    def note_booked(self, record_id: int, booking_id: int, user_id: int) -> None:
        made = MadeBooking(booking_id, record_id, user_id)
        self._deferred.run(lambda: self._store.save(self._member_id, made))

    def note_moved_back(self, booking_id: int, record_id: int) -> None:
        """Note which record a booking has become. The history of the former record moves there."""
        self._deferred.run(lambda: self._store.move_back(self._member_id, booking_id, record_id))

    def of_record(self, record_id: int) -> MadeBooking | None:
        self._deferred.flush()
        return self._store.of_record(self._member_id, record_id)

    def of_booking(self, booking_id: int) -> MadeBooking | None:
        """Return which record has become this booking, or None."""
        self._deferred.flush()
        return self._store.find(self._member_id, booking_id)
