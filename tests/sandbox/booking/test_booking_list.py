"""booking.list: its filters, its order, its pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox import Sandbox
from sandbox.portal.portal import Portal
from tests.sandbox.booking.steps import HOUR, NINE, book
from tests.sandbox.steps import Caller, company, contact, error_of

LIST = "booking.v1.booking.list"


def ids(call: Caller, **given: Any) -> list[int]:
    return [row["id"] for row in call(LIST, **given)[1]["result"]["booking"]]


@pytest.fixture
def first(call: Caller) -> int:
    """From nine to ten in room 1."""
    return book(call)


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        (NINE, NINE + HOUR, True),
        (NINE - HOUR, NINE + 1, True),
        (NINE + HOUR - 1, NINE + 2 * HOUR, True),
        (NINE + 600, NINE + 1200, True),
        (NINE - HOUR, NINE, False),
        (NINE + HOUR, NINE + 2 * HOUR, False),
    ],
)
def test_a_window_lets_through_what_overlaps_it(
    call: Caller, first: int, start: int, end: int, found: bool
) -> None:
    window = {"within": {"dateFrom": start, "dateTo": str(end)}}
    assert ids(call, filter=window) == ([first] if found else [])


def test_resources_are_joined_by_or_and_filters_by_and(call: Caller, first: int) -> None:
    second, third = book(call, 2, 3), book(call, 1, start=NINE + HOUR)
    day = {"dateFrom": NINE, "dateTo": NINE + 86_400}
    for resources, found in (
        ([1], [first, third]),
        (["3", 1], [first, second, third]),
        ([9], []),
        (1, [first, second, third]),
    ):
        assert ids(call, filter={"resourceId": resources, "within": day}) == found
    hour = {"dateFrom": NINE, "dateTo": NINE + HOUR}
    assert ids(call, filter={"resourceId": [1], "within": hour}) == [first]


def test_only_the_first_client_of_a_type_counts_and_types_are_joined_by_and(
    call: Caller, first: int
) -> None:
    second = book(call, 2)
    for number, wanted in ((first, [contact(399)]), (second, [contact(398), company(38)])):
        call("booking.v1.booking.client.set", bookingId=number, clients=wanted)

    def by(*entities: tuple[str, int]) -> list[int]:
        rows = [{"module": "crm", "code": code, "id": number} for code, number in entities]
        window = {"dateFrom": NINE, "dateTo": NINE + HOUR}
        return ids(call, filter={"client": {"entities": rows}, "within": window})

    assert by(("CONTACT", 399)) == [first]
    assert by(("CONTACT", 399), ("CONTACT", 398)) == [first]
    assert by(("CONTACT", 398), ("COMPANY", 38)) == [second]
    assert by(("CONTACT", 399), ("COMPANY", 38)) == []
    assert by(("LEAD", 1)) == [first, second]


def test_the_time_of_creation_is_a_filter(call: Caller, first: int, portal: Portal) -> None:
    today = datetime.now(UTC)
    days = [(today + timedelta(days=step)).strftime("%d.%m.%Y") for step in (0, 1, 2)]
    assert ids(call, filter={"createdWithin": {"from": days[0], "to": days[1]}}) == [first]
    assert ids(call, filter={"createdWithin": {"from": days[1], "to": days[2]}}) == []
    portal.state.booking_tool = False
    body = call(LIST, filter={"createdWithin": {"from": "x", "to": "y"}})[1]
    assert body["error"] == "0"


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"within": 5}, "Required fields: within"),
        ({"client": {"entities": ["x"]}}, "Required fields: entities"),
    ],
)
def test_a_filter_without_its_fields_is_refused(
    call: Caller, given: dict[str, Any], text: str
) -> None:
    assert error_of(call(LIST, filter=given)[1]) == ("0", text)


def test_the_order_is_by_id_or_time_and_other_fields_are_ignored(
    call: Caller, first: int, sandbox: Sandbox
) -> None:
    second = book(call, 2, start=NINE - 600, seconds=2 * HOUR)
    third = book(call, 3, start=NINE + 600, seconds=600)
    window = {"within": {"dateFrom": NINE - HOUR, "dateTo": NINE + 3 * HOUR}}
    sandbox.switches.shuffle = True
    for order, wanted in (
        ({"dateFrom": "ASC"}, [second, first, third]),
        ({"dateTo": "desc"}, [second, first, third]),
        ({"id": "DESC"}, [third, second, first]),
        ({"name": "DESC", "id": "ASC"}, [first, second, third]),
    ):
        assert ids(call, filter=window, order=order) == wanted
    assert sorted(ids(call, filter=window)) == [first, second, third]


def test_pages_have_50_bookings_and_unknown_filters_are_ignored(
    call: Caller, portal: Portal
) -> None:
    pages = [ids(call, filter={"id": 5}, start=50 * page) for page in range(5)]
    assert [len(page) for page in pages] == [50, 50, 50, 50, 0]
    assert {number for page in pages for number in page} == set(portal.state.bookings)
