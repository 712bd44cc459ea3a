"""Reads booking lists to their end.

A booking list answers 50 rows a page, always says `total: 0` and never `next`, so the only sign of
the end is a short page. Pages are asked for ahead, several in one batch. Rows may move between
pages while others add and remove, so rows are told apart by id. Source: restmanager.php
getNavigationData and the booking module's list actions, which count nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bitrix24.batch import BATCH_SIZE, Command, php_map
from bitrix24.client import PortalClient
from bitrix24.errors import PortalError

PAGE_SIZE = 50
MAX_PAGES = 400
"""20,000 rows: far past any waiting list, short of hanging on a server that ignores `start`."""


@dataclass(frozen=True, slots=True)
class ListCommand:
    """One list to read. `key` names the rows in the result; `pages` is how many to ask for in the
    first round; `optional` turns an error into an empty, incomplete list."""

    method: str
    key: str
    params: Mapping[str, Any] = field(default_factory=dict)
    pages: int = 1
    optional: bool = False


@dataclass(slots=True)
class Listing:
    """Rows by id, in the order they came. `complete` is False when the end was never reached."""

    rows: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    complete: bool = False
    error: PortalError | None = None


def read_lists(client: PortalClient, wanted: Mapping[str, ListCommand]) -> dict[str, Listing]:
    """Reads several lists side by side in as few HTTP requests as their lengths allow."""
    reading = {name: _Reading(want, want.pages) for name, want in wanted.items()}
    while open_lists := {name: item for name, item in reading.items() if not item.ended}:
        share = max(1, BATCH_SIZE // len(open_lists))
        commands = {
            f"{name}_{page}": Command(
                item.want.method, {**item.want.params, "start": page * PAGE_SIZE}
            )
            for name, item in open_lists.items()
            for page in item.next_pages(share)
        }
        answer = client.batch(commands)
        for name, item in open_lists.items():
            for page in item.next_pages(share):
                item.take(answer.results.get(f"{name}_{page}"), answer.errors.get(f"{name}_{page}"))
            item.advance(share)
    return {name: item.listing for name, item in reading.items()}


@dataclass(slots=True)
class _Reading:
    want: ListCommand
    ahead: int
    page: int = 0
    ended: bool = False
    listing: Listing = field(default_factory=Listing)

    def next_pages(self, share: int) -> range:
        return range(self.page, min(self.page + min(self.ahead, share), MAX_PAGES))

    def advance(self, share: int) -> None:
        self.page = self.next_pages(share).stop
        self.ahead = min(self.ahead * 4, BATCH_SIZE)
        self.ended = self.ended or self.page >= MAX_PAGES

    def take(self, result: Any, error: PortalError | None) -> None:
        if self.ended:
            return
        if error is not None:
            if not self.want.optional:
                raise error
            self.listing.error = error
            self.ended = True
            return
        rows = php_map(result).get(self.want.key)
        page = {int(row["id"]): row for row in rows} if isinstance(rows, list) else {}
        if len(page) == PAGE_SIZE and page.keys() <= self.listing.rows.keys():
            # A full page without a new row: this server does not turn pages.
            self.ended = True
            return
        self.listing.rows.update(page)
        self.ended = self.listing.complete = len(page) < PAGE_SIZE
