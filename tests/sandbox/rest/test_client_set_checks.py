"""The order of the checks of client.set that the conformance suite cannot show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from sandbox.portal.colleague import link_client
from sandbox.portal.portal import Portal
from tests.sandbox.steps import Caller, contact

SET = "booking.v1.waitlist.client.set"
LEAD = {"id": 1, "type": {"module": "crm", "code": "LEAD"}}


def test_1_an_unknown_method_comes_first(portal: Portal) -> None:
    answer = requests.post(portal.client_endpoint + SET + "x.y", json={}, timeout=30)
    assert (answer.status_code, answer.json()["error"]) == (404, "ERROR_METHOD_NOT_FOUND")


MISSING = "Could not find value for parameter {%s}"
NOT_INT = "Invalid value {%s} to match with parameter {waitListId}. Should be value of type int."
NOT_ARRAY = "Invalid value {%s} to match with parameter {clients}. Should be value of type array."
ELEMENT = "Array's element must be array, string given"
FIELD_CHECKS: list[tuple[dict[str, Any], str, str]] = [
    ({"clients": "x"}, "100", MISSING % "waitListId"),
    ({"waitListId": "abc"}, "100", NOT_INT % "abc"),
    ({"waitListId": [1]}, "100", NOT_INT % "Array"),
    ({"waitListId": True}, "100", NOT_INT % "1"),
    ({"waitListId": None}, "100", NOT_INT % ""),
    ({"waitListId": 99999}, "100", MISSING % "clients"),
    ({"waitListId": 99999, "clients": "x"}, "100", NOT_ARRAY % "x"),
    ({"waitListId": 99999, "clients": [5, {}]}, "422", ELEMENT),
    ({"waitListId": 99999, "clients": [{}]}, "0", "Required fields: id, type"),
    (
        {"waitListId": 99999, "clients": [{"id": 1, "type": {}}]},
        "0",
        "Required fields: module, code",
    ),
]


@pytest.mark.parametrize(("params", "code", "text"), FIELD_CHECKS)
def test_3_to_10_fields_are_checked_before_the_tool_and_the_record(
    call: Caller, portal: Portal, params: dict[str, Any], code: str, text: str
) -> None:
    portal.state.booking_tool = False
    assert call(SET, **params) == (400, {"error": code, "error_description": text})


def no_tool(portal: Portal) -> None:
    portal.state.booking_tool = False


def no_feature(portal: Portal) -> None:
    portal.state.features["booking"] = False


TOOL_OFF = "Booking tool is disabled. Please contact your administrator."


@pytest.mark.parametrize(
    ("spoil", "record", "clients", "code", "text"),
    [
        ([no_tool, no_feature], 99999, [LEAD], "0", TOOL_OFF),
        ([no_feature], 99999, [LEAD], "1040", "Wait list not found"),
        ([no_feature], 1, [LEAD], "1025", "Client type not found"),
        ([no_feature], 1, [contact(1), contact(1)], "0", "Feature is not available"),
    ],
)
def test_11_to_14_tool_record_type_and_tariff_come_in_this_order(
    call: Caller,
    portal: Portal,
    spoil: list[Callable[[Portal], None]],
    record: int,
    clients: list[Any],
    code: str,
    text: str,
) -> None:
    for step in spoil:
        step(portal)
    expected = (400, {"error": code, "error_description": text})
    assert call(SET, waitListId=record, clients=clients) == expected


def test_16_the_same_client_from_a_colleague_during_the_call_makes_it_fail(
    call: Caller, portal: Portal
) -> None:
    portal.faults.add("colleague_race", SET, count=1, clients=[["CONTACT", 300]])
    assert call(SET, waitListId=1, clients=[contact(300)])[1]["error"] == "1035"
    assert ("CONTACT", 300) in portal.clients(1)
    assert call(SET, waitListId=1, clients=[contact(300)])[0] == 200


def test_a_client_that_a_colleague_adds_during_the_call_stays(call: Caller, portal: Portal) -> None:
    portal.faults.add("colleague_race", SET, count=1, clients=[["CONTACT", 300]])
    assert call(SET, waitListId=1, clients=[contact(5)])[0] == 200
    assert portal.clients(1) == [("CONTACT", 300), ("CONTACT", 5)]


def test_a_save_between_list_and_set_is_overwritten_without_an_error(
    call: Caller, portal: Portal
) -> None:
    portal.faults.add("colleague_edit", SET, count=1, clients=[["CONTACT", 300]])
    assert call(SET, waitListId=1, clients=[contact(5)])[0] == 200
    assert portal.clients(1) == [("CONTACT", 5)]
    assert [entry.kind for entry in portal.journal] == ["colleague", "client.set"]


def test_a_portal_that_has_never_linked_a_client_has_no_client_types(
    call: Caller, portal: Portal
) -> None:
    portal.state.client_types = []
    types = "booking.v1.clienttype.list"
    assert call(types)[1]["result"] == {"clientType": []}
    assert call(SET, waitListId=1, clients=[contact(5)])[1]["error"] == "1025"
    assert call(SET, waitListId=1, clients=[])[0] == 200
    link_client(portal, 1, "CONTACT", 5)
    assert call(types)[1]["result"]["clientType"] == [{"code": "CONTACT", "module": "crm"}]
    assert call(SET, waitListId=1, clients=[contact(6)])[0] == 200


def test_code_and_module_of_a_type_can_be_in_any_case(call: Caller, portal: Portal) -> None:
    client = {"id": 5, "type": {"module": "CRM", "code": "contact"}}
    assert call(SET, waitListId=1, clients=[client])[0] == 200
    assert portal.clients(1) == [("CONTACT", 5)]
