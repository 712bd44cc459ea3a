"""The order of the checks of client.set"""

from typing import Any

import pytest

from sandbox.conformance.rest import Rest
from sandbox.conformance.samples import Samples, company, contact

SET = "booking.v1.waitlist.client.set"
ABSENT = Samples.absent
WAIT_LIST_ID = " to match with parameter {waitListId}. Should be value of type int."
CLIENTS = " to match with parameter {clients}. Should be value of type array."
ELEMENT = "Array's element must be array, string given"
LEAD = {"id": 1, "type": {"module": "crm", "code": "LEAD"}}

MISSING: list[tuple[str, dict[str, Any], str]] = [
    ("no record before bad clients", {"clients": "x"}, "waitListId"),
    ("no clients before an absent record", {"waitListId": ABSENT}, "clients"),
    ("upper case is another name", {"waitListId": ABSENT, "CLIENTS": []}, "clients"),
]


@pytest.mark.parametrize(
    ("params", "name"), [row[1:] for row in MISSING], ids=[row[0] for row in MISSING]
)
def test_3_and_5_a_missing_parameter(portal: Rest, params: dict[str, Any], name: str) -> None:
    answer = portal.call(SET, **params)
    text = f"Could not find value for parameter {{{name}}}"
    assert (answer.status, answer.error, answer.text) == (400, "100", text)


@pytest.mark.parametrize("value", ["abc", "", None, True, [1]], ids=repr)
def test_4_a_record_id_that_is_not_a_number(portal: Rest, value: Any) -> None:
    answer = portal.call(SET, waitListId=value)
    assert (answer.status, answer.error) == (400, "100")
    assert answer.text.startswith("Invalid value {")
    assert answer.text.endswith(WAIT_LIST_ID)


@pytest.mark.parametrize("value", ["x", 5, None], ids=repr)
def test_6_clients_that_are_not_a_list(portal: Rest, value: Any) -> None:
    answer = portal.call(SET, waitListId=ABSENT, clients=value)
    assert (answer.status, answer.error) == (400, "100")
    assert answer.text.startswith("Invalid value {")
    assert answer.text.endswith(CLIENTS)


BAD_ITEMS: list[tuple[str, Any, str, str]] = [
    ("a number for a client", [5, {}], "422", ELEMENT),
    ("a text for a client", ["x"], "422", ELEMENT),
    ("one client instead of a list", contact(1), "422", ELEMENT),
    ("an empty client", [{}], "0", "Required fields: id, type"),
    ("no type", [{"id": 1}], "0", "Required fields: type"),
    ("no id", [{"type": {"module": "crm", "code": "CONTACT"}}], "0", "Required fields: id"),
    ("null counts as missing", [{**contact(1), "id": None}], "0", "Required fields: id"),
    ("upper-case keys", [{"ID": 1, "TYPE": {}}], "0", "Required fields: id, type"),
    ("a text for a type", [{"id": 1, "type": "CONTACT"}], "0", "Required fields: type"),
    ("an empty type", [{"id": 1, "type": {}}], "0", "Required fields: module, code"),
    ("no module", [{"id": 1, "type": {"code": "LEAD"}}], "0", "Required fields: module"),
    ("no code", [{"id": 1, "type": {"module": "crm"}}], "0", "Required fields: code"),
    ("the first bad one answers", [contact(1), {"id": 1}, 5], "0", "Required fields: type"),
]


@pytest.mark.parametrize(
    ("clients", "code", "text"), [row[1:] for row in BAD_ITEMS], ids=[row[0] for row in BAD_ITEMS]
)
def test_7_to_10_bad_clients_before_an_absent_record(
    portal: Rest, clients: Any, code: str, text: str
) -> None:
    answer = portal.call(SET, waitListId=ABSENT, clients=clients)
    assert (answer.status, answer.error, answer.text) == (400, code, text)


def test_12_an_absent_record_before_an_unknown_type(portal: Rest) -> None:
    answer = portal.call(SET, waitListId=ABSENT, clients=[LEAD])
    assert (answer.status, answer.error, answer.text) == (400, "1040", "Wait list not found")


def test_13_an_unknown_type_before_duplicates(
    portal: Rest, record_id: int, contact_id: int
) -> None:
    clients = [contact(contact_id), contact(contact_id), LEAD]
    answer = portal.call(SET, waitListId=record_id, clients=clients)
    assert (answer.status, answer.error, answer.text) == (400, "1025", "Client type not found")


def test_15_duplicates_are_refused_and_the_earlier_clients_stay(
    portal: Rest, samples: Samples, record_id: int, contact_id: int, company_id: int
) -> None:
    samples.set_clients(record_id, [company(company_id)])
    clients = [contact(contact_id), company(company_id), contact(contact_id)]
    answer = portal.call(SET, waitListId=record_id, clients=clients)
    assert (answer.status, answer.error) == (400, "1035")
    assert samples.clients(record_id) == [("COMPANY", company_id)]
