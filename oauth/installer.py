"""Sets the app up on a portal: binds the placements and events that `install.json` names.

Repeatable: what is bound already stays, what is missing is bound, what the manifest no longer
names is unbound.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from bitrix24.batch import Command, php_map
from bitrix24.client import PortalClient
from oauth.manifest import Manifest
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
    """Whether the client's user administers the portal; `profile` needs no scope."""
    return php_map(client.call("profile").result).get("ADMIN") is True


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
        self._bind(client, self._placements(client))
        yield Step.PLACES
        self._bind(client, self._events(client))
        yield Step.EVENTS
        self.portals.save(replace(portal, status=Status.INSTALLED))
        yield Step.READY

    def _placements(self, client: PortalClient) -> dict[str, Command]:
        bound = {
            (str(row.get("placement")), str(row.get("handler")))
            for row in map(php_map, client.call("placement.get").result or [])
        }
        wanted = {
            (item.placement, self.app_url + item.handler): item for item in self.manifest.placements
        }
        commands = {
            f"unbind_{number}": Command(
                "placement.unbind", {"PLACEMENT": placement, "HANDLER": handler}
            )
            for number, (placement, handler) in enumerate(sorted(bound - wanted.keys()))
        }
        for number, key in enumerate(sorted(wanted.keys() - bound)):
            item = wanted[key]
            params = {
                "PLACEMENT": item.placement,
                "HANDLER": key[1],
                "TITLE": item.title["en"],
                "LANG_ALL": {lang: {"TITLE": title} for lang, title in item.title.items()},
            }
            commands[f"bind_{number}"] = Command("placement.bind", params)
        return commands

    def _events(self, client: PortalClient) -> dict[str, Command]:
        handler = self.app_url + self.manifest.events.handler
        bound = {
            (str(row.get("event")).upper(), str(row.get("handler")))
            for row in map(php_map, client.call("event.get").result or [])
        }
        wanted = {(name, handler) for name in self.manifest.events.names}
        return {
            f"{change}_{number}": Command(f"event.{change}", {"EVENT": event, "HANDLER": url})
            for change, keys in (("unbind", bound - wanted), ("bind", wanted - bound))
            for number, (event, url) in enumerate(sorted(keys))
        }

    def _bind(self, client: PortalClient, commands: dict[str, Command]) -> None:
        if not commands:
            return
        answer = client.batch(commands)
        for error in answer.errors.values():
            if ALREADY_BOUND not in error.description:
                raise error
