"""Which records have just changed, through the app or outside: open pages ask for it, to follow."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Engine, delete, func, insert, select

from store.engine import for_reading
from store.schema import happenings

KEPT = 3600
"""Seconds; who was away for longer reads the whole list again."""


@dataclass(frozen=True, slots=True)
class News:
    """The records that changed, and the `until` to ask with the next time."""

    records: frozenset[int]
    until: int


class HappeningStore:
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
            connection.execute(delete(happenings).where(happenings.c.happened_at < now - KEPT))
            connection.execute(insert(happenings), rows)

    def until(self, member_id: str) -> int:
        """Where a page begins that shows everything as it is now."""
        query = select(func.max(happenings.c.id)).where(happenings.c.member_id == member_id)
        with self._reading.begin() as connection:
            return connection.execute(query).scalar_one() or 0

    def since(self, member_id: str, until: int) -> News:
        """What happened after `until`."""
        table = happenings.c
        query = select(table.id, table.record_id).where(
            table.member_id == member_id, table.id > until
        )
        with self._reading.begin() as connection:
            rows = connection.execute(query).all()
        return News(
            frozenset(row.record_id for row in rows), max([until, *(row.id for row in rows)])
        )

    def delete_portal(self, member_id: str) -> None:
        """Forgets a whole portal."""
        with self._engine.begin() as connection:
            connection.execute(delete(happenings).where(happenings.c.member_id == member_id))
