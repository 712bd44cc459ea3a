"""Recent changes of records, made in the app or outside it. Open pages poll them."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import delete, func, insert, select

from store.engine import Store, lock_portal, next_number
from store.schema import record_events

RETENTION = 7 * 24 * 3600
"""Seconds for which an event is kept. No page stays open longer without a reload."""
EPOCH = 1_767_225_600
"""The beginning of 2026. The numbers of events begin with the seconds since then."""
MOST = 1000
"""The most rows that one query reads."""


class Kind(StrEnum):
    """What is known of a record: that it changed, that it is gone, or only what an event says."""

    CHANGED = "changed"
    GONE = "gone"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class ChangedRecords:
    """IDs of changed records, and the `until` for the next query.

    Those that are `gone` need not be read. Of those that only an event has named, each is `unsure`
    for one reader, who finds out whether there is such a record.
    """

    records: frozenset[int]
    until: int
    gone: frozenset[int] = frozenset()
    unsure: frozenset[int] = frozenset()


class RecordEventStore(Store):
    def add(self, member_id: str, record_ids: Iterable[int], kind: Kind = Kind.CHANGED) -> None:
        """Add an event for each of these records, which were created, changed or removed.

        Replaces the earlier events of these records."""
        now = int(time.time())
        changed = list(record_ids)
        rows: list[dict[str, object]] = [
            {"member_id": member_id, "record_id": record_id, "happened_at": now, "kind": kind}
            for record_id in changed
        ]
        if not rows:
            return
        with self._engine.begin() as connection:
            # Without the lock, a page could see an event before one with a lower number.
            lock_portal(connection, member_id)
            # The numbers go on after all rows were deleted: a page may have seen a later one.
            first = next_number(connection, record_events.c.number, member_id, now - EPOCH)
            for number, row in enumerate(rows, first):
                row["number"] = number
            table = record_events.c
            earlier = (table.member_id == member_id, table.record_id.in_(set(changed)))
            connection.execute(delete(record_events).where(*earlier))
            connection.execute(insert(record_events), rows)

    def until(self, member_id: str) -> int:
        """Return the number of the latest event, or 0."""
        query = select(func.max(record_events.c.number)).where(
            record_events.c.member_id == member_id
        )
        return self._values(query)[0] or 0

    def since(self, member_id: str, until: int, most: int = MOST) -> ChangedRecords:
        """Return at most `most` records that changed after `until`. The next query has the rest."""
        table = record_events.c
        query = (
            select(table.number, table.record_id, table.kind)
            .where(table.member_id == member_id, table.number > until)
            .order_by(table.number)
            .limit(MOST)
        )
        found: dict[str, set[int]] = {kind: set() for kind in Kind}
        to_read: set[int] = set()
        for row in self._rows(query):
            if row.kind != Kind.GONE:
                if len(to_read) == most and row.record_id not in to_read:
                    break
                to_read.add(row.record_id)
            found[row.kind].add(row.record_id)
            until = row.number
        return ChangedRecords(
            records=frozenset(found[Kind.CHANGED]),
            until=until,
            gone=frozenset(found[Kind.GONE] - to_read),
            unsure=self._take(member_id, found[Kind.UNSURE]),
        )

    def _take(self, member_id: str, unsure: set[int]) -> frozenset[int]:
        """Take and return those unsure records that no other reader has taken."""
        if not unsure:
            return frozenset()
        table = record_events.c
        statement = delete(record_events).where(
            table.member_id == member_id, table.record_id.in_(unsure), table.kind == Kind.UNSURE
        )
        with self._engine.begin() as connection:
            return frozenset(connection.execute(statement.returning(table.record_id)).scalars())
