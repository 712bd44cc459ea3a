"""Sets the app up on a portal: binds the placements and events that `install.json` names.

Repeatable: what is bound already stays, what is missing is bound, what the manifest no longer
names is unbound, and what has other titles than the manifest says is bound anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bitrix24.batch import Command
from bitrix24.client import PortalClient
from installation import bindings
from installation.manifest import Manifest
from oauth.admission import PROFILE
from store.portals import Portal, PortalStore, Status

ALREADY_BOUND = "Handler already binded"
"""Part of the text of ERROR_CORE. Source: api/placement.php and api/event.php of module rest."""


class Step(StrEnum):
    """The steps of an installation, in order."""

    RIGHTS = "rights"
    PLACES = "places"
    EVENTS = "events"
    READY = "ready"


class NotAdministrator(Exception):
    """Only an administrator of the portal can set the app up."""


def is_administrator(client: PortalClient) -> bool:
    """Tell whether the client's user administers the portal."""
    return client.call(PROFILE).admin


@dataclass(frozen=True, slots=True)
class Installer:
    """Binds what `manifest` names to addresses under `app_url`."""

    manifest: Manifest
    app_url: str
    portals: PortalStore

    def run(
        self, portal: Portal, user_id: int, application_token: str, client: PortalClient
    ) -> Iterator[Step]:
        """Yields each step once the portal has confirmed it. Raises NotAdministrator or
        PortalError at the step that failed; running it again does the rest."""
        if not is_administrator(client):
            raise NotAdministrator
        # Any user can post any APPLICATION_TOKEN beside a good access token, so it is learned
        # from an administrator only.
        portal = replace(
            portal,
            installed_by=user_id,
            application_token=application_token or portal.application_token,
        )
        self.portals.save(portal)
        yield Step.RIGHTS
        places = bindings.placements(client, self.manifest, self.app_url)
        self._bind(client, bindings.placement_commands(places, self.manifest, self.app_url))
        yield Step.PLACES
        events = bindings.events(client, self.manifest, self.app_url)
        self._bind(client, bindings.event_commands(events))
        yield Step.EVENTS
        self.portals.save(replace(portal, status=Status.INSTALLED))
        yield Step.READY

    def differences(self, client: PortalClient) -> Iterator[tuple[str, str, str]]:
        """What a portal has bound otherwise than the manifest says: the kind of difference, the
        name of the placement or event, and its address. Raises PortalError."""
        for ask in (bindings.placements, bindings.events):
            for kind, (name, address) in ask(client, self.manifest, self.app_url):
                yield kind, name, address

    def _bind(self, client: PortalClient, commands: Sequence[Command]) -> None:
        if not commands:
            return
        answer = client.batch(commands)
        for error in answer.errors.values():
            if ALREADY_BOUND not in error.description:
                raise error
