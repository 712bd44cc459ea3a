"""Writers of the same portal, one after the other."""

from __future__ import annotations

from sqlalchemy import Connection, select

from store.schema import portals


def wait_for_turn(connection: Connection, member_id: str) -> None:
    """Keeps others who wait for a turn at this portal out until the transaction ends. SQLite lets
    only one transaction write anyway."""
    row = select(portals.c.member_id).where(portals.c.member_id == member_id)
    connection.execute(row.with_for_update())
