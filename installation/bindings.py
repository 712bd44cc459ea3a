"""What the app has bound on a portal beside what `install.json` wants there.

The installer mends the difference, `flask check` tells of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bitrix24.batch import Command, php_map
from bitrix24.client import PortalClient
from installation.manifest import Manifest, Placement

Place = tuple[str, str]
"""A placement or an event, and the address it is bound to."""


@dataclass(frozen=True, slots=True)
class Difference:
    """`missing` is to be bound and `surplus` to be unbound; `renamed` is bound under other titles
    than it should have. Each sorted."""

    missing: tuple[Place, ...]
    surplus: tuple[Place, ...]
    renamed: tuple[Place, ...] = ()

    def __iter__(self) -> Iterator[tuple[str, Place]]:
        """Each difference with its kind."""
        for kind in ("missing", "surplus", "renamed"):
            for place in getattr(self, kind):
                yield kind, place


def placements(client: PortalClient, manifest: Manifest, app_url: str) -> Difference:
    """Asks for the placements of this app; a portal tells them to administrators only."""
    bound = {
        (str(row.get("placement")), str(row.get("handler"))): row
        for row in map(php_map, client.call("placement.get").result or [])
    }
    wanted = wanted_placements(manifest, app_url)
    return Difference(
        missing=tuple(sorted(wanted.keys() - bound.keys())),
        surplus=tuple(sorted(bound.keys() - wanted.keys())),
        renamed=tuple(
            sorted(
                place
                for place in wanted.keys() & bound.keys()
                if _titles(bound[place]) != wanted[place].title
            )
        ),
    )


def events(client: PortalClient, manifest: Manifest, app_url: str) -> Difference:
    """Asks for the event handlers of this app."""
    handler = app_url + manifest.events.handler
    bound = {
        (str(row.get("event")).upper(), str(row.get("handler")))
        for row in map(php_map, client.call("event.get").result or [])
    }
    wanted = {(name, handler) for name in manifest.events.names}
    return Difference(tuple(sorted(wanted - bound)), tuple(sorted(bound - wanted)))


def wanted_placements(manifest: Manifest, app_url: str) -> dict[Place, Placement]:
    return {(item.placement, app_url + item.handler): item for item in manifest.placements}


def placement_commands(
    difference: Difference, manifest: Manifest, app_url: str
) -> dict[str, Command]:
    """Unbinding comes first: some placements take one handler only, and titles of a bound one
    cannot be changed."""
    wanted = wanted_placements(manifest, app_url)
    commands = {
        f"unbind_{number}": Command(
            "placement.unbind", {"PLACEMENT": placement, "HANDLER": handler}
        )
        for number, (placement, handler) in enumerate(difference.surplus + difference.renamed)
    }
    for number, place in enumerate(difference.missing + difference.renamed):
        titles = wanted[place].title
        params = {
            "PLACEMENT": place[0],
            "HANDLER": place[1],
            "TITLE": titles["en"],
            "LANG_ALL": {lang: {"TITLE": title} for lang, title in titles.items()},
        }
        commands[f"bind_{number}"] = Command("placement.bind", params)
    return commands


def event_commands(difference: Difference) -> dict[str, Command]:
    return {
        f"{change}_{number}": Command(f"event.{change}", {"EVENT": event, "HANDLER": handler})
        for change, places in (("unbind", difference.surplus), ("bind", difference.missing))
        for number, (event, handler) in enumerate(places)
    }


def _titles(row: Mapping[str, Any]) -> Mapping[str, str]:
    """The titles of a bound placement by language; `langAll` is an empty list where it has none."""
    return {
        language: str(php_map(texts).get("TITLE", ""))
        for language, texts in php_map(row.get("langAll")).items()
    }
