"""Compares a portal's bindings with `install.json`: for the installer, the page, `flask check`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from msgspec import Struct, field

from bitrix24.answers import Rows
from bitrix24.batch import Command
from bitrix24.client import PortalClient
from installation.manifest import FALLBACK, Manifest

Place = tuple[str, str]
"""A placement or an event, and the address it is bound to."""
Titles = Mapping[Place, Mapping[str, str]]
"""The titles of each place by language."""


class Text(Struct, frozen=True, rename="upper"):
    title: str = ""


class BoundPlacement(Struct, frozen=True, rename="camel"):
    """A row of `placement.get`; `lang_all` holds its texts by language."""

    placement: str
    handler: str
    lang_all: dict[str, Text] = field(default_factory=dict)

    @property
    def titles(self) -> dict[str, str]:
        return {language: text.title for language, text in self.lang_all.items()}


class BoundEvent(Struct, frozen=True):
    """A row of `event.get`; an event that is bound offline has no handler."""

    event: str
    handler: str = ""


PLACEMENTS = Command("placement.get", {}, Rows[BoundPlacement])
EVENTS = Command("event.get", {}, Rows[BoundEvent])


@dataclass(frozen=True, slots=True)
class Difference:
    """How a portal differs from the manifest, each part sorted.

    `missing` must be bound, `surplus` must be unbound, and `renamed` is bound with other titles.
    """

    missing: tuple[Place, ...]
    surplus: tuple[Place, ...]
    renamed: tuple[Place, ...]

    def __iter__(self) -> Iterator[tuple[str, Place]]:
        """Yield each place with the kind of its difference."""
        for kind in ("missing", "surplus", "renamed"):
            for place in getattr(self, kind):
                yield kind, place


def compare(
    client: PortalClient, manifest: Manifest, app_url: str
) -> tuple[Difference, Difference]:
    """Compare the placements and the events of this app, in one HTTP request.

    Only an administrator's client may ask for placements. Raises PortalError.
    """
    answer = client.batch((PLACEMENTS, EVENTS))
    places = {(row.placement, row.handler): row.titles for row in answer[PLACEMENTS]}
    handler = app_url + manifest.events.handler
    # Events have no titles.
    events: Titles = {(row.event.upper(), row.handler): {} for row in answer[EVENTS] if row.handler}
    wanted: Titles = {(name, handler): {} for name in manifest.events.names}
    return _compare(places, _wanted_titles(manifest, app_url)), _compare(events, wanted)


def _compare(bound: Titles, wanted: Titles) -> Difference:
    both = wanted.keys() & bound.keys()
    return Difference(
        missing=tuple(sorted(wanted.keys() - bound.keys())),
        surplus=tuple(sorted(bound.keys() - wanted.keys())),
        renamed=tuple(sorted(place for place in both if bound[place] != wanted[place])),
    )


def _wanted_titles(manifest: Manifest, app_url: str) -> Titles:
    return {(item.placement, app_url + item.handler): item.title for item in manifest.placements}


def placement_commands(difference: Difference, manifest: Manifest, app_url: str) -> list[Command]:
    """Return the calls that fix a difference. Unbinding comes first: titles cannot be changed."""
    wanted = _wanted_titles(manifest, app_url)
    commands: list[Command] = [
        Command("placement.unbind", {"PLACEMENT": placement, "HANDLER": handler})
        for placement, handler in difference.surplus + difference.renamed
    ]
    for place in difference.missing + difference.renamed:
        titles = wanted[place]
        params = {
            "PLACEMENT": place[0],
            "HANDLER": place[1],
            "TITLE": titles[FALLBACK],
            "LANG_ALL": {lang: {"TITLE": title} for lang, title in titles.items()},
        }
        commands.append(Command("placement.bind", params))
    return commands


def event_commands(difference: Difference) -> list[Command]:
    return [
        Command(f"event.{change}", {"EVENT": event, "HANDLER": handler})
        for change, places in (("unbind", difference.surplus), ("bind", difference.missing))
        for event, handler in places
    ]
