"""Lists of the waiting list"""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from sandbox.conformance.conftest import Compare
from sandbox.conformance.rest import Answer, Rest
from sandbox.conformance.samples import Samples, contact

LIST, CLIENTS = "booking.v1.waitlist.list", "booking.v1.waitlist.client.list"
PAGE = 50
FORMATS = {"dd.mm.yyyy": "%d.%m.%Y", "mm/dd/yyyy": "%m/%d/%Y", "yyyy-mm-dd": "%Y-%m-%d"}


@pytest.fixture(scope="module", autouse=True)
def records(samples: Samples) -> list[int]:
    """52 records, more than a page."""
    return samples.create_records(PAGE + 2)


def ids(answer: Answer) -> list[int]:
    return [row["id"] for row in answer.result["waitList"]]


def test_a_page_has_50_records_and_no_next(portal: Rest) -> None:
    answer = portal.call(LIST)
    assert len(ids(answer)) == PAGE
    assert "next" not in answer.body


@pytest.mark.parametrize("what", ["waitlist", "booking", "resource", "clienttype"])
def test_the_total_of_a_booking_list(portal: Rest, what: str, compare: Compare) -> None:
    answer = portal.call(f"booking.v1.{what}.list")
    assert answer.result is not None
    compare(answer.body.get("total", "none"), source=0, docs="none")


def test_reading_until_a_page_is_short_returns_every_record(
    portal: Rest, records: list[int]
) -> None:
    read: list[int] = []
    while len(page := ids(portal.call(LIST, start=len(read)))) == PAGE:
        read += page
    read += page
    assert set(records) <= set(read)
    assert len(set(read)) == len(read)


def test_start_is_rounded_down_to_a_page(portal: Rest) -> None:
    first, second = ids(portal.call(LIST)), ids(portal.call(LIST, start=PAGE))
    assert ids(portal.call(LIST, start=10)) == first
    assert ids(portal.call(LIST, start=PAGE + 25)) == second != first


def test_start_minus_one_returns_the_first_page_without_total_and_next(portal: Rest) -> None:
    answer = portal.call(LIST, start=-1)
    assert ids(answer) == ids(portal.call(LIST))
    assert not {"total", "next"} & set(answer.body)


@pytest.mark.parametrize("name", ["id", "=id", ">id", "clientId", "createdBy"])
def test_unknown_filters_are_ignored(portal: Rest, records: list[int], name: str) -> None:
    answer = portal.call(LIST, filter={name: records[-1]})
    assert ids(answer) == ids(portal.call(LIST))


def test_a_cursor_by_id_always_gets_the_first_page(portal: Rest, records: list[int]) -> None:
    cursor = {"order": {"id": "ASC"}, "filter": {">id": records[-1]}, "start": -1}
    assert ids(portal.call(LIST, **cursor)) == ids(portal.call(LIST, start=-1))


def test_order_and_select_are_ignored(portal: Rest) -> None:
    answer = portal.call(LIST, order={"id": "DESC"}, select=["id"])
    assert ids(answer) == ids(portal.call(LIST))
    assert "note" in answer.result["waitList"][0]


def test_a_record_has_an_id_and_a_note_but_no_clients(
    portal: Rest, samples: Samples, record_id: int, contact_id: int
) -> None:
    samples.set_clients(record_id, [contact(contact_id)])
    row = portal.call("booking.v1.waitlist.get", id=record_id).result["waitList"]
    assert set(row) == {"id", "note"}
    assert all(set(row) == {"id", "note"} for row in portal.call(LIST).result["waitList"])


def test_all_clients_come_in_one_reply_whatever_start_is(
    portal: Rest, samples: Samples, record_id: int
) -> None:
    numbers = [samples.absent + index for index in range(PAGE + 10)]
    samples.set_clients(record_id, [contact(number) for number in numbers])
    for start in (0, PAGE):
        listed = portal.call(CLIENTS, waitListId=record_id, start=start)
        assert len(listed.result["waitListClient"]) == PAGE + 10
        assert "next" not in listed.body


def test_the_total_of_a_client_list(portal: Rest, record_id: int, compare: Compare) -> None:
    listed = portal.call(CLIENTS, waitListId=record_id)
    compare(listed.body.get("total", "none"), source=0, docs="none")


def _format_day(portal: Rest, days: int, form: str) -> str:
    now = datetime.fromisoformat(portal.call("server.time").result)
    return (now + timedelta(days=days)).strftime(form)


def _date_format(portal: Rest) -> tuple[str, str]:
    """Return the name and pattern of the first date format that the portal accepts."""
    for name, form in FORMATS.items():
        day = _format_day(portal, 0, form)
        within = {"createdWithin": {"from": day, "to": day}}
        if "error" not in portal.call(LIST, filter=within).body:
            return name, form
    pytest.skip("the portal's date format is unknown to the suite")


def test_the_date_format_of_this_portal_in_a_filter(
    portal: Rest, report: Callable[[object], None]
) -> None:
    report(_date_format(portal)[0])


def test_created_within_excludes_the_last_day(portal: Rest, records: list[int]) -> None:
    form = _date_format(portal)[1]
    today, before, after = (_format_day(portal, days, form) for days in (0, -1, 2))
    empty = portal.call(LIST, filter={"createdWithin": {"from": today, "to": today}})
    assert ids(empty) == []
    found: list[int] = []
    for start in range(0, 100 * PAGE, PAGE):
        within = {"createdWithin": {"from": before, "to": after}}
        page = ids(portal.call(LIST, filter=within, start=start))
        found += page
        if len(page) < PAGE:
            break
    assert set(records) <= set(found)


def test_created_within_needs_two_valid_dates(portal: Rest) -> None:
    for name, missing in (("from", "to"), ("to", "from")):
        answer = portal.call(LIST, filter={"createdWithin": {name: "01.01.2026"}})
        assert (answer.error, answer.text) == ("0", f"Required fields: {missing}")
    answer = portal.call(LIST, filter={"createdWithin": {"from": "soon", "to": "later"}})
    assert (answer.error, answer.text) == ("422", "Invalid date")
