"""A portal's coming bookings as they were read last, and those gone since: the freed times.

IDs and times only, neither customers nor notes. One worker at a time reads them from the portal and
writes what it has found, so that no older answer overwrites a newer one. Events are only counted:
they do not tell what has changed, only that it is time to scan.
"""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine, delete, insert, select, update

from store.engine import Store, fields_in
from store.schema import booking_scans, coming_bookings

LEASE = 60
"""Seconds after which another worker may scan, if the one before has died."""


@dataclass(frozen=True, slots=True)
class KnownBooking:
    """A booking: times in seconds since 1970, and the zone in which they were chosen.

    One that is `freed` was booked at an earlier scan and is gone.
    """

    id: int
    resource_ids: tuple[int, ...]
    start: int
    end: int
    zone: str = ""
    freed: bool = False


@dataclass(frozen=True, slots=True)
class LastScan:
    """What is known of the last scan of a portal's bookings.

    `hints` have come from events, and `hints_scanned` of them came before the scan. `version` grows
    when a scan finds other freed times.
    """

    hints: int = 0
    hints_scanned: int = 0
    scanned_at: int = 0
    version: int = 0


@dataclass(frozen=True, slots=True)
class Scan:
    """The right of one worker to scan, begun after so many `hints`."""

    lease: str
    hints: int
    began_at: int


class BookingSnapshot(Store):
    """The coming bookings of one portal. Safe for threads, processes and hosts."""

    def __init__(self, engine: Engine, member_id: str) -> None:
        super().__init__(engine)
        self._member_id = member_id
        self._ours = coming_bookings.c.member_id == member_id
        self._our_scan = booking_scans.c.member_id == member_id

    def add_hint(self) -> None:
        """Note that bookings may have changed."""
        row = self._insert(booking_scans).values(member_id=self._member_id, hints=1)
        one_more = {"hints": booking_scans.c.hints + 1}
        self._write(row.on_conflict_do_update(index_elements=["member_id"], set_=one_more))

    def last_scan(self) -> LastScan:
        row = self._row(select(booking_scans).where(self._our_scan))
        return LastScan(**fields_in(row, LastScan)) if row is not None else LastScan()

    def begin_scan(self) -> Scan | None:
        """Claim the next scan. Returns None while another worker scans."""
        now, lease = int(time.time()), secrets.token_hex(8)
        row = self._insert(booking_scans).values(member_id=self._member_id)
        claim = (
            update(booking_scans)
            .where(self._our_scan, booking_scans.c.lease_until < now)
            .values(lease=lease, lease_until=now + LEASE)
            .returning(booking_scans.c.hints)
        )
        with self._engine.begin() as connection:
            connection.execute(row.on_conflict_do_nothing())
            hints = connection.execute(claim).scalar()
        return None if hints is None else Scan(lease, hints, now)

    def release_scan(self, scan: Scan) -> None:
        statement = update(booking_scans).where(self._our_scan, booking_scans.c.lease == scan.lease)
        self._write(statement.values(lease="", lease_until=0))

    def finish_scan(
        self,
        scan: Scan,
        before: Mapping[int, KnownBooking],
        after: Mapping[int, KnownBooking],
        *,
        differs: bool,
    ) -> bool:
        """Write what a scan has changed, and whether other times are free now.

        Returns False, and writes nothing, if another worker has begun to scan meanwhile.
        """
        gone = [one for one in before if before[one] != after.get(one)]
        rows = [self._as_row(one) for one in after.values() if one != before.get(one.id)]
        table = booking_scans.c
        done = {
            "lease": "",
            "lease_until": 0,
            "hints_scanned": scan.hints,
            "scanned_at": scan.began_at,
            "version": table.version + int(differs),
        }
        ours = update(booking_scans).where(self._our_scan, table.lease == scan.lease).values(done)
        with self._engine.begin() as connection:
            if not connection.execute(ours).rowcount:
                return False
            if gone:
                these = coming_bookings.c.booking_id.in_(gone)
                connection.execute(delete(coming_bookings).where(self._ours, these))
            if rows:
                connection.execute(insert(coming_bookings), rows)
        return True

    def all(self) -> dict[int, KnownBooking]:
        return {
            row.booking_id: KnownBooking(
                row.booking_id,
                tuple(map(int, row.resources.split(","))) if row.resources else (),
                row.start_at,
                row.end_at,
                row.zone,
                row.freed,
            )
            for row in self._rows(select(coming_bookings).where(self._ours))
        }

    def _as_row(self, one: KnownBooking) -> dict[str, object]:
        return {
            "member_id": self._member_id,
            "booking_id": one.id,
            "resources": ",".join(map(str, one.resource_ids)),
            "start_at": one.start,
            "end_at": one.end,
            "zone": one.zone,
            "freed": one.freed,
        }
