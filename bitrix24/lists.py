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

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, Any, Generic, Protocol, overload

from bitrix24.batch import BATCH_SIZE, Command, php_map
from bitrix24.client import PortalClient
from bitrix24.errors import NoAnswer, PortalError
from bitrix24.ids import LARGEST_ID as LARGEST_ID

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    R = TypeVar("R", default=Any)
else:
    from typing import TypeVar

    R = TypeVar("R")

PAGE_SIZE = 50
MAX_PAGES = 400
"""20,000 rows: far past any waiting list, short of hanging on a server that ignores `start`."""


class Row(Protocol):
    """What a row of a list needs: a number that tells it from others."""

    @property
    def id(self) -> int: ...


@dataclass(frozen=True, slots=True, eq=False)
class ListCommand(Generic[R]):
    """One list to read. `key` names the rows in the result, "" where the result is the rows; `row`
    is the shape of a row, with its number as `id`;
    `pages` is how many to ask for in the first round; `optional` turns an error into an incomplete
    list; `row_id` names a row's id. Where the list called `beside` ends in the first round, this
    one is not read on."""

    method: str
    key: str
    params: Mapping[str, Any] = field(default_factory=dict)
    pages: int = 1
    optional: bool = False
    row_id: str = "id"
    beside: str | ListCommand[Any] = ""
    row: type[R] | None = None

    def page(self, number: int) -> Command:
        """The call that reads one page."""
        params = {**self.params, "start": number * PAGE_SIZE}
        if self.row is None:
            return Command(self.method, params)
        return Command(self.method, params, list[self.row], key=self.key)  # type: ignore[name-defined]


@dataclass(slots=True)
class Listing(Generic[R]):
    """Rows by id, in the order they came. `complete` is False when the end was never reached."""

    rows: dict[int, R] = field(default_factory=dict)
    complete: bool = False
    error: PortalError | None = None


class Listings:
    """What `read_lists` has read, by command."""

    def __init__(self, listings: Mapping[ListCommand[Any], Listing[Any]]) -> None:
        self._listings = listings

    def __getitem__(self, wanted: ListCommand[R]) -> Listing[R]:
        return self._listings[wanted]


@overload
def read_lists(
    client: PortalClient, wanted: Mapping[str, ListCommand[Any]]
) -> dict[str, Listing[Any]]: ...


@overload
def read_lists(client: PortalClient, wanted: Iterable[ListCommand[Any]]) -> Listings: ...


def read_lists(client: PortalClient, wanted: Any) -> Any:
    """Read several lists side by side in as few HTTP requests as their lengths allow."""
    if isinstance(wanted, Mapping):
        return _read_lists(client, wanted)
    return Listings(_read_lists(client, {one: one for one in wanted}))


def _read_lists(
    client: PortalClient, wanted: Mapping[Any, ListCommand[Any]]
) -> dict[Any, Listing[Any]]:
    reading = {name: _Reading(want, want.pages) for name, want in wanted.items()}
    while open_lists := {name: item for name, item in reading.items() if not item.ended}:
        pages = _shares(open_lists)
        commands = {
            (name, page): item.want.page(page)
            for name, item in open_lists.items()
            for page in pages[name]
        }
        answer = client.batch(commands.values())
        for name, item in open_lists.items():
            for page in pages[name]:
                command = commands[name, page]
                item.take(page, answer.get(command), answer.errors.get(command))
            first = commands[name, pages[name].start]
            item.advance(pages[name].stop, answer.totals.get(first, 0))
        for name, item in open_lists.items():
            if item.want.beside and pages[name].start == 0 and reading[item.want.beside].ended:
                item.ended = True
    return {name: item.listing for name, item in reading.items()}


def _shares(open_lists: Mapping[Any, _Reading]) -> dict[Any, range]:
    """The pages that each list reads in the next batch: as many as it wants while two are left
    for each list after it."""
    room, shares = BATCH_SIZE, dict[Any, range]()
    for before, (name, item) in enumerate(open_lists.items(), start=1):
        shares[name] = item.next_pages(room - 2 * (len(open_lists) - before))
        room -= len(shares[name])
    return shares


@dataclass(slots=True)
class _Reading:
    want: ListCommand[Any]
    ahead: int
    page: int = 0
    ended: bool = False
    listing: Listing[Any] = field(default_factory=Listing)

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

    def _rows(self, result: Any, error: PortalError | None) -> dict[int, Any]:
        if error is not None:
            raise error
        if self.want.row is not None:
            return {row.id: row for row in result}
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
