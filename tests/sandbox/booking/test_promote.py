"""Turning a record into a booking, and a booking back into a record."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from sandbox import Sandbox
from sandbox.portal.portal import Portal
from tests.sandbox.booking.steps import BACK, NINE, PROMOTE, book, clients, fields, links, promote
from tests.sandbox.collector import collecting
from tests.sandbox.steps import Caller, company, contact, error_of

SET = "booking.v1.waitlist.client.set"


def test_a_record_becomes_a_booking_with_its_clients_and_links_and_is_gone(
    call: Caller, portal: Portal
) -> None:
    call(SET, waitListId=1, clients=[company(3), contact(5)])
    link = {"moduleId": "catalog", "entityTypeId": "SKU", "value": "9"}
    call("booking.v1.waitlist.externalData.set", waitListId=1, externalData=[link])
    number = promote(call, 1, name="Never kept")["result"]
    assert clients(call, number) == [("COMPANY", 3), ("CONTACT", 5)]
    assert [row.primary for row in portal.state.bookings[number].clients] == [False, True]
    assert links(call, number)[0] == ("SKU", "9")
    shown = call("booking.v1.booking.get", id=number)[1]["result"]["booking"]
    assert (shown["name"], shown["resourceIds"]) == (None, [1])
    assert call("booking.v1.waitlist.get", id=1)[1]["error"] == "1040"
    again = promote(call, 1)
    assert error_of(again) == ("1038", "wait list item not found")


@pytest.mark.parametrize(
    ("given", "linked"),
    [
        ([company(3), contact(5)], {"contactId": 5, "companyId": 0}),
        ([company(3)], {"contactId": 0, "companyId": 3}),
        ([], {"contactId": 0, "companyId": 0}),
    ],
)
def test_a_deal_is_created_with_the_primary_client_and_linked(
    call: Caller, portal: Portal, given: list[Any], linked: dict[str, Any]
) -> None:
    portal.state.required_fields = {"deal": ["comments"]}
    call(SET, waitListId=1, clients=given)
    before = len(portal.state.deals)
    number = promote(call, 1)["result"]
    (link,) = links(call, number)
    assert (link, len(portal.state.deals)) == (("DEAL", str(before + 1)), before + 1)
    deal = call("crm.item.get", entityTypeId=2, id=before + 1)[1]["result"]["item"]
    wanted = {"sourceId": "BOOKING", "typeId": "SERVICES", "categoryId": 0, "createdBy": 2}
    assert {name: deal[name] for name in wanted} == wanted
    assert {name: deal[name] or 0 for name in linked} == linked
    assert deal["title"] == f"Deal #{before + 1}"


def test_a_record_with_a_deal_keeps_it_and_gets_no_other(call: Caller, portal: Portal) -> None:
    link = {"moduleId": "crm", "entityTypeId": "DEAL", "value": "4"}
    call("booking.v1.waitlist.externalData.set", waitListId=1, externalData=[link])
    before = len(portal.state.deals)
    assert links(call, promote(call, 1)["result"]) == [("DEAL", "4")]
    assert len(portal.state.deals) == before


def test_no_deal_is_created_by_a_user_who_may_add_none(call: Caller, portal: Portal) -> None:
    portal.user(2).crm_add = False
    assert links(call, promote(call, 1)["result"]) == []
    # User 4 may read nothing in CRM.
    assert [kind for kind, _ in links(call, book(call, 2, user=4))] == ["EVENT"]


def test_a_record_without_clients_takes_those_of_its_deal(call: Caller, portal: Portal) -> None:
    portal.state.deals[4].fields |= {"contactIds": [8, 9], "companyId": 2}
    call("booking.v1.waitlist.client.unset", waitListId=1)
    link = {"moduleId": "crm", "entityTypeId": "DEAL", "value": "4"}
    portal.state.records[1].external = []
    call("booking.v1.waitlist.externalData.set", waitListId=1, externalData=[link])
    call("booking.v1.waitlist.client.unset", waitListId=1)
    number = promote(call, 1)["result"]
    assert clients(call, number) == [("CONTACT", 8), ("CONTACT", 9), ("COMPANY", 2)]


def test_a_booking_returns_as_a_new_record_with_note_clients_and_deal(
    call: Caller, portal: Portal
) -> None:
    before, note = portal.clients(2), portal.records[2].note
    number = promote(call, 2)["result"]
    linked = links(call, number)
    call("booking.v1.booking.update", id=number, fields={"name": "Check"})
    back = call(BACK, bookingId=number)[1]["result"]
    assert back not in (2, number)
    assert (portal.clients(back), portal.records[back].note) == (before, note)
    assert links(call, back, "waitlist", "waitListId") == linked
    assert portal.records[back].created_by == 2
    assert call("booking.v1.booking.get", id=number)[1]["error"] == "1021"
    again = call(BACK, bookingId=number)[1]
    assert error_of(again) == ("1037", "booking not found")


def test_errors_of_the_record_come_before_those_of_resources_and_time(
    call: Caller, portal: Portal
) -> None:
    for _ in range(2):
        book(call)
    texts = {
        (): "wait list item not found",
        (1,): "Some resources were not found: 777, 778",
    }
    for known, text in texts.items():
        assert error_of(promote(call, 1 if known else 99_999, 777, 1, 778)) == ("1038", text)
    body = promote(call, 1)
    assert (body["error"], 1 in portal.records) == ("1038", True)
    assert "unavailable" in body["error_description"]


def test_required_fields_and_the_tool_come_before_everything_else(
    call: Caller, portal: Portal
) -> None:
    assert call(PROMOTE, fields={})[1]["error"] == "100"
    assert call(PROMOTE, waitListId=1, fields="x")[1]["error"] == "100"
    portal.state.booking_tool = False
    portal.state.features["booking"] = False
    body = call(PROMOTE, waitListId=99_999, fields={"resourceIds": 5})[1]
    assert body["error_description"] == "Required fields: datePeriod"
    body = call(PROMOTE, waitListId=99_999, fields={**fields(), "resourceIds": 5})[1]
    assert "disabled" in body["error_description"]
    portal.state.booking_tool = True
    body = call(PROMOTE, waitListId=99_999, fields={**fields(), "resourceIds": 5})[1]
    assert body["error"] == "422"
    assert error_of(promote(call, 99_999)) == ("0", "Feature is not available")


def test_promoting_needs_no_waiting_list_feature_but_returning_does(
    call: Caller, portal: Portal
) -> None:
    portal.state.features["booking_waitlist"] = False
    number = promote(call, 1)["result"]
    for target in (number, 99_999):
        assert error_of(call(BACK, bookingId=target)[1]) == ("0", "Feature is not available")


def test_several_resources_need_a_feature(call: Caller, portal: Portal) -> None:
    assert promote(call, 1, 1, 2)["result"]
    portal.state.features["booking_multi"] = False
    text = "Multi-resource booking feature is not available"
    for body in (
        promote(call, 2, 1, 2),
        call("booking.v1.booking.add", fields=fields(1, 2))[1],
        call("booking.v1.booking.update", id=1, fields={"resourceIds": [1, 2]})[1],
    ):
        assert error_of(body) == ("0", text)
    assert promote(call, 2, start=NINE + 86_400)["result"]


@pytest.mark.parametrize("order", ["journal", "reversed"])
def test_the_events_of_a_promotion_come_in_the_order_of_the_journal(
    call: Caller, sandbox: Sandbox, order: Literal["journal", "reversed"]
) -> None:
    sandbox.switches.event_order = order
    with collecting() as app:
        for thing in ("", "WAITLISTITEM"):
            for what in ("ADD", "UPDATE", "DELETE"):
                name = f"ONBOOKING{thing}{what}"
                assert call("event.bind", user=1, event=name, handler=app.url)[0] == 200
        first = book(call)
        second = promote(call, 1)["result"]
        third = call(BACK, bookingId=second)[1]["result"]
        assert sandbox.events.wait_idle()
    seen = [(event["event"].removeprefix("ONBOOKING"), event["data[ID]"]) for event in app.events]
    promoted = [
        ("ADD", str(second)),
        ("UPDATE", str(first)),
        ("WAITLISTITEMDELETE", "1"),
    ]
    returned = [("WAITLISTITEMADD", str(third)), ("DELETE", str(second))]
    if order == "reversed":
        promoted.reverse()
        returned.reverse()
    assert seen == [("ADD", str(first)), *promoted, *returned]
