"""Records, their notes, links and bookings"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.conformance.rest import Rest
from sandbox.conformance.workshop import Workshop, contact

GET, UPDATE = "booking.v1.waitlist.get", "booking.v1.waitlist.update"
LINKS = "booking.v1.waitlist.externalData"
# A day nobody has plans for yet.
PERIOD = {
    "from": {"timestamp": 2082790800, "timezone": "UTC"},
    "to": {"timestamp": 2082794400, "timezone": "UTC"},
}


def note(portal: Rest, record: int) -> Any:
    return portal.call(GET, id=record).result["waitList"]["note"]


@pytest.mark.parametrize("fields", [{}, {"note": None}, {"note": ""}], ids=["missing", "null", ""])
def test_a_record_without_a_note_has_null(
    portal: Rest, workshop: Workshop, fields: dict[str, Any]
) -> None:
    added = portal.call("booking.v1.waitlist.add", fields=fields).result
    assert note(portal, workshop.keep_record(added)) is None


def test_an_update_without_a_note_keeps_it_and_an_empty_one_removes_it(
    portal: Rest, workshop: Workshop, record: int
) -> None:
    assert portal.call(UPDATE, id=record, fields={"unknown": 1}).result is True
    assert note(portal, record) == workshop.marker
    assert portal.call(UPDATE, id=record, fields={"note": ""}).result is True
    assert note(portal, record) is None


def test_an_update_with_a_null_note(
    portal: Rest, record: int, observed: Callable[[object], None]
) -> None:
    portal.call(UPDATE, id=record, fields={"note": None})
    observed("removes it" if note(portal, record) is None else "keeps it")


def test_a_deleted_record_is_1040_to_everyone_and_1036_to_delete(
    portal: Rest, workshop: Workshop, record: int, someone: int
) -> None:
    workshop.set_clients(record, [contact(someone)])
    assert portal.call("booking.v1.waitlist.delete", id=record).result is True
    clients = "booking.v1.waitlist.client"
    gone: dict[str, dict[str, Any]] = {
        GET: {"id": record},
        UPDATE: {"id": record, "fields": {}},
        f"{clients}.list": {"waitListId": record},
        f"{clients}.set": {"waitListId": record, "clients": []},
        f"{clients}.unset": {"waitListId": record},
        f"{LINKS}.list": {"waitListId": record},
    }
    for method, params in gone.items():
        answer = portal.call(method, **params)
        assert (answer.status, answer.error, answer.text) == (400, "1040", "Wait list not found")
    again = portal.call("booking.v1.waitlist.delete", id=record)
    assert (again.error, again.text) == ("1036", "wait list item not found")


def test_links_are_replaced_kept_as_text_and_not_checked(portal: Rest, record: int) -> None:
    first = {"moduleId": "crm", "entityTypeId": "DEAL", "value": 1900000001}
    second = {"moduleId": "nobody", "entityTypeId": "KNOWS", "value": "this"}
    for links in ([first], [second, second]):
        assert portal.call(f"{LINKS}.set", waitListId=record, externalData=links).result is True
        listed = portal.call(f"{LINKS}.list", waitListId=record)
        wanted = [{**row, "value": str(row["value"])} for row in links]
        assert listed.result == {"externalData": wanted}
    assert portal.call(f"{LINKS}.unset", waitListId=record).result is True
    assert portal.call(f"{LINKS}.list", waitListId=record).result == {"externalData": []}


def test_links_say_what_they_miss(portal: Rest, workshop: Workshop) -> None:
    method, absent = f"{LINKS}.set", workshop.absent
    answer = portal.call(method, waitListId=absent, externalData=[{"moduleId": "crm"}])
    assert (answer.error, answer.text) == ("0", "Required fields: entityTypeId, value")
    assert portal.call(method, waitListId=absent, externalData=["x"]).error == "422"
    assert portal.call(method, waitListId=absent, externalData=[]).error == "1040"


@pytest.fixture(scope="module")
def resource(portal: Rest) -> int:
    rows = portal.call("booking.v1.resource.list").result["resource"]
    if not rows:
        pytest.skip("the portal has no resource to book")
    return int(rows[0]["id"])


def test_a_record_that_became_a_booking_is_gone_and_its_clients_came_along(
    portal: Rest, workshop: Workshop, record: int, someone: int, resource: int
) -> None:
    workshop.set_clients(record, [contact(someone)])
    fields = {"resourceIds": [resource], "datePeriod": PERIOD}
    promote = "booking.v1.booking.createfromwaitlist"
    booking = workshop.keep_booking(portal.call(promote, waitListId=record, fields=fields).result)
    rows = portal.call("booking.v1.booking.client.list", bookingId=booking).result["bookingClient"]
    assert rows == [contact(someone)]
    assert portal.call("booking.v1.waitlist.client.set", waitListId=record, clients=[]).error == (
        "1040"
    )
    assert portal.call(promote, waitListId=record, fields=fields).error == "1038"


def test_a_booking_goes_back_to_the_list_with_its_note(
    portal: Rest, workshop: Workshop, record: int, someone: int, resource: int
) -> None:
    workshop.set_clients(record, [contact(someone)])
    fields = {"resourceIds": [resource], "datePeriod": PERIOD}
    promote, back = "booking.v1.booking.createfromwaitlist", "booking.v1.waitlist.createfrombooking"
    booking = workshop.keep_booking(portal.call(promote, waitListId=record, fields=fields).result)
    again = workshop.keep_record(portal.call(back, bookingId=booking).result)
    assert workshop.clients(again) == [("CONTACT", someone)]
    assert note(portal, again) == workshop.marker
    assert portal.call("booking.v1.booking.get", id=booking).error == "1021"
    assert portal.call(back, bookingId=booking).error == "1037"
