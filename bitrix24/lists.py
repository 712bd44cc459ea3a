"""Reads lists to their end.

A booking list answers 50 rows a page, always says `total: 0` and never `next`, so the only sign of
the end is a short page. Pages are asked for ahead, several in one batch. A CRM list says its true
total, so the second batch asks for just the pages that are left. Source: restmanager.php
getNavigationData and the booking module's list actions, which count nothing; rest.php setNavData.

Rows move between pages while others add and remove, so rows are told apart by id, and each batch
reads the last page of the batch before it again: a row that moved up across that border because
another was deleted is found there. Up to 50 deletions between two batches hide nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from bitrix24.batch import BATCH_SIZE, Command, php_map
from bitrix24.client import PortalClient
from bitrix24.errors import NoAnswer, PortalError

PAGE_SIZE = 50
LARGEST_ID = 2**31 - 1
"""Of what a portal numbers, and what our own tables hold."""
MAX_PAGES = 400
"""20,000 rows: far past any waiting list, short of hanging on a server that ignores `start`."""


@dataclass(frozen=True, slots=True)
class ListCommand:
    """One list to read. `key` names the rows in the result, "" where the result is the rows;
    `pages` is how many to ask for in the first round; `optional` turns an error into an incomplete
    list; `row_id` names a row's id. Where the list called `beside` ends in the first round, this
    one is not read on."""

    method: str
    key: str
    params: Mapping[str, Any] = field(default_factory=dict)
    pages: int = 1
    optional: bool = False
    row_id: str = "id"
    beside: str = ""


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
        pages = _shares(open_lists)
        commands = {
            f"{name}_{page}": Command(
                item.want.method, {**item.want.params, "start": page * PAGE_SIZE}
            )
            for name, item in open_lists.items()
            for page in pages[name]
        }
        answer = client.batch(commands)
        for name, item in open_lists.items():
            for page in pages[name]:
                key = f"{name}_{page}"
                item.take(page, answer.results.get(key), answer.errors.get(key))
            item.advance(pages[name].stop, answer.totals.get(f"{name}_{pages[name].start}", 0))
        for name, item in open_lists.items():
            if item.want.beside and pages[name].start == 0 and reading[item.want.beside].ended:
                item.ended = True
    return {name: item.listing for name, item in reading.items()}


def _shares(open_lists: Mapping[str, _Reading]) -> dict[str, range]:
    """The pages that each list reads in the next batch: as many as it wants while two are left
    for each list after it."""
    room, shares = BATCH_SIZE, {}
    for before, (name, item) in enumerate(open_lists.items(), start=1):
        shares[name] = item.next_pages(room - 2 * (len(open_lists) - before))
        room -= len(shares[name])
    return shares


@dataclass(slots=True)
class _Reading:
    want: ListCommand
    ahead: int
    page: int = 0
    ended: bool = False
    listing: Listing = field(default_factory=Listing)

    def next_pages(self, share: int) -> range:
        """The last page of the batch before, and those not read yet."""
        again = min(self.page, 1)
        unread = max(1, min(self.ahead, share - again))
        return range(self.page - again, min(self.page + unread, MAX_PAGES))

    def advance(self, page: int, total: int) -> None:
        """Goes on to `page`. A `total` of 0 says nothing: booking lists always say that."""
        self.page = page
        self.ahead = min(self.ahead * 4, BATCH_SIZE)
        if total:
            self.ahead = ceil(total / PAGE_SIZE) - page
            self.listing.complete |= self.ahead <= 0 and not self.ended
        self.ended = self.ended or self.listing.complete or self.page >= MAX_PAGES

    def take(self, number: int, result: Any, error: PortalError | None) -> None:
        if self.ended:
            return
        try:
            page = self._rows(result, error)
        except PortalError as failure:
            if not self.want.optional:
                raise
            self.listing.error = failure
            self.ended = True
            return
        known = page.keys() <= self.listing.rows.keys()
        self.listing.rows.update(page)
        if len(page) < PAGE_SIZE:
            self.ended = self.listing.complete = True
        elif known and number >= self.page:
            # A full page without a new row: this server does not turn pages.
            self.ended = True

    def _rows(self, result: Any, error: PortalError | None) -> dict[int, Mapping[str, Any]]:
        if error is not None:
            raise error
        answer = php_map(result)
        try:
            # An answer without any key is PHP's empty array.
            rows = answer[self.want.key] if answer and self.want.key else answer.values()
            found = {int(row[self.want.row_id]): row for row in rows}
        except (KeyError, TypeError, ValueError):
            raise NoAnswer("NotAList", status=200) from None
        if any(abs(number) > LARGEST_ID for number in found):
            raise NoAnswer("NotAnId", status=200)
        return found
