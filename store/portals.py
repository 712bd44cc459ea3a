"""The portals that have the app, by member_id. A portal's other names may change."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import Connection, Engine, Row, delete, select, update

from store.deletion import delete_rows_of
from store.engine import InstallationEnded, SealedStore, fields_in, lock_portal
from store.schema import changes, portals, user_tokens
from store.vault import Vault

MOST_KNOWN = 10_000


class Status(StrEnum):
    """The state of the app on a portal. See the diagram in `installation/lifecycle.py`."""

    OPENED = "opened"
    INSTALLED = "installed"
    UNINSTALLED = "uninstalled"


@dataclass(frozen=True, slots=True)
class Portal:
    """One portal. `client_endpoint` is its REST address.

    `installation` is a random word that another installation does not have: what was kept for an
    earlier one, such as a session, is recognized by it. `changed_at` is when the row was written.
    """

    member_id: str
    client_endpoint: str
    status: Status = Status.OPENED
    installed_by: int = 0
    application_token: str = field(default="", repr=False)
    installation: str = ""
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


class PortalStore(SealedStore):
    """The rows of all portals. `revision` grows with each that this process writes."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        super().__init__(engine, vault)
        self.revision = 0
        self._known = set[str]()

    def find(self, member_id: str) -> Portal | None:
        """Return a portal. Without the key of its address it is unknown, until it is opened."""
        with self._reading.begin() as connection:
            return self._find(connection, member_id)

    def is_known(self, member_id: str) -> bool:
        """Tell whether there is such a portal. A row is never deleted, so the answer is kept."""
        known = member_id in self._known or self.find(member_id) is not None
        if known and len(self._known) < MOST_KNOWN:
            self._known.add(member_id)
        return known

    def find_by_domain(self, domain: str) -> Portal | None:
        """Return the portal at this host and port on which the app is installed.

        Of several, this is the one whose row was written last: another portal may have taken the
        host name of one that was renamed and has not been opened since."""
        query = (
            select(portals.c.member_id)
            .where(portals.c.domain == domain, portals.c.status == Status.INSTALLED)
            .order_by(portals.c.changed_at.desc())
            .limit(1)
        )
        portal = next(filter(None, map(self.find, self._values(query))), None)
        return portal if portal and portal.domain == domain else None

    def installed(self) -> list[Portal]:
        query = select(portals.c.member_id).where(portals.c.status == Status.INSTALLED)
        member_ids = self._values(query.order_by(portals.c.member_id))
        return list(filter(None, map(self.find, member_ids)))

    def open(self, member_id: str, client_endpoint: str, before: Portal | None = None) -> Portal:
        """Store the address that a verified launch names, and return the portal.

        A portal that is unknown or uninstalled, or that the keys do not open, begins anew. `before`
        is what was found before the verification. Raises InstallationEnded if the app was
        uninstalled since.
        """
        portal = self.find(member_id)
        if portal and _is_open(portal) and portal.client_endpoint == client_endpoint:
            _check_same(portal, before)
            return portal
        address = self._address(member_id, client_endpoint)
        fresh = address | {
            "status": Status.OPENED,
            "installed_by": 0,
            "application_token": "",
            "installation": secrets.token_hex(16),
        }
        inserted = self._insert(portals).values(member_id=member_id, **fresh)
        with self._writing() as connection:
            connection.execute(inserted.on_conflict_do_nothing())
            lock_portal(connection, member_id)
            known = self._find(connection, member_id)
            _check_same(known, before)
            values = address if known and _is_open(known) else fresh
            row = portals.c.member_id == member_id
            connection.execute(update(portals).where(row).values(**values))
            return cast(Portal, self._find(connection, member_id))

    def save_application_token(self, portal: Portal, application_token: str) -> bool:
        """Store the application_token. Returns False if this installation has ended."""
        return self._update(portal, self._token(portal, application_token))

    def begin_install(self, portal: Portal, user_id: int, application_token: str) -> bool:
        """Store the user who installs the app, and the application_token unless it is "".

        Returns False if this installation has ended.
        """
        token = self._token(portal, application_token) if application_token else {}
        return self._update(portal, {"installed_by": user_id, **token})

    def finish_install(self, portal: Portal) -> bool:
        """Mark the app as installed. Returns False if this installation has ended."""
        return self._update(portal, {"status": Status.INSTALLED})

    def renew_installation(self, member_id: str) -> None:
        """End what is bound to this installation, such as sessions; the app stays there."""
        row = portals.c.member_id == member_id
        anew = update(portals).where(row).values(installation=secrets.token_hex(16))
        with self._writing() as connection:
            connection.execute(anew)

    def uninstall(self, member_id: str) -> None:
        """Mark the portal as uninstalled and delete its rows but the history.

        The event may come again. The tokens go first and with the mark. What a worker that dies
        leaves, is deleted later (store/retention.py).
        """
        with self._writing() as connection:
            lock_portal(connection, member_id)
            tokens = user_tokens.c.member_id == member_id
            connection.execute(delete(user_tokens).where(tokens))
            ended = {
                "status": Status.UNINSTALLED,
                "installation": secrets.token_hex(16),
                "installed_by": 0,
                "newest_record": 0,
                "changed_at": int(time.time()),
            }
            row = portals.c.member_id == member_id
            connection.execute(update(portals).where(row).values(ended))
        # The app may be installed again meanwhile.
        gone = select(portals.c.member_id).where(
            portals.c.member_id == member_id, portals.c.status == Status.UNINSTALLED
        )
        delete_rows_of(self._engine, gone, but={portals, changes})

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            yield connection
        self.revision += 1

    def _update(self, portal: Portal, values: dict[str, object]) -> bool:
        table = portals.c
        statement = update(portals).where(
            table.member_id == portal.member_id,
            table.installation == portal.installation,
            table.status != Status.UNINSTALLED,
        )
        with self._writing() as connection:
            done = connection.execute(statement.values(values | {"changed_at": int(time.time())}))
        return done.rowcount == 1

    def _find(self, connection: Connection, member_id: str) -> Portal | None:
        query = select(portals).where(portals.c.member_id == member_id)
        row = connection.execute(query).one_or_none()
        client_endpoint = self._open(row, "endpoint") if row is not None else ""
        if row is None or not client_endpoint:
            return None
        others = {
            "client_endpoint": client_endpoint,
            "status": Status(row.status),
            "application_token": self._open(row, "application_token"),
        }
        return Portal(**{**fields_in(row, Portal), **others})

    def _address(self, member_id: str, client_endpoint: str) -> dict[str, object]:
        return {
            "endpoint": self._seal(member_id, "endpoint", client_endpoint),
            "domain": Portal(member_id, client_endpoint).domain,
            "changed_at": int(time.time()),
        }

    def _token(self, portal: Portal, application_token: str) -> dict[str, object]:
        sealed = self._seal(portal.member_id, "application_token", application_token)
        return {"application_token": sealed}

    def _seal(self, member_id: str, column: str, value: str) -> str:
        return self._vault.seal(value, f"portals/{member_id}/{column}") if value else ""

    def _open(self, row: Row[Any], column: str) -> str:
        context = f"portals/{row.member_id}/{column}"
        return self._vault.open_if_possible(row._mapping[column], context)


def _check_same(known: Portal | None, before: Portal | None) -> None:
    """Raise InstallationEnded if another one, or an uninstall, came since `before`."""
    was = before.installation if before else None
    if known and known.installation != was and (before or not _is_open(known)):
        raise InstallationEnded


def _is_open(portal: Portal) -> bool:
    return portal.status is not Status.UNINSTALLED
