"""A portal's coming bookings as they were read last, and those gone since: the freed times.

IDs and times only, neither customers nor notes. One worker at a time reads them from the portal and
writes what it has found, so that no older answer overwrites a newer one. Events are only counted:
they do not tell what is true, but that it is time to look.
"""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine, delete, insert, select, update

from store.engine import Store, fields_in
from store.schema import booking_looks, coming_bookings

LEASE = 60
"""Seconds after which another worker may look, if the one before has died."""


@dataclass(frozen=True, slots=True)
class ComingBooking:
    """A booking: times in seconds since 1970, and the zone in which they were chosen.

    One that is `freed` was booked at an earlier look and is gone.
    """

    id: int
    resource_ids: tuple[int, ...]
    start: int
    end: int
    zone: str = ""
    freed: bool = False


@dataclass(frozen=True, slots=True)
class LastLook:
    """What is known of the last look at a portal's bookings.

    `hints` have come from events, and `heeded` of them came before the look. `version` grows
    when a look finds other freed times.
    """

    hints: int = 0
    heeded: int = 0
    looked_at: int = 0
    version: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """The right of one worker to look, begun after so many `hints`."""

    word: str
    hints: int
    began_at: int


class ComingBookings(Store):
    """The coming bookings of one portal. Safe for threads, processes and hosts."""

    def __init__(self, engine: Engine, member_id: str) -> None:
        super().__init__(engine)
        self._member_id = member_id
        self._ours = coming_bookings.c.member_id == member_id
        self._our_look = booking_looks.c.member_id == member_id

    def hint(self) -> None:
        """Note that bookings may have changed."""
        row = self._insert(booking_looks).values(member_id=self._member_id, hints=1)
        one_more = {"hints": booking_looks.c.hints + 1}
        self._write(row.on_conflict_do_update(index_elements=["member_id"], set_=one_more))

    def last_look(self) -> LastLook:
        row = self._row(select(booking_looks).where(self._our_look))
        return LastLook(**fields_in(row, LastLook)) if row is not None else LastLook()

    def begin(self) -> Look | None:
        """Claim the next look. Returns None while another worker looks."""
        now, word = int(time.time()), secrets.token_hex(8)
        row = self._insert(booking_looks).values(member_id=self._member_id)
        claim = (
            update(booking_looks)
            .where(self._our_look, booking_looks.c.lease_until < now)
            .values(lease=word, lease_until=now + LEASE)
            .returning(booking_looks.c.hints)
        )
        with self._engine.begin() as connection:
            connection.execute(row.on_conflict_do_nothing())
            hints = connection.execute(claim).scalar()
        return None if hints is None else Look(word, hints, now)

    def release(self, look: Look) -> None:
        """Give up a look that has failed."""
        statement = update(booking_looks).where(self._our_look, booking_looks.c.lease == look.word)
        self._write(statement.values(lease="", lease_until=0))

    def finish(
        self,
        look: Look,
        before: Mapping[int, ComingBooking],
        after: Mapping[int, ComingBooking],
        *,
        differs: bool,
    ) -> bool:
        """Write what a look has changed, and whether other times are free now.

        Returns False, and writes nothing, if another worker has begun to look meanwhile.
        """
        gone = [one for one in before if before[one] != after.get(one)]
        rows = [self._as_row(one) for one in after.values() if one != before.get(one.id)]
        table = booking_looks.c
        done = {
            "lease": "",
            "lease_until": 0,
            "heeded": look.hints,
            "looked_at": look.began_at,
            "version": table.version + int(differs),
        }
        ours = update(booking_looks).where(self._our_look, table.lease == look.word).values(done)
        with self._engine.begin() as connection:
            if not connection.execute(ours).rowcount:
                return False
            if gone:
                these = coming_bookings.c.booking_id.in_(gone)
                connection.execute(delete(coming_bookings).where(self._ours, these))
            if rows:
                connection.execute(insert(coming_bookings), rows)
        return True

    def all(self) -> dict[int, ComingBooking]:
        return {
            row.booking_id: ComingBooking(
                row.booking_id,
                tuple(map(int, row.resources.split(","))) if row.resources else (),
                row.start_at,
                row.end_at,
                row.zone,
                row.freed,
            )
            for row in self._rows(select(coming_bookings).where(self._ours))
        }

    def _as_row(self, one: ComingBooking) -> dict[str, object]:
        return {
            "member_id": self._member_id,
            "booking_id": one.id,
            "resources": ",".join(map(str, one.resource_ids)),
            "start_at": one.start,
            "end_at": one.end,
            "zone": one.zone,
            "freed": one.freed,
        }
