"""The history of records: what the app changed, and which user did it. IDs only, no names."""

import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, insert, select

from store.deletion import delete_all
from store.engine import Store, lock_portal, next_number
from store.schema import changes

NEWEST = 50
"""The number of changes that the history of a record shows."""


@dataclass(frozen=True, slots=True)
class Change:
    """One save. `id` is its number within the portal.

    `before` and `after` are customer keys such as `CONTACT:5`, in order.
    """

    id: int
    record_id: int
    user_id: int
    before: tuple[str, ...]
    after: tuple[str, ...]
    made_at: int


class ChangeStore(Store):
    def add(
        self,
        member_id: str,
        record_id: int,
        user_id: int,
        before: tuple[str, ...],
        after: tuple[str, ...],
    ) -> int:
        """Add one change and return its id."""
        with self._engine.begin() as connection:
            lock_portal(connection, member_id)
            number = next_number(connection, changes.c.number, member_id)
            connection.execute(
                insert(changes).values(
                    member_id=member_id,
                    number=number,
                    record_id=record_id,
                    user_id=user_id,
                    before=",".join(before),
                    after=",".join(after),
                    made_at=int(time.time()),
                )
            )
        return number

    def delete(self, member_id: str) -> None:
        delete_all(self._engine, changes, changes.c.member_id == member_id)

    def find(self, member_id: str, record_id: int, change_id: int) -> Change | None:
        """Return a change if it belongs to this record of this portal."""
        query = select(changes).where(
            changes.c.member_id == member_id,
            changes.c.record_id == record_id,
            changes.c.number == change_id,
        )
        row = self._row(query)
        return _change(row) if row is not None else None

    def newest(self, member_id: str, record_id: int, limit: int = NEWEST) -> list[Change]:
        return self._newest(member_id, changes.c.record_id == record_id, limit)

    def newest_by(self, member_id: str, user_id: int, limit: int = NEWEST) -> list[Change]:
        """Return the latest changes that a user made on any record, newest first."""
        return self._newest(member_id, changes.c.user_id == user_id, limit)

    def _newest(self, member_id: str, condition: ColumnElement[bool], limit: int) -> list[Change]:
        newest_first = select(changes).order_by(changes.c.id.desc()).limit(limit)
        query = newest_first.where(changes.c.member_id == member_id, condition)
        return [_change(row) for row in self._rows(query)]


def _change(row: Row[Any]) -> Change:
    return Change(
        id=row.number,
        record_id=row.record_id,
        user_id=row.user_id,
        before=tuple(row.before.split(",")) if row.before else (),
        after=tuple(row.after.split(",")) if row.after else (),
        made_at=row.made_at,
    )
