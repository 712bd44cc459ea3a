"""Lists: pages, totals, filters, order."""

from __future__ import annotations

from datetime import datetime, timedelta

from sandbox import Sandbox
from sandbox.portal.portal import Portal
from tests.sandbox.steps import Caller

LIST = "booking.v1.waitlist.list"


def ids(call: Caller, **params: object) -> list[int]:
    return [row["id"] for row in call(LIST, **params)[1]["result"]["waitList"]]


def test_booking_lists_have_total_zero_and_no_next(call: Caller) -> None:
    body = call(LIST)[1]
    assert body["total"] == 0
    assert "next" not in body
    assert len(body["result"]["waitList"]) == 50
    assert set(body["result"]["waitList"][0]) == {"id", "note"}


def test_three_pages_hold_all_records_and_the_last_is_short(call: Caller, portal: Portal) -> None:
    pages = [ids(call, start=start) for start in (0, 50, 100)]
    assert [len(page) for page in pages] == [50, 50, 37]
    assert [number for page in pages for number in page] == list(portal.records)
    assert ids(call, start=150) == []


def test_start_is_rounded_down_to_a_page(call: Caller) -> None:
    assert ids(call, start=10) == ids(call)
    assert ids(call, start=75) == ids(call, start=50)


def test_start_minus_one_returns_the_first_page_without_a_total(call: Caller) -> None:
    body = call(LIST, start=-1)[1]
    assert "total" not in body
    assert len(body["result"]["waitList"]) == 50
    assert "total" not in call("crm.item.list", entityTypeId=3, start=-1)[1]


def test_unknown_filters_and_orders_are_ignored(call: Caller) -> None:
    assert ids(call, filter={"id": 5, ">id": 100}, order={"id": "DESC"}) == ids(call)


def test_created_within_excludes_its_end_and_uses_the_portals_date_format(
    call: Caller, portal: Portal
) -> None:
    today = datetime.fromisoformat(portal.hub.clock.iso())
    form = portal.state.date_format
    now, tomorrow = today.strftime(form), (today + timedelta(days=1)).strftime(form)
    assert ids(call, filter={"createdWithin": {"from": now, "to": now}}) == []
    added = call("booking.v1.waitlist.add", fields={"note": "of today"})[1]["result"]
    assert added in ids(call, filter={"createdWithin": {"from": now, "to": tomorrow}})
    body = call(LIST, filter={"createdWithin": {"from": "2026-01-01T00:00", "to": now}})[1]
    assert (body["error"], body["error_description"]) == ("422", "Invalid date")
    body = call(LIST, filter={"createdWithin": {"to": now}})[1]
    assert body["error_description"] == "Required fields: from"


def test_the_order_of_lists_can_be_shuffled(call: Caller, sandbox: Sandbox) -> None:
    orders = {tuple(ids(call))}
    sandbox.switches.shuffle = True
    orders |= {tuple(ids(call)) for _ in range(3)}
    assert len(orders) > 1


def test_crm_lists_have_a_total_and_a_next_until_the_last_page(call: Caller) -> None:
    body = call("crm.item.list", entityTypeId=4, order={"id": "ASC"})[1]
    assert (body["total"], "next" in body) == (40, False)
    body = call("crm.item.list", user=1, entityTypeId=3, order={"id": "ASC"}, start=350)[1]
    assert (body["total"], len(body["result"]["items"]), "next" in body) == (400, 50, False)
    body = call("crm.item.list", user=1, entityTypeId=3, order={"id": "ASC"}, start=300)[1]
    assert body["next"] == 350


def test_adding_a_record_needs_two_features_and_changing_it_one(
    call: Caller, portal: Portal
) -> None:
    portal.state.features["booking_waitlist"] = False
    assert call("booking.v1.waitlist.add", fields={"note": "x"})[1] == {
        "error": "0",
        "error_description": "Feature is not available",
    }
    assert call("booking.v1.waitlist.update", id=1, fields={"note": ""})[0] == 200
    assert call("booking.v1.waitlist.get", id=1)[1]["result"] == {
        "waitList": {"id": 1, "note": None}
    }
    portal.state.features["booking_waitlist"] = True
    number = call("booking.v1.waitlist.add", fields={})[1]["result"]
    assert portal.records[number].created_by == 2


def test_the_number_of_seeded_records_is_an_option() -> None:
    with Sandbox(port=0, records=1000) as large:
        assert len(large.portals[0].records) == 1000
