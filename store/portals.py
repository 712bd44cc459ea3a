"""The portals that have the app, by member_id. A portal's other names may change."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import Engine, delete, select, update

from store.engine import for_reading, insert_for, lock_portal
from store.schema import changes, metadata, portals
from store.vault import Vault


class Status(StrEnum):
    """The state of the app on a portal. See the diagram in `installation/lifecycle.py`."""

    OPENED = "opened"
    INSTALLED = "installed"
    UNINSTALLED = "uninstalled"


@dataclass(frozen=True, slots=True)
class Portal:
    """One portal. `client_endpoint` is its REST address, `changed_at` when the row was written."""

    member_id: str
    client_endpoint: str
    status: Status = Status.OPENED
    installed_by: int = 0
    application_token: str = field(default="", repr=False)
    changed_at: int = field(default=0, compare=False)

    @property
    def domain(self) -> str:
        """Return host and port, as DOMAIN in a launch."""
        return self.origin.partition("://")[2]

    @property
    def origin(self) -> str:
        """Return scheme, host and port, as in `frame-ancestors`."""
        scheme, _, rest = self.client_endpoint.partition("://")
        return f"{scheme}://{rest.partition('/')[0]}"


class PortalStore:
    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine = engine
        self._reading = for_reading(engine)
        self._vault = vault
        self._insert = insert_for(engine)

    def find(self, member_id: str) -> Portal | None:
        query = select(portals).where(portals.c.member_id == member_id)
        with self._reading.begin() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        token = row.application_token
        return Portal(
            member_id=row.member_id,
            client_endpoint=row.client_endpoint,
            status=Status(row.status),
            installed_by=row.installed_by,
            application_token=self._vault.open(token, _context(member_id)) if token else "",
            changed_at=row.changed_at,
        )

    def find_by_domain(self, domain: str) -> Portal | None:
        """Return the portal at this host and port on which the app is installed.

        Of several, this is the one whose row was written last: another portal may have taken the
        host name of one that was renamed and has not been opened since."""
        query = (
            select(portals.c.member_id)
            .where(
                portals.c.client_endpoint.in_(
                    [f"https://{domain}/rest/", f"http://{domain}/rest/"]
                ),
                portals.c.status == Status.INSTALLED,
            )
            .order_by(portals.c.changed_at.desc())
            .limit(1)
        )
        with self._reading.begin() as connection:
            member_id = connection.execute(query).scalar_one_or_none()
        return self.find(member_id) if member_id else None

    def installed(self) -> list[Portal]:
        """Return all portals on which the app is installed."""
        query = select(portals.c.member_id).where(portals.c.status == Status.INSTALLED)
        with self._reading.begin() as connection:
            member_ids = connection.execute(query.order_by(portals.c.member_id)).scalars().all()
        return [portal for member_id in member_ids if (portal := self.find(member_id))]

    def save(self, portal: Portal) -> None:
        """Insert the portal, or replace its row."""
        token = portal.application_token
        values = {
            "client_endpoint": portal.client_endpoint,
            "status": portal.status,
            "installed_by": portal.installed_by,
            "application_token": (
                self._vault.seal(token, _context(portal.member_id)) if token else ""
            ),
            "changed_at": int(time.time()),
        }
        statement = (
            self._insert(portals)
            .values(member_id=portal.member_id, **values)
            .on_conflict_do_update(index_elements=["member_id"], set_=values)
        )
        with self._engine.begin() as connection:
            connection.execute(statement)

    def uninstall(self, member_id: str, *, keep_history: bool) -> None:
        """Mark the portal as uninstalled and delete its other rows. The event may come again."""
        with self._engine.begin() as connection:
            lock_portal(connection, member_id)
            for table in metadata.sorted_tables:
                if table is not portals and not (table is changes and keep_history):
                    connection.execute(delete(table).where(table.c.member_id == member_id))
            connection.execute(
                update(portals)
                .where(portals.c.member_id == member_id)
                .values(
                    status=Status.UNINSTALLED,
                    installed_by=0,
                    newest_record=0,
                    changed_at=int(time.time()),
                )
            )


def _context(member_id: str) -> str:
    return f"portals/{member_id}/application_token"
