"""Uninstallations whose data is deleted later, or which wait for a proof."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import Engine, Row, delete, select

from store.engine import for_reading, insert_for
from store.schema import uninstalls


@dataclass(frozen=True, slots=True)
class Uninstall:
    """An uninstallation that is not finished.

    `due_at` is in seconds since 1970. `proven` says whether the portal's tokens were refused.
    """

    member_id: str
    due_at: int
    delete_history: bool
    proven: bool


class UninstallStore:
    """At most one row per portal."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = for_reading(engine)
        self._insert = insert_for(engine)

    def save(self, uninstall: Uninstall) -> None:
        """Insert the row of a portal, or replace it."""
        values = asdict(uninstall)
        statement = (
            self._insert(uninstalls)
            .values(values)
            .on_conflict_do_update(index_elements=["member_id"], set_=values)
        )
        with self._engine.begin() as connection:
            connection.execute(statement)

    def find(self, member_id: str) -> Uninstall | None:
        query = select(uninstalls).where(uninstalls.c.member_id == member_id)
        with self._reading.begin() as connection:
            row = connection.execute(query).one_or_none()
        return _uninstall(row) if row is not None else None

    def find_due(self, now: float) -> list[Uninstall]:
        """Return what is due, the oldest first."""
        query = select(uninstalls).where(uninstalls.c.due_at <= now)
        with self._reading.begin() as connection:
            rows = connection.execute(query.order_by(uninstalls.c.due_at)).all()
        return [_uninstall(row) for row in rows]

    def remove(self, member_id: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(delete(uninstalls).where(uninstalls.c.member_id == member_id))


def _uninstall(row: Row[tuple[object, ...]]) -> Uninstall:
    return Uninstall(row.member_id, row.due_at, row.delete_history, row.proven)
