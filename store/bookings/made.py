"""Which records have become bookings with the app, and which came back. IDs only, no names.

A record that comes back from a booking has another ID. Its history moves to the new ID, and links
with the old ID lead there.
"""

import time
from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, and_, or_, select, update

from store.engine import Store, fields_in, lock_portal
from store.schema import bookings, calls, changes


@dataclass(frozen=True, slots=True)
class MadeBooking:
    """A booking made of a record. `back_record` is the record that came of it, or 0."""

    booking_id: int
    record_id: int
    user_id: int
    back_record: int = 0


class BookingStore(Store):
    """Safe for threads, processes and hosts."""

    def save(self, member_id: str, made: MadeBooking) -> None:
        """Save a booking. What is known of it already stays."""
        row = {**asdict(made), "member_id": member_id, "made_at": int(time.time())}
        self._write(self._insert(bookings).values(row).on_conflict_do_nothing())

    def move_back(self, member_id: str, booking_id: int, back_record: int) -> None:
        """Move history and links from the booking's record to the record that came back."""
        ours = bookings.c.member_id == member_id
        with self._engine.begin() as connection:
            lock_portal(connection, member_id)
            is_it = bookings.c.booking_id == booking_id
            old = connection.execute(select(bookings.c.record_id).where(ours, is_it)).scalar()
            if old is None:
                return
            led_here = or_(is_it, bookings.c.back_record == old)
            moved = update(bookings).where(ours, led_here).values(back_record=back_record)
            connection.execute(moved)
            for table in (changes, calls):
                history = and_(table.c.member_id == member_id, table.c.record_id == old)
                connection.execute(update(table).where(history).values(record_id=back_record))

    def of_record(self, member_id: str, record_id: int) -> MadeBooking | None:
        """Return the booking that this record has become."""
        return self._find(member_id, bookings.c.record_id == record_id)

    def find(self, member_id: str, booking_id: int) -> MadeBooking | None:
        return self._find(member_id, bookings.c.booking_id == booking_id)

    def _find(self, member_id: str, condition: ColumnElement[bool]) -> MadeBooking | None:
        newest = select(bookings).order_by(bookings.c.booking_id.desc()).limit(1)
        row = self._row(newest.where(bookings.c.member_id == member_id, condition))
        return MadeBooking(**fields_in(row, MadeBooking)) if row is not None else None
