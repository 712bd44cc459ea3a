"""Lists are read to their end in few requests, also while other users change them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from bitrix24.batch import BATCH_SIZE, Command
from bitrix24.errors import NoAnswer, NotPermitted, PortalError, Refused
from bitrix24.lists import MAX_PAGES, PAGE_SIZE, ListCommand, Listing, read_lists
from tests.fake_portal import FakePortal


class Row(Struct, frozen=True):
    id: int


class UpperRow(Struct, frozen=True, rename="upper"):
    id: int


METHOD = "booking.v1.waitlist.list"
CRM_METHOD = "crm.activity.list"


class Portal(FakePortal):
    """Answers lists of ids page by page. `meanwhile` is what others do after each HTTP request."""

    def __init__(
        self,
        lists: dict[str, list[int]],
        *,
        meanwhile: Callable[[Portal], None] = lambda _: None,
        ignores_start: bool = False,
    ) -> None:
        self.lists = lists
        self.meanwhile = meanwhile
        self.ignores_start = ignores_start
        self.requests: list[int] = []
        self.errors: dict[str, PortalError] = {}

    def answer(self, command: Command) -> Any:
        name = str(command.params["of"])
        if name in self.errors:
            raise self.errors[name]
        start = 0 if self.ignores_start else command.params["start"]
        rows = [{"id": number} for number in self.lists[name][start : start + PAGE_SIZE]]
        if command.method == CRM_METHOD:
            return [{"ID": str(row["id"])} for row in rows]
        return {"items": rows}

    def total(self, command: Command) -> int | None:
        return len(self.lists[command.params["of"]]) if command.method == CRM_METHOD else 0

    def after_request(self, commands: int) -> None:
        self.requests.append(commands)
        self.meanwhile(self)


def wanted(name: str = "all", **fields: Any) -> ListCommand[Row]:
    return ListCommand(METHOD, "items", {"of": name}, row=Row, **fields)


def counted(name: str) -> ListCommand[UpperRow]:
    return ListCommand(CRM_METHOD, "", {"of": name}, row=UpperRow)


def read(portal: Portal, **fields: Any) -> Listing[Row]:
    command = wanted(**fields)
    return read_lists(portal, [command])[command]


@settings(deadline=None)
@given(count=st.integers(0, 1200), pages=st.integers(1, 60))
def test_a_list_of_any_length_is_read_whole(count: int, pages: int) -> None:
    listing = read(Portal({"all": list(range(count))}), pages=pages)
    assert list(listing.rows) == list(range(count))
    assert listing.complete


@pytest.mark.parametrize(
    ("count", "pages", "requests"),
    [
        (0, 1, 1),
        (49, 1, 1),
        (50, 1, 2),
        (51, 1, 2),
        (137, 1, 2),
        (1000, 1, 3),
        (137, 5, 1),
        (49, 5, 1),
        (50, 5, 1),
        (51, 5, 1),
        (249, 5, 1),
        (250, 5, 2),
        (1000, 5, 2),
        (5000, 5, 4),
    ],
)
def test_it_takes_few_requests(count: int, pages: int, requests: int) -> None:
    portal = Portal({"all": list(range(count))})
    assert len(read(portal, pages=pages).rows) == count
    assert len(portal.requests) == requests


@settings(deadline=None)
@given(st.lists(st.integers(0, 400), min_size=1, max_size=8), st.integers(1, 8))
def test_several_lists_are_read_together(counts: list[int], pages: int) -> None:
    lists = {f"l{number}": list(range(count)) for number, count in enumerate(counts)}
    commands = {name: wanted(name, pages=pages) for name in lists}
    listings = read_lists(Portal(lists), commands.values())
    assert {name: list(listings[one].rows) for name, one in commands.items()} == lists
    assert all(listings[one].complete for one in commands.values())


@settings(deadline=None)
@given(count=st.integers(0, 5000))
def test_a_list_with_a_total_is_read_whole_without_a_page_too_many(count: int) -> None:
    portal = Portal({"all": list(range(count))})
    command = counted("all")
    listing = read_lists(portal, [command])[command]
    assert list(listing.rows) == list(range(count))
    assert listing.complete
    most = 1 if count <= PAGE_SIZE else 2 if count <= PAGE_SIZE * BATCH_SIZE else 4
    assert len(portal.requests) <= most
    again = max(0, len(portal.requests) - 1)
    assert sum(portal.requests) == max(1, -(-count // PAGE_SIZE)) + again


def test_long_lists_share_a_batch_by_their_lengths() -> None:
    lists = {"all": list(range(1000)), "month": list(range(330)), "mirror": list(range(850))}
    portal = Portal(lists)
    everything, month = wanted("all", pages=5), wanted("month", pages=2)
    mirror = counted("mirror")
    listings = read_lists(portal, [everything, month, mirror])
    assert list(listings[everything].rows) == lists["all"]
    assert list(listings[month].rows) == lists["month"]
    assert list(listings[mirror].rows) == lists["mirror"]
    assert len(portal.requests) == 2


@settings(deadline=None)
@given(
    count=st.integers(0, 700),
    pages=st.integers(1, 5),
    deleted=st.lists(st.integers(0, 699), max_size=PAGE_SIZE),
)
def test_remaining_rows_are_all_found_while_others_are_deleted(
    count: int, pages: int, deleted: list[int]
) -> None:
    def delete(portal: Portal) -> None:
        portal.lists["all"] = [row for row in portal.lists["all"] if row not in deleted]

    listing = read(Portal({"all": list(range(count))}, meanwhile=delete), pages=pages)
    assert set(range(count)) - set(deleted) <= set(listing.rows)
    assert listing.complete


@settings(deadline=None)
@given(
    count=st.integers(0, 700),
    pages=st.integers(1, 5),
    added=st.integers(0, 49),
    first=st.booleans(),
)
def test_remaining_rows_are_all_found_while_others_are_added(
    count: int, pages: int, added: int, first: bool
) -> None:
    def add(portal: Portal) -> None:
        if added and len(portal.requests) < 3:
            begin = 1000 * len(portal.requests)
            rows, new = portal.lists["all"], list(range(begin, begin + added))
            portal.lists["all"] = new + rows if first else rows + new

    listing = read(Portal({"all": list(range(count))}, meanwhile=add), pages=pages)
    assert set(range(count)) <= set(listing.rows)
    assert listing.complete


@settings(deadline=None)
@given(count=st.integers(PAGE_SIZE, 300), pages=st.integers(1, 60))
def test_a_server_that_ignores_start_is_noticed(count: int, pages: int) -> None:
    portal = Portal({"all": list(range(count))}, ignores_start=True)
    listing = read(portal, pages=pages)
    assert len(listing.rows) == PAGE_SIZE
    assert not listing.complete
    assert len(portal.requests) <= 2


def test_a_list_without_end_is_not_read_for_ever() -> None:
    listing = read(Portal({"all": list(range(PAGE_SIZE * (MAX_PAGES + 3)))}))
    assert len(listing.rows) == PAGE_SIZE * MAX_PAGES
    assert not listing.complete


def test_an_error_of_a_list_is_raised() -> None:
    portal = Portal({"all": [1]})
    portal.errors["all"] = NotPermitted("ACCESS_DENIED")
    with pytest.raises(NotPermitted):
        read(portal)


def test_an_error_of_an_optional_list_does_not_affect_the_others() -> None:
    portal = Portal({"all": list(range(60)), "extra": [1]})
    portal.errors["extra"] = Refused("1")
    everything, extra = wanted(), wanted("extra", optional=True)
    listings = read_lists(portal, [everything, extra])
    assert len(listings[everything].rows) == 60
    assert listings[extra].rows == {}
    assert not listings[extra].complete
    assert listings[extra].error is portal.errors["extra"]


def test_a_list_is_not_read_on_when_the_list_it_ends_with_has_ended() -> None:
    portal = Portal({"all": list(range(60)), "mirror": list(range(900))})
    everything = wanted(pages=2)
    mirror = wanted("mirror", pages=2, ends_with=everything)
    listings = read_lists(portal, [everything, mirror])
    assert listings[everything].complete
    assert (len(listings[mirror].rows), listings[mirror].complete) == (100, False)
    assert len(portal.requests) == 1


class Odd(Portal):
    """Answers each page with the same result."""

    def __init__(self, result: Any) -> None:
        super().__init__({})
        self.result = result

    def answer(self, _command: Command) -> Any:
        return self.result

    def total(self, _command: Command) -> int | None:
        return None


def test_the_empty_array_of_php_is_an_empty_list() -> None:
    assert read(Odd([])).complete
    assert read(Odd({"items": []})).complete


@pytest.mark.parametrize(
    "result",
    [{"other": []}, {"items": None}, {"items": "?"}, {"items": 7}, None],
)
def test_an_answer_of_another_shape_is_not_taken_for_an_empty_list(result: Any) -> None:
    with pytest.raises(NoAnswer):
        read(Odd(result))


@pytest.mark.parametrize("odd", [None, "x", 7, [], {}, {"id": None}, {"id": "x"}, {"id": []}])
@pytest.mark.parametrize("place", [0, 49, 50, 99, 120])
def test_a_row_that_is_not_understood_is_counted_and_hides_no_other(odd: Any, place: int) -> None:
    class OneOdd(Portal):
        def answer(self, command: Command) -> Any:
            rows = super().answer(command)["items"]
            return {"items": [odd if row["id"] == place else row for row in rows]}

    listing = read(OneOdd({"all": list(range(137))}))
    assert list(listing.rows) == [number for number in range(137) if number != place]
    assert (listing.unreadable, listing.complete) == (1, True)
