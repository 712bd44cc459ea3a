"""Bookings: what is added, read, changed, refused and deleted."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.portal.portal import Portal
from tests.sandbox.booking.steps import HOUR, NINE, PROMOTE, book, clients, links, period
from tests.sandbox.steps import Caller, company, contact, error_of

ADD, GET, UPDATE = (f"booking.v1.booking.{action}" for action in ("add", "get", "update"))
PERIOD = period()
FIELDS: dict[str, Any] = {"resourceIds": [1], "datePeriod": PERIOD}


def test_bookings_can_be_added_read_listed_changed_and_deleted(call: Caller) -> None:
    number = call(ADD, fields={**FIELDS, "name": "Check"})[1]["result"]
    shown = call(GET, id=number)[1]["result"]["booking"]
    assert (shown["name"], shown["resourceIds"], shown["description"]) == ("Check", [1], None)
    call(UPDATE, id=number, fields={"name": "Later"})
    day = {"within": {"dateFrom": NINE, "dateTo": NINE + HOUR}}
    rows = call("booking.v1.booking.list", filter=day)[1]
    assert ([row["name"] for row in rows["result"]["booking"]], rows["total"]) == (["Later"], 0)
    assert call("booking.v1.booking.delete", id=number)[1]["result"] is True
    again = call("booking.v1.booking.delete", id=number)[1]
    assert error_of(again) == ("1020", "booking not found")
    assert call(GET, id=number)[1]["error_description"] == "Booking not found"
    assert call(UPDATE, id=number, fields={})[1]["error"] == "1019"


def test_an_update_changes_only_the_given_fields_of_a_booking(call: Caller) -> None:
    number = call(ADD, fields={**FIELDS, "name": "Check"})[1]["result"]
    ends = {"from": PERIOD["to"], "to": {"timestamp": NINE + 7200, "timezone": "europe/berlin"}}
    moved = {"datePeriod": ends, "resourceIds": ["2", 1]}
    assert call(UPDATE, id=number, fields=moved)[1]["result"] is True
    assert call(UPDATE, id=number, fields={"name": None})[0] == 200
    shown = call(GET, id=number)[1]["result"]["booking"]
    assert (shown["datePeriod"], shown["resourceIds"], shown["name"]) == (ends, [2, 1], "Check")


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"resourceIds": 1}, "422", "Parameter resourceIds must be array"),
    ({"resourceIds": ["x"]}, "422", "Parameter resourceIds must be array of integers"),
    ({"resourceIds": [1, 0]}, "422", "Parameter resourceIds must be array of integers"),
    ({"resourceIds": [1, 777, 2, 778]}, "", "Some resources were not found: 777, 778"),
    ({"datePeriod": "tomorrow"}, "0", "Required fields: datePeriod"),
    ({"datePeriod": {"to": PERIOD["to"]}}, "0", "Required fields: from"),
    ({"datePeriod": {"from": 5, "to": PERIOD["to"]}}, "0", "Required fields: from"),
    ({"datePeriod": {"from": {}, "to": {}}}, "0", "Required fields: timestamp, timezone"),
    (
        {"datePeriod": {"from": PERIOD["to"], "to": PERIOD["from"]}},
        "422",
        "Invalid date period",
    ),
    ({"datePeriod": period(seconds=0)}, "422", "Invalid date period"),
    ({"datePeriod": period(zone="Europe/Nowhere")}, "422", "Invalid date period"),
    ({"datePeriod": period(zone="+25:00")}, "422", "Invalid date period"),
    ({"datePeriod": period(zone="Europe")}, "422", "Invalid date period"),
    ({"datePeriod": period(zone="../localtime")}, "422", "Invalid date period"),
    ({"datePeriod": period(zone="posixrules")}, "422", "Invalid date period"),
]


@pytest.mark.parametrize(("fields", "code", "text"), REFUSED)
def test_bad_resources_and_periods_are_refused_and_change_nothing(
    call: Caller, portal: Portal, fields: dict[str, Any], code: str, text: str
) -> None:
    number = book(call)
    count = len(portal.state.bookings)
    both = {**FIELDS, **fields}
    for method, own_code, target in (
        (UPDATE, "1019", {"id": number, "fields": fields}),
        (ADD, "1018", {"fields": both}),
        (PROMOTE, "1038", {"waitListId": 1, "fields": both}),
    ):
        assert error_of(call(method, **target)[1]) == (code or own_code, text), method
    shown = call(GET, id=number)[1]["result"]["booking"]
    assert (shown["datePeriod"], shown["resourceIds"]) == (PERIOD, [1])
    assert len(portal.state.bookings) == count
    assert 1 in portal.records


def test_a_new_booking_needs_a_resource_but_an_update_may_take_them_all(call: Caller) -> None:
    for method, code, target in (
        (ADD, "1018", {}),
        (PROMOTE, "1038", {"waitListId": 1}),
    ):
        body = call(method, **target, fields={**FIELDS, "resourceIds": []})[1]
        assert error_of(body) == (code, "Empty resource collection")
    number = book(call)
    assert call(UPDATE, id=number, fields={"resourceIds": []})[0] == 200
    shown = call(GET, id=number)[1]["result"]["booking"]
    assert shown["resourceIds"] is None


@pytest.mark.parametrize("zone", ["Europe/Berlin", "utc", "+05:30", "-3", "EST"])
def test_a_time_zone_that_php_knows_is_kept_as_it_was_sent(call: Caller, zone: str) -> None:
    answer = call(ADD, fields={**FIELDS, "datePeriod": period(zone=zone)})[1]
    shown = call(GET, id=answer["result"])[1]["result"]["booking"]
    assert shown["datePeriod"]["from"]["timezone"] == zone


def test_a_deleted_resource_is_refused_for_new_bookings_and_in_updates(
    call: Caller, portal: Portal
) -> None:
    first, second = book(call, 1), book(call, 2)
    portal.state.resources[1].deleted_at = NINE - HOUR
    assert call(ADD, fields=FIELDS)[1]["error_description"] == ("Some resources were not found: 1")
    body = call(UPDATE, id=second, fields={"resourceIds": [2, 1]})[1]
    assert error_of(body) == ("1019", "Resource 1 not found")
    text = "There is a deleted resource at the time of booking completed"
    body = call(UPDATE, id=first, fields={"name": "Later"})[1]
    assert error_of(body) == ("1019", text)
    portal.state.resources[1].deleted_at = NINE + 2 * HOUR
    assert call(UPDATE, id=first, fields={"name": "Later"})[0] == 200


def test_an_error_names_the_missing_fields_of_a_booking(call: Caller) -> None:
    body = call(ADD, fields={})[1]
    assert body["error_description"] == "Required fields: resourceIds, datePeriod"
    period = {"from": {"timestamp": 1}, "to": {}}
    body = call(ADD, fields={"resourceIds": [1], "datePeriod": period})[1]
    assert body["error_description"] == "Required fields: timezone"


def test_clients_of_a_booking_are_checked_like_those_of_a_record(call: Caller) -> None:
    number = call(ADD, fields=FIELDS)[1]["result"]
    method = "booking.v1.booking.client.set"
    assert call(method, bookingId=99_999, clients=[contact(1)])[1]["error"] == "1021"
    assert call(method, bookingId=number, clients=[{"id": 1}])[1]["error"] == "0"
    assert call(method, bookingId=number, clients=[contact(1)])[1]["result"] is True
    assert call("booking.v1.booking.client.unset", bookingId=number)[1]["result"] is True


def test_external_links_are_replaced_and_read_back(call: Caller) -> None:
    link = {"moduleId": "crm", "entityTypeId": "DEAL", "value": 4}
    for thing, key in (("waitlist", "waitListId"), ("booking", "bookingId")):
        number = call(ADD, fields=FIELDS)[1]["result"] if thing != "waitlist" else 3
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
    assert call("booking.v1.booking.externalData.unset", bookingId=99_999)[1]["error"] == "1021"


def test_the_first_clients_of_a_booking_are_given_to_its_deal(call: Caller, portal: Portal) -> None:
    number = book(call)
    (deal,) = (portal.state.deals[int(value)] for kind, value in links(call, number)[:1])
    assert not deal.fields.get("contactIds")
    method = "booking.v1.booking.client.set"
    call(method, bookingId=number, clients=[company(2), contact(7), contact(8)])
    assert (deal.fields["contactIds"], deal.fields["companyId"]) == ([7, 8], 2)
    call(method, bookingId=number, clients=[contact(9)])
    assert deal.fields["contactIds"] == [7, 8]
    other = book(call, 2)
    call(method, bookingId=other, clients=[contact(3)])
    empty = call("crm.item.add", entityTypeId=2, fields={})[1]["result"]["item"]["id"]
    link = {"moduleId": "crm", "entityTypeId": "DEAL", "value": empty}
    call("booking.v1.booking.externalData.set", bookingId=other, externalData=[link])
    assert portal.state.deals[empty].fields["contactIds"] == [3]


def test_a_booking_that_stays_empty_gets_the_clients_of_its_deal(
    call: Caller, portal: Portal
) -> None:
    number = book(call)
    deal = portal.state.deals[int(links(call, number)[0][1])]
    deal.fields |= {"contactIds": [4, 5], "companyId": 6}
    wanted = [("CONTACT", 4), ("CONTACT", 5), ("COMPANY", 6)]
    assert call(UPDATE, id=number, fields={})[0] == 200
    assert clients(call, number) == wanted
    unset = "booking.v1.booking.client.unset"
    assert call(unset, bookingId=number)[1]["result"] is True
    assert clients(call, number) == []
    assert call(unset, bookingId=number)[1]["result"] is True
    assert clients(call, number) == wanted


def test_a_new_booking_is_in_the_calendar_if_the_tariff_and_the_resource_allow_it(
    call: Caller, portal: Portal
) -> None:
    assert [kind for kind, _ in links(call, book(call))] == ["DEAL", "EVENT"]
    portal.state.resources[2].calendar = False
    assert [kind for kind, _ in links(call, book(call, 2))] == ["DEAL"]
    portal.state.features["booking_calendar"] = False
    assert [kind for kind, _ in links(call, book(call, 3))] == ["DEAL"]


def test_no_list_of_bookings_has_a_total_when_start_is_minus_one(call: Caller) -> None:
    number = call(ADD, fields=FIELDS)[1]["result"]
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
