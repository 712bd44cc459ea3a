"""Which records have become bookings with the app, and which came back. IDs only, no names.

A record that comes back from a booking has another ID. Its history moves to the new ID, and links
with the old ID lead there.
"""

import time
from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, Engine, or_, select, update

from store.engine import Store, fields_in, lock_portal
from store.pending.deferred import Deferred
from store.schema import bookings, calls, changes


@dataclass(frozen=True, slots=True)
class MadeBooking:
    """A booking made of a record. `back_record` is the record that came of it, or 0."""

    booking_id: int
    record_id: int
    user_id: int
    back_record: int = 0


class MadeBookings(Store):
    """The bookings that one portal's users have made with the app.

    What the database does not take now is stored later. Safe for threads, processes and hosts.
    """

    def __init__(self, engine: Engine, member_id: str, deferred: Deferred) -> None:
        super().__init__(engine)
        self._deferred = deferred
        self._member_id = member_id
        self._ours = bookings.c.member_id == member_id

    def note_booked(self, record_id: int, booking_id: int, user_id: int) -> None:
        """Save a booking. What is known of it already stays."""
        made = asdict(MadeBooking(booking_id, record_id, user_id))
        row = {**made, "member_id": self._member_id, "made_at": int(time.time())}
        insert = self._insert(bookings).values(row).on_conflict_do_nothing()
        self._deferred.run(lambda: self._write(insert))

    def note_moved_back(self, booking_id: int, back_record: int) -> None:
        """Move history and links from the booking's record to the record that came back."""
        self._deferred.run(lambda: self._move_back(booking_id, back_record))

    def of_record(self, record_id: int) -> MadeBooking | None:
        return self._find(bookings.c.record_id == record_id)

    def of_booking(self, booking_id: int) -> MadeBooking | None:
        return self._find(bookings.c.booking_id == booking_id)

    def _move_back(self, booking_id: int, back_record: int) -> None:
        with self._engine.begin() as connection:
            lock_portal(connection, self._member_id)
            is_it = bookings.c.booking_id == booking_id
            query = select(bookings.c.record_id).where(self._ours, is_it)
            old = connection.execute(query).scalar()
            if old is None:
                return
            led_here = or_(is_it, bookings.c.back_record == old)
            moved = update(bookings).where(self._ours, led_here).values(back_record=back_record)
            connection.execute(moved)
            for table in (changes, calls):
                history = (table.c.member_id == self._member_id, table.c.record_id == old)
                connection.execute(update(table).where(*history).values(record_id=back_record))

    def _find(self, condition: ColumnElement[bool]) -> MadeBooking | None:
        self._deferred.flush()
        newest = select(bookings).order_by(bookings.c.booking_id.desc()).limit(1)
        row = self._row(newest.where(self._ours, condition))
        return MadeBooking(**fields_in(row, MadeBooking)) if row is not None else None
