"""Uninstallations whose data is deleted later, or which wait for a proof."""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Row, delete, select

from store.engine import Store
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


class UninstallStore(Store):
    """At most one row per portal."""

    def save(self, uninstall: Uninstall) -> None:
        """Insert the row of a portal, or replace it."""
        values = asdict(uninstall)
        row = self._insert(uninstalls).values(values)
        self._write(row.on_conflict_do_update(index_elements=["member_id"], set_=values))

    def find(self, member_id: str) -> Uninstall | None:
        row = self._row(select(uninstalls).where(uninstalls.c.member_id == member_id))
        return _uninstall(row) if row is not None else None

    def find_due(self, now: float) -> list[Uninstall]:
        """Return what is due, the oldest first."""
        query = select(uninstalls).where(uninstalls.c.due_at <= now)
        return [_uninstall(row) for row in self._rows(query.order_by(uninstalls.c.due_at))]

    def remove(self, member_id: str) -> None:
        self._write(delete(uninstalls).where(uninstalls.c.member_id == member_id))


def _uninstall(row: Row[Any]) -> Uninstall:
    return Uninstall(row.member_id, row.due_at, row.delete_history, row.proven)
