"""Bookings, and turning a record into a booking or back."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.portal.portal import Portal
from tests.sandbox.steps import Caller, contact

PERIOD = {
    "from": {"timestamp": 1800000000, "timezone": "UTC"},
    "to": {"timestamp": 1800003600, "timezone": "UTC"},
}
FIELDS: dict[str, Any] = {"resourceIds": [1], "datePeriod": PERIOD}


def test_a_record_becomes_a_booking_with_its_clients_and_is_gone(
    call: Caller,
) -> None:
    call("booking.v1.waitlist.client.set", waitListId=1, clients=[contact(5)])
    number = call("booking.v1.booking.createfromwaitlist", waitListId=1, fields=FIELDS)[1]["result"]
    body = call("booking.v1.booking.client.list", bookingId=number)[1]["result"]
    assert [row["id"] for row in body["bookingClient"]] == [5]
    assert call("booking.v1.waitlist.get", id=1)[1]["error"] == "1040"
    missing = call("booking.v1.booking.createfromwaitlist", waitListId=1, fields=FIELDS)
    assert missing[1]["error"] == "1038"


def test_a_booking_returns_to_the_waiting_list_with_note_and_clients(
    call: Caller, portal: Portal
) -> None:
    before, note = portal.clients(2), portal.records[2].note
    number = call("booking.v1.booking.createfromwaitlist", waitListId=2, fields=FIELDS)[1]["result"]
    back = call("booking.v1.waitlist.createfrombooking", bookingId=number)[1]["result"]
    assert (portal.clients(back), portal.records[back].note) == (before, note)
    assert call("booking.v1.booking.get", id=number)[1]["error"] == "1021"
    again = call("booking.v1.waitlist.createfrombooking", bookingId=number)[1]
    assert (again["error"], again["error_description"]) == ("1037", "booking not found")


def test_bookings_can_be_added_read_listed_changed_and_deleted(call: Caller) -> None:
    number = call("booking.v1.booking.add", fields={**FIELDS, "name": "Check"})[1]["result"]
    shown = call("booking.v1.booking.get", id=number)[1]["result"]["booking"]
    assert (shown["name"], shown["resourceIds"], shown["description"]) == ("Check", [1], None)
    call("booking.v1.booking.update", id=number, fields={"name": "Later"})
    rows = call("booking.v1.booking.list", filter={"resourceId": [1]})[1]
    assert ([row["name"] for row in rows["result"]["booking"]], rows["total"]) == (["Later"], 0)
    assert call("booking.v1.booking.delete", id=number)[1]["result"] is True
    assert call("booking.v1.booking.delete", id=number)[1]["error"] == "1020"


def test_an_update_changes_only_the_given_fields_of_a_booking(call: Caller) -> None:
    number = call("booking.v1.booking.add", fields={**FIELDS, "name": "Check"})[1]["result"]
    ends = {"from": PERIOD["to"], "to": {"timestamp": 1800007200, "timezone": "Europe/Berlin"}}
    moved = {"datePeriod": ends, "resourceIds": ["2", 999, 1]}
    assert call("booking.v1.booking.update", id=number, fields=moved)[1]["result"] is True
    assert call("booking.v1.booking.update", id=number, fields={"name": None})[0] == 200
    shown = call("booking.v1.booking.get", id=number)[1]["result"]["booking"]
    assert (shown["datePeriod"], shown["resourceIds"], shown["name"]) == (ends, [2, 1], "Check")


@pytest.mark.parametrize(
    ("fields", "code", "text"),
    [
        ({"resourceIds": 1}, "422", "Parameter resourceIds must be array"),
        ({"resourceIds": ["x"]}, "422", "Parameter resourceIds must be array of integers"),
        ({"resourceIds": []}, "1018", "Empty resource collection"),
        ({"resourceIds": [999]}, "1018", "Empty resource collection"),
        ({"datePeriod": {"to": PERIOD["to"]}}, "0", "Required fields: from"),
        ({"datePeriod": {"from": {}, "to": {}}}, "0", "Required fields: timestamp, timezone"),
        (
            {"datePeriod": {"from": PERIOD["to"], "to": PERIOD["from"]}},
            "422",
            "Invalid date period",
        ),
    ],
)
def test_bad_resources_and_periods_are_refused_and_change_nothing(
    call: Caller, portal: Portal, fields: dict[str, Any], code: str, text: str
) -> None:
    number = call("booking.v1.booking.add", fields=FIELDS)[1]["result"]
    for method, target in (
        ("booking.v1.booking.update", {"id": number, "fields": fields}),
        ("booking.v1.booking.add", {"fields": {**FIELDS, **fields}}),
        (
            "booking.v1.booking.createfromwaitlist",
            {"waitListId": 1, "fields": {**FIELDS, **fields}},
        ),
    ):
        body = call(method, **target)[1]
        assert (body["error"], body["error_description"]) == (code, text), method
    shown = call("booking.v1.booking.get", id=number)[1]["result"]["booking"]
    assert (shown["datePeriod"], shown["resourceIds"]) == (PERIOD, [1])
    assert len(portal.state.bookings) == 1
    assert 1 in portal.records


def test_an_error_names_the_missing_fields_of_a_booking(call: Caller) -> None:
    body = call("booking.v1.booking.add", fields={})[1]
    assert body["error_description"] == "Required fields: resourceIds, datePeriod"
    period = {"from": {"timestamp": 1}, "to": {}}
    body = call("booking.v1.booking.add", fields={"resourceIds": [1], "datePeriod": period})[1]
    assert body["error_description"] == "Required fields: timezone"


def test_clients_of_a_booking_are_checked_like_those_of_a_record(call: Caller) -> None:
    number = call("booking.v1.booking.add", fields=FIELDS)[1]["result"]
    method = "booking.v1.booking.client.set"
    assert call(method, bookingId=99, clients=[contact(1)])[1]["error"] == "1021"
    assert call(method, bookingId=number, clients=[{"id": 1}])[1]["error"] == "0"
    assert call(method, bookingId=number, clients=[contact(1)])[1]["result"] is True
    assert call("booking.v1.booking.client.unset", bookingId=number)[1]["result"] is True


def test_external_links_are_replaced_and_read_back(call: Caller) -> None:
    link = {"moduleId": "crm", "entityTypeId": "DEAL", "value": 4}
    for thing, key in (("waitlist", "waitListId"), ("booking", "bookingId")):
        number = (
            call("booking.v1.booking.add", fields=FIELDS)[1]["result"] if thing != "waitlist" else 3
        )
        target = {key: number}
        assert call(f"booking.v1.{thing}.externalData.set", **target, externalData=[link])[0] == 200
        body = call(f"booking.v1.{thing}.externalData.list", **target)[1]
        assert body["result"] == {"externalData": [{**link, "value": "4"}]}
    bad = call("booking.v1.waitlist.externalData.set", waitListId=3, externalData=[{}])[1]
    assert bad["error_description"] == "Required fields: moduleId, entityTypeId, value"
    for thing, target in (("waitlist", {"waitListId": 3}), ("booking", {"bookingId": number})):
        assert call(f"booking.v1.{thing}.externalData.unset", **target)[1]["result"] is True
        rows = call(f"booking.v1.{thing}.externalData.list", **target)[1]["result"]["externalData"]
        assert rows == []
    assert call("booking.v1.booking.externalData.unset", bookingId=99)[1]["error"] == "1021"


def test_resources_are_listed(call: Caller) -> None:
    rows = call("booking.v1.resource.list", filter={"searchQuery": "room"})[1]["result"]["resource"]
    assert [row["name"] for row in rows] == ["Room 1", "Room 2"]


def test_no_list_of_bookings_has_a_total_when_start_is_minus_one(call: Caller) -> None:
    number = call("booking.v1.booking.add", fields=FIELDS)[1]["result"]
    lists: dict[str, dict[str, int]] = {
        "booking.v1.booking.list": {},
        "booking.v1.resource.list": {},
        "booking.v1.clienttype.list": {},
        "booking.v1.waitlist.list": {},
        "booking.v1.waitlist.client.list": {"waitListId": 1},
        "booking.v1.waitlist.externalData.list": {"waitListId": 1},
        "booking.v1.booking.client.list": {"bookingId": number},
        "booking.v1.booking.externalData.list": {"bookingId": number},
    }
    for method, target in lists.items():
        assert call(method, **target)[1]["total"] == 0, method
        assert "total" not in call(method, **target, start=-1)[1], method
