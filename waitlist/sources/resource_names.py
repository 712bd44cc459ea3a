"""The names of a portal's resources, as one process remembers them.

Every user of a portal may read them. They travel with other calls, so that notes can be searched
for them without a request of their own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bitrix24.answers import Rows
from bitrix24.batch import BatchAnswer, Command
from bitrix24.lists import PAGE_SIZE, ListCommand, Listing
from waitlist.sources.bookings import ResourceRow, resource_list
from waitlist.sources.quirks import Quirks

FRESH_SECONDS, KEPT_SECONDS = 600, 6 * 3600
"""Seconds after which names are read again, and after which they are forgotten."""


@dataclass(frozen=True, slots=True)
class ResourceNames:
    """What is known of the resources of one portal."""

    quirks: Quirks
    portal: str

    def known(self) -> Mapping[int, str]:
        """Return names by ID, none if they have not been read yet."""
        return self.quirks.resources.get(self.portal) or {}

    def fresh(self) -> Mapping[int, str]:
        """Return names by ID, none if they have not been read lately."""
        return self.known() if self._are_fresh else {}

    @property
    def _are_fresh(self) -> bool:
        return bool(self.quirks.resources_are_fresh.get(self.portal))

    def lists(self, ends_with: ListCommand[Any]) -> list[ListCommand[ResourceRow]]:
        """Return the list of resources, to be read with another one; none if it is known.

        `take_list` reads its answer.
        """
        if self._are_fresh:
            return []
        return [replace(resource_list(), optional=True, ends_with=ends_with)]

    def take_list(self, listing: Listing[ResourceRow]) -> None:
        """Remember the names in a list, unless it failed."""
        if listing.error is None:
            self.note(listing.rows.values(), complete=listing.complete)

    def commands(self) -> list[Command[Rows[ResourceRow]]]:
        """Return a call for the first 50 names, none if they are known. `take` reads its answer."""
        return [] if self._are_fresh else [resource_list().page(0)]

    def take(self, commands: Iterable[Command[Rows[ResourceRow]]], answer: BatchAnswer) -> None:
        """Remember the names in an answer. A call that failed leaves them as they are."""
        for command in commands:
            rows = answer.get(command)
            if rows is not None:
                self.note(rows, complete=len(rows) < PAGE_SIZE)

    def note(self, rows: Iterable[ResourceRow], *, complete: bool = True) -> None:
        """Remember the names of resources, of all of them if they are complete."""
        names = {row.id: row.name for row in rows}
        self.quirks.resources.put(
            self.portal, names if complete else {**self.known(), **names}, KEPT_SECONDS
        )
        self.quirks.resources_are_fresh.put(self.portal, True, FRESH_SECONDS)
