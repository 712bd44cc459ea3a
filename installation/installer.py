"""Installs the app on a portal: binds the placements and events that `install.json` names.

Running it again is safe. It binds what is missing, unbinds what the manifest no longer names, and
binds again what has other titles.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from bitrix24.batch import Command
from bitrix24.client import PortalClient
from bitrix24.errors import (
    AppNotAllowed,
    AppNotInstalled,
    ExpiredToken,
    NotPermitted,
    ScopeMissing,
    SessionEnded,
)
from installation import bindings
from installation.manifest import Manifest
from oauth.admission import PROFILE
from store.portals import Portal, PortalStore

ALREADY_BOUND = "Handler already binded"
BEING_BOUND = "has already started"
"""Parts of the texts of ERROR_CORE. Source: api/placement.php and api/event.php of module rest."""

OF_ONE_USER = (AppNotAllowed, ExpiredToken, NotPermitted, ScopeMissing, SessionEnded)
"""Errors that say nothing about the portal's other users."""


class Step(StrEnum):
    RIGHTS = "rights"
    PLACES = "places"
    EVENTS = "events"
    READY = "ready"


class NotAdministrator(Exception):
    """Only an administrator of the portal can install the app."""


def is_administrator(client: PortalClient) -> bool:
    """Return whether the client's user is an administrator of the portal."""
    return client.call(PROFILE).admin


def find_administrator(clients: Iterable[PortalClient]) -> PortalClient:
    """Return the first client of an administrator. Each client tried costs a request.

    Raises NotAdministrator when none is, and PortalError when the portal does not answer.
    """
    for client in clients:
        with suppress(*OF_ONE_USER):
            if is_administrator(client):
                return client
    raise NotAdministrator


@dataclass(frozen=True, slots=True)
class Installer:
    """Binds what `manifest` names to addresses under `app_url`."""

    manifest: Manifest
    app_url: str
    portals: PortalStore

    def run(
        self, portal: Portal, user_id: int, application_token: str, client: PortalClient
    ) -> Iterator[Step]:
        """Install the app, and yield each step when the portal has confirmed it.

        Raises NotAdministrator or PortalError at the step that failed. Running it again continues.
        """
        if not is_administrator(client):
            raise NotAdministrator
        # Any user can post any APPLICATION_TOKEN with a valid access token, so only that of an
        # administrator is stored.
        if not self.portals.begin_install(portal, user_id, application_token):
            raise AppNotInstalled
        yield Step.RIGHTS
        places, events = bindings.compare(client, self.manifest, self.app_url)
        self._bind(client, bindings.placement_commands(places, self.manifest, self.app_url))
        yield Step.PLACES
        self._bind(client, bindings.event_commands(events))
        yield Step.EVENTS
        if not self.portals.finish_install(portal):
            raise AppNotInstalled
        yield Step.READY

    def differences(self, client: PortalClient) -> Iterator[tuple[str, str, str]]:
        """Yield how an administrator's portal differs from the manifest. Raises PortalError.

        A difference is its kind, the name of the placement or event, and the address. Costs one
        HTTP request.
        """
        for difference in bindings.compare(client, self.manifest, self.app_url):
            for kind, (name, address) in difference:
                yield kind, name, address

    def update(self, client: PortalClient) -> None:
        """Bind what differs, as an administrator of a portal that has the app.

        Running it again continues after a failure. Costs up to two HTTP requests. Raises
        PortalError.
        """
        places, events = bindings.compare(client, self.manifest, self.app_url)
        commands = bindings.placement_commands(places, self.manifest, self.app_url)
        self._bind(client, [*commands, *bindings.event_commands(events)])

    def _bind(
        self, client: PortalClient, commands: Sequence[Command], *, again: bool = False
    ) -> None:
        if not commands:
            return
        under_way = list[Command]()
        for command, error in client.batch(commands).errors.items():
            if BEING_BOUND in error.description and not again:
                under_way.append(command)
            elif ALREADY_BOUND not in error.description:
                raise error
        # Another administrator installs at this moment. A second try tells whether that worked.
        self._bind(client, under_way, again=True)
