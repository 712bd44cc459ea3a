"""Which records have just changed, through the app or outside: open pages ask for it, to follow."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Engine, delete, func, insert, select

from store.engine import for_reading, lock_portal
from store.schema import record_events

KEPT = 7 * 24 * 3600
"""Seconds; no page stays open for longer without being read anew."""
MOST = 1000
"""Rows that one question reads."""


@dataclass(frozen=True, slots=True)
class News:
    """The records that changed, and the `until` to ask with the next time."""

    records: frozenset[int]
    until: int


class RecordEventStore:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = for_reading(engine)

    def add(self, member_id: str, record_ids: Iterable[int]) -> None:
        """Notes that these records were added, changed or removed."""
        now = int(time.time())
        rows = [
            {"member_id": member_id, "record_id": record_id, "happened_at": now}
            for record_id in record_ids
        ]
        if not rows:
            return
        with self._engine.begin() as connection:
            # So that no page sees a later number before an earlier one.
            lock_portal(connection, member_id)
            connection.execute(
                delete(record_events).where(record_events.c.happened_at < now - KEPT)
            )
            connection.execute(insert(record_events), rows)

    def until(self, member_id: str) -> int:
        """Where a page begins that shows everything as it is now."""
        query = select(func.max(record_events.c.id)).where(record_events.c.member_id == member_id)
        with self._reading.begin() as connection:
            return connection.execute(query).scalar_one() or 0

    def newest_record(self, member_id: str) -> int:
        """The latest record to which something has happened; 0 where there is none."""
        query = select(func.max(record_events.c.record_id)).where(
            record_events.c.member_id == member_id
        )
        with self._reading.begin() as connection:
            return connection.execute(query).scalar_one() or 0

    def since(self, member_id: str, until: int, most: int = MOST) -> News:
        """What happened after `until`, to no more than so many records: the next time tells of
        the others."""
        table = record_events.c
        query = (
            select(table.id, table.record_id)
            .where(table.member_id == member_id, table.id > until)
            .order_by(table.id)
            .limit(MOST)
        )
        records: set[int] = set()
        with self._reading.begin() as connection:
            for row in connection.execute(query):
                if len(records) == most and row.record_id not in records:
                    break
                records.add(row.record_id)
                until = row.id
        return News(frozenset(records), until)
