"""What client.set does, and what it does not check"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.conformance.rest import Rest
from sandbox.conformance.workshop import CONTACT, DEAL, Workshop, company, contact

SET, UNSET = "booking.v1.waitlist.client.set", "booking.v1.waitlist.client.unset"
LIST = "booking.v1.waitlist.client.list"
EXTERNAL = "booking.v1.waitlist.externalData.set"


def link(deal: int) -> list[dict[str, str]]:
    return [{"moduleId": "crm", "entityTypeId": "DEAL", "value": str(deal)}]


def test_it_replaces_and_does_not_add(
    workshop: Workshop, record: int, someone: int, firm: int
) -> None:
    workshop.set_clients(record, [contact(someone)])
    workshop.set_clients(record, [company(firm)])
    assert workshop.clients(record) == [("COMPANY", firm)]


def test_the_same_list_again_is_a_success_too(
    workshop: Workshop, record: int, someone: int
) -> None:
    for _ in range(2):
        workshop.set_clients(record, [contact(someone)])
    assert workshop.clients(record) == [("CONTACT", someone)]


def test_an_empty_list_clears(workshop: Workshop, record: int, someone: int) -> None:
    workshop.set_clients(record, [contact(someone)])
    workshop.set_clients(record, [])
    assert workshop.clients(record) == []


def test_unset_clears_and_may_be_repeated(
    portal: Rest, workshop: Workshop, record: int, someone: int
) -> None:
    workshop.set_clients(record, [contact(someone)])
    for _ in range(2):
        assert portal.call(UNSET, waitListId=record).result is True
        assert workshop.clients(record) == []


def test_a_contact_and_a_company_of_one_number_are_two_clients(
    workshop: Workshop, record: int, someone: int
) -> None:
    workshop.set_clients(record, [contact(someone), company(someone)])
    assert sorted(workshop.clients(record)) == [("COMPANY", someone), ("CONTACT", someone)]


def test_the_reply_has_id_and_type_only_so_nobody_sees_who_is_primary(
    portal: Rest, workshop: Workshop, record: int, someone: int, firm: int
) -> None:
    workshop.set_clients(record, [company(firm), contact(someone)])
    rows = portal.call(LIST, waitListId=record).result["waitListClient"]
    shown = {"CONTACT": contact(someone), "COMPANY": company(firm)}
    assert all(row == shown[row["type"]["code"]] for row in rows)
    assert len(rows) == 2


def test_the_order_in_which_clients_come_back(
    workshop: Workshop,
    record: int,
    someone: int,
    firm: int,
    observed: Callable[[object], None],
) -> None:
    workshop.set_clients(record, [company(firm), contact(someone)])
    same = workshop.clients(record) == [("COMPANY", firm), ("CONTACT", someone)]
    observed("as sent" if same else "not as sent")


def test_a_customer_that_does_not_exist_is_stored_and_answered_with_true(
    portal: Rest, workshop: Workshop, record: int, someone: int
) -> None:
    wanted = [("CONTACT", someone), ("CONTACT", workshop.absent)]
    workshop.set_clients(record, [contact(number) for _, number in wanted])
    assert sorted(workshop.clients(record)) == sorted(wanted)
    named = {"@id": [number for _, number in wanted]}
    found = portal.call("crm.item.list", entityTypeId=CONTACT, filter=named).result["items"]
    assert [row["id"] for row in found] == [someone]


@pytest.mark.parametrize(("given", "stored"), [("12abc", 12), ("7", 7)])
def test_a_number_is_cast_and_not_checked(
    workshop: Workshop, record: int, given: Any, stored: int
) -> None:
    workshop.set_clients(record, [contact(given)])
    assert workshop.clients(record) == [("CONTACT", stored)]


@pytest.mark.parametrize("given", ["abc", 0])
def test_how_a_client_whose_number_is_none_comes_back(
    workshop: Workshop, record: int, given: Any, observed: Callable[[object], None]
) -> None:
    workshop.set_clients(record, [contact(given)])
    numbers = [number for _, number in workshop.clients(record)]
    assert numbers in ([0], [None])
    observed("as 0" if numbers == [0] else "as null, like whatever is empty")


def test_more_keys_than_needed_are_dropped(workshop: Workshop, record: int, someone: int) -> None:
    workshop.set_clients(record, [{**contact(someone), "name": "x", "isPrimary": True}])
    assert workshop.clients(record) == [("CONTACT", someone)]


def test_whether_a_type_may_be_written_in_lower_case(
    portal: Rest, record: int, someone: int, observed: Callable[[object], None]
) -> None:
    lower = {"id": someone, "type": {"module": "CRM", "code": "contact"}}
    body = portal.call(SET, waitListId=record, clients=[lower]).body
    observed(f"error {body['error']}" if "error" in body else "yes")


def test_which_client_types_this_portal_knows(
    portal: Rest, observed: Callable[[object], None]
) -> None:
    answer = portal.call("booking.v1.clienttype.list")
    types = answer.result["clientType"]
    assert all(set(row) == {"code", "module"} for row in types)
    observed(", ".join(sorted(row["code"] for row in types)) or "none yet")


@pytest.mark.parametrize("code", ["CONTACT", "COMPANY"])
def test_a_type_is_taken_exactly_when_it_is_in_that_list(
    portal: Rest, record: int, code: str
) -> None:
    types = portal.call("booking.v1.clienttype.list").result["clientType"]
    wanted = {"id": Workshop.absent, "type": {"module": "crm", "code": code}}
    body = portal.call(SET, waitListId=record, clients=[wanted]).body
    assert ("error" in body) is (wanted["type"] not in types)
    assert str(body.get("error", "1025")) == "1025"


def test_a_record_that_stays_empty_is_filled_from_its_deal(
    portal: Rest, workshop: Workshop, record: int, someone: int, firm: int
) -> None:
    deal = workshop.deal(contactIds=[someone], companyId=firm)
    assert portal.call(EXTERNAL, waitListId=record, externalData=link(deal)).result is True
    filled = sorted([("CONTACT", someone), ("COMPANY", firm)])
    assert sorted(workshop.clients(record)) == filled
    for expected in ([], filled):
        assert portal.call(UNSET, waitListId=record).result is True
        assert sorted(workshop.clients(record)) == expected
    portal.call(UNSET, waitListId=record)
    workshop.set_clients(record, [])
    assert sorted(workshop.clients(record)) == filled
    portal.call(UNSET, waitListId=record)
    assert portal.call("booking.v1.waitlist.update", id=record, fields={}).result is True
    assert sorted(workshop.clients(record)) == filled


def test_the_deal_of_a_record_does_not_follow_its_clients(
    portal: Rest, workshop: Workshop, record: int, someone: int
) -> None:
    deal = workshop.deal(contactIds=[someone])
    portal.call(EXTERNAL, waitListId=record, externalData=link(deal))
    workshop.set_clients(record, [contact(workshop.contact())])
    item = portal.call("crm.item.get", entityTypeId=DEAL, id=deal).result["item"]
    assert item["contactIds"] == [someone]


def test_deleting_a_customer_in_crm_takes_it_off_the_record(
    portal: Rest, workshop: Workshop, record: int, someone: int
) -> None:
    leaving = workshop.contact()
    workshop.set_clients(record, [contact(someone), contact(leaving)])
    assert portal.call("crm.item.delete", entityTypeId=CONTACT, id=leaving).result == []
    assert workshop.clients(record) == [("CONTACT", someone)]
