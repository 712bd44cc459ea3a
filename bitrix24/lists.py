"""Reads lists to their end.

A booking list answers 50 rows a page, always says `total: 0` and never `next`, so only a page that
is not full shows the end. Several pages are asked for in one batch. A CRM list says its true total,
so the second batch asks for exactly the pages that are left. Source: restmanager.php
getNavigationData and the booking module's list actions, which count nothing; rest.php setNavData.

Rows move between pages while others add and remove rows. So rows are identified by id, and each
batch reads the last page of the batch before it again: it finds a row that moved up to that page
when another was deleted. Up to 50 deletions between two batches hide no row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from math import ceil
from typing import Any, Generic, Protocol, TypeVar

from bitrix24.answers import Rows
from bitrix24.batch import BATCH_SIZE, BatchAnswer, Command
from bitrix24.client import PortalClient
from bitrix24.errors import PortalError

PAGE_SIZE = 50
MAX_PAGES = 400
"""20,000 rows: more than any waiting list has. It ends the reading of a list without an end."""


class Row(Protocol):
    """A row of a list, identified by its id."""

    @property
    def id(self) -> int: ...


R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True, eq=False)
class ListCommand(Generic[R]):
    """A list to read. `row` is the shape of a row, `key` as in bitrix24/answers.py.

    `pages` is how many pages to ask for in the first round. An `optional` list that fails is left
    incomplete. When the list `ends_with` ends in the first round, this one is not read any further.
    """

    method: str
    key: str
    params: Mapping[str, Any] = field(default_factory=dict)
    _: KW_ONLY
    row: type[R]
    pages: int = 1
    optional: bool = False
    ends_with: ListCommand[Any] | None = None

    def page(self, number: int) -> Command[Rows[R]]:
        params = {**self.params, "start": number * PAGE_SIZE}
        return Command(self.method, params, Rows[self.row], key=self.key)  # type: ignore[name-defined]


@dataclass(slots=True)
class Listing(Generic[R]):
    """Rows by id, in the order they came. `complete` is False when the end was not reached.

    `unreadable` is how many rows are left out because they were not understood.
    """

    rows: dict[int, R] = field(default_factory=dict)
    unreadable: int = 0
    complete: bool = False
    error: PortalError | None = None


class Listings:
    """The lists that `read_lists` has read, by their commands."""

    def __init__(self, listings: Mapping[ListCommand[Any], Listing[Any]]) -> None:
        self._listings = listings

    def __getitem__(self, wanted: ListCommand[R]) -> Listing[R]:
        return self._listings[wanted]

    def get(self, wanted: ListCommand[R]) -> Listing[R] | None:
        return self._listings.get(wanted)


class Precheck(Protocol):
    """A check that travels in the first batch of the lists."""

    @property
    def commands(self) -> Sequence[Command]: ...

    def take(self, answer: BatchAnswer) -> None:
        """Read the answers before those of the lists. May raise, and no list is read then."""
        ...


def read_lists(
    client: PortalClient, wanted: Iterable[ListCommand[Any]], precheck: Precheck | None = None
) -> Listings:
    """Read lists together in few HTTP requests. Raises PortalError unless the list is optional."""
    reading = {one: _Reading(one, one.pages) for one in wanted}
    checks = list(precheck.commands) if precheck else []
    while open_lists := [item for item in reading.values() if not item.ended]:
        pages = _shares(open_lists, BATCH_SIZE - len(checks))
        commands = {
            (item.want, number): item.want.page(number)
            for item, numbers in zip(open_lists, pages, strict=True)
            for number in numbers
        }
        answer = client.batch([*checks, *commands.values()])
        if precheck and checks:
            precheck.take(answer)
            checks.clear()
        for item, numbers in zip(open_lists, pages, strict=True):
            for number in numbers:
                command = commands[item.want, number]
                item.take(number, answer.get(command), answer.errors.get(command))
            first = commands[item.want, numbers.start]
            item.advance(numbers.stop, answer.totals.get(first, 0))
        for item, numbers in zip(open_lists, pages, strict=True):
            companion = item.want.ends_with
            if companion and numbers.start == 0 and reading[companion].ended:
                item.ended = True
    return Listings({one: item.listing for one, item in reading.items()})


def _shares(open_lists: list[_Reading], room: int) -> list[range]:
    """Return the pages that each list reads next; two are left for each list after it."""
    shares = list[range]()
    for after, item in zip(reversed(range(len(open_lists))), open_lists, strict=True):
        shares.append(item.next_pages(room - 2 * after))
        room -= len(shares[-1])
    return shares


@dataclass(slots=True)
class _Reading:
    """How far a list has been read: the `page` to read next, and how many pages to ask for."""

    want: ListCommand[Any]
    ahead: int
    page: int = 0
    ended: bool = False
    unreadable: dict[int, int] = field(default_factory=dict)
    listing: Listing[Any] = field(default_factory=Listing)

    def next_pages(self, share: int) -> range:
        """Return the last page of the batch before, and those not read yet."""
        again = min(self.page, 1)
        unread = max(1, min(self.ahead, share - again))
        return range(self.page - again, min(self.page + unread, MAX_PAGES))

    def advance(self, page: int, total: int) -> None:
        """Go on to `page`. A `total` of 0 tells nothing: booking lists always say that."""
        self.page = page
        self.ahead = min(self.ahead * 4, BATCH_SIZE)
        if total:
            self.ahead = ceil(total / PAGE_SIZE) - page
            self.listing.complete |= self.ahead <= 0 and not self.ended
        self.ended = self.ended or self.listing.complete or self.page >= MAX_PAGES

    def take(self, number: int, found: Rows[Any] | None, error: PortalError | None) -> None:
        """Add the rows of a page. Raises the error of a list that is not optional."""
        if self.ended:
            return
        if error is not None:
            if not self.want.optional:
                raise error
            self.listing.error = error
            self.ended = True
            return
        rows = Rows[Any]() if found is None else found
        page = {row.id: row for row in rows}
        known = page.keys() <= self.listing.rows.keys()
        self.listing.rows.update(page)
        # By page, as the last page of a batch is read again.
        self.unreadable[number] = rows.unreadable
        self.listing.unreadable = sum(self.unreadable.values())
        if len(page) + rows.unreadable < PAGE_SIZE:
            self.ended = self.listing.complete = True
        elif known and number >= self.page:
            # A full page without a new row: this server does not turn pages.
            self.ended = True
