"""Lists: order, pages and totals, beside what the conformance suite shows of them."""

from __future__ import annotations

from sandbox import Sandbox
from sandbox.portal.portal import Portal
from tests.sandbox.steps import Caller

LIST = "booking.v1.waitlist.list"


def ids(call: Caller, **params: object) -> list[int]:
    return [row["id"] for row in call(LIST, **params)[1]["result"]["waitList"]]


def test_three_pages_hold_all_records_and_the_last_is_short(call: Caller, portal: Portal) -> None:
    pages = [ids(call, start=start) for start in (0, 50, 100)]
    assert [len(page) for page in pages] == [50, 50, 37]
    assert [number for page in pages for number in page] == list(portal.records)
    assert ids(call, start=150) == []


def test_the_order_of_lists_can_be_shuffled(call: Caller, sandbox: Sandbox) -> None:
    orders = {tuple(ids(call))}
    sandbox.switches.shuffle = True
    orders |= {tuple(ids(call)) for _ in range(3)}
    assert len(orders) > 1


def test_a_crm_list_that_ends_with_a_full_page_has_no_next(call: Caller) -> None:
    asked = {"user": 1, "entityTypeId": 3, "order": {"id": "ASC"}}
    body = call("crm.item.list", **asked, start=350)[1]
    assert (body["total"], len(body["result"]["items"]), "next" in body) == (400, 50, False)
    assert call("crm.item.list", **asked, start=300)[1]["next"] == 350


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
