"""The effects of client.set"""

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.conformance.rest import Rest
from sandbox.conformance.samples import CONTACT, DEAL, Samples, company, contact

SET, UNSET = "booking.v1.waitlist.client.set", "booking.v1.waitlist.client.unset"
LIST = "booking.v1.waitlist.client.list"
EXTERNAL = "booking.v1.waitlist.externalData.set"


def link(deal: int) -> list[dict[str, str]]:
    return [{"moduleId": "crm", "entityTypeId": "DEAL", "value": str(deal)}]


def test_set_replaces_all_clients(
    samples: Samples, record_id: int, contact_id: int, company_id: int
) -> None:
    samples.set_clients(record_id, [contact(contact_id)])
    samples.set_clients(record_id, [company(company_id)])
    assert samples.clients(record_id) == [("COMPANY", company_id)]


def test_setting_the_same_list_again_succeeds(
    samples: Samples, record_id: int, contact_id: int
) -> None:
    for _ in range(2):
        samples.set_clients(record_id, [contact(contact_id)])
    assert samples.clients(record_id) == [("CONTACT", contact_id)]


def test_an_empty_list_removes_all_clients(
    samples: Samples, record_id: int, contact_id: int
) -> None:
    samples.set_clients(record_id, [contact(contact_id)])
    samples.set_clients(record_id, [])
    assert samples.clients(record_id) == []


def test_unset_removes_all_clients_and_can_be_repeated(
    portal: Rest, samples: Samples, record_id: int, contact_id: int
) -> None:
    samples.set_clients(record_id, [contact(contact_id)])
    for _ in range(2):
        assert portal.call(UNSET, waitListId=record_id).result is True
        assert samples.clients(record_id) == []


def test_a_contact_and_a_company_with_the_same_id_are_two_clients(
    samples: Samples, record_id: int, contact_id: int
) -> None:
    samples.set_clients(record_id, [contact(contact_id), company(contact_id)])
    assert sorted(samples.clients(record_id)) == [("COMPANY", contact_id), ("CONTACT", contact_id)]


def test_a_client_has_an_id_and_a_type_but_no_sign_of_being_primary(
    portal: Rest, samples: Samples, record_id: int, contact_id: int, company_id: int
) -> None:
    samples.set_clients(record_id, [company(company_id), contact(contact_id)])
    rows = portal.call(LIST, waitListId=record_id).result["waitListClient"]
    shown = {"CONTACT": contact(contact_id), "COMPANY": company(company_id)}
    assert all(row == shown[row["type"]["code"]] for row in rows)
    assert len(rows) == 2


def test_the_order_of_the_returned_clients(
    samples: Samples,
    record_id: int,
    contact_id: int,
    company_id: int,
    report: Callable[[object], None],
) -> None:
    samples.set_clients(record_id, [company(company_id), contact(contact_id)])
    same = samples.clients(record_id) == [("COMPANY", company_id), ("CONTACT", contact_id)]
    report("as sent" if same else "not as sent")


def test_a_client_that_does_not_exist_is_stored(
    portal: Rest, samples: Samples, record_id: int, contact_id: int
) -> None:
    wanted = [("CONTACT", contact_id), ("CONTACT", samples.absent)]
    samples.set_clients(record_id, [contact(number) for _, number in wanted])
    assert sorted(samples.clients(record_id)) == sorted(wanted)
    named = {"@id": [number for _, number in wanted]}
    found = portal.call("crm.item.list", entityTypeId=CONTACT, filter=named).result["items"]
    assert [row["id"] for row in found] == [contact_id]


@pytest.mark.parametrize(("given", "stored"), [("12abc", 12), ("7", 7)])
def test_an_id_is_cast_and_not_checked(
    samples: Samples, record_id: int, given: Any, stored: int
) -> None:
    samples.set_clients(record_id, [contact(given)])
    assert samples.clients(record_id) == [("CONTACT", stored)]


@pytest.mark.parametrize("given", ["abc", 0])
def test_how_a_client_with_an_invalid_id_is_returned(
    samples: Samples, record_id: int, given: Any, report: Callable[[object], None]
) -> None:
    samples.set_clients(record_id, [contact(given)])
    numbers = [number for _, number in samples.clients(record_id)]
    assert numbers in ([0], [None])
    report("as 0" if numbers == [0] else "as null, as all that is empty")


def test_unknown_keys_of_a_client_are_dropped(
    samples: Samples, record_id: int, contact_id: int
) -> None:
    samples.set_clients(record_id, [{**contact(contact_id), "name": "x", "isPrimary": True}])
    assert samples.clients(record_id) == [("CONTACT", contact_id)]


def test_whether_a_client_type_can_be_in_lower_case(
    portal: Rest, record_id: int, contact_id: int, report: Callable[[object], None]
) -> None:
    lower = {"id": contact_id, "type": {"module": "CRM", "code": "contact"}}
    body = portal.call(SET, waitListId=record_id, clients=[lower]).body
    report(f"error {body['error']}" if "error" in body else "yes")


def test_the_client_types_of_this_portal(portal: Rest, report: Callable[[object], None]) -> None:
    answer = portal.call("booking.v1.clienttype.list")
    types = answer.result["clientType"]
    assert all(set(row) == {"code", "module"} for row in types)
    report(", ".join(sorted(row["code"] for row in types)) or "none yet")


@pytest.mark.parametrize("code", ["CONTACT", "COMPANY"])
def test_only_client_types_from_that_list_are_accepted(
    portal: Rest, record_id: int, code: str
) -> None:
    types = portal.call("booking.v1.clienttype.list").result["clientType"]
    wanted = {"id": Samples.absent, "type": {"module": "crm", "code": code}}
    body = portal.call(SET, waitListId=record_id, clients=[wanted]).body
    assert ("error" in body) is (wanted["type"] not in types)
    assert str(body.get("error", "1025")) == "1025"


def test_a_record_that_stays_empty_gets_the_clients_of_its_deal(
    portal: Rest, samples: Samples, record_id: int, contact_id: int, company_id: int
) -> None:
    deal = samples.create_deal(contactIds=[contact_id], companyId=company_id)
    assert portal.call(EXTERNAL, waitListId=record_id, externalData=link(deal)).result is True
    filled = sorted([("CONTACT", contact_id), ("COMPANY", company_id)])
    assert sorted(samples.clients(record_id)) == filled
    for expected in ([], filled):
        assert portal.call(UNSET, waitListId=record_id).result is True
        assert sorted(samples.clients(record_id)) == expected
    portal.call(UNSET, waitListId=record_id)
    samples.set_clients(record_id, [])
    assert sorted(samples.clients(record_id)) == filled
    portal.call(UNSET, waitListId=record_id)
    assert portal.call("booking.v1.waitlist.update", id=record_id, fields={}).result is True
    assert sorted(samples.clients(record_id)) == filled


def test_the_contacts_of_a_deal_do_not_follow_the_clients_of_its_record(
    portal: Rest, samples: Samples, record_id: int, contact_id: int
) -> None:
    deal = samples.create_deal(contactIds=[contact_id])
    portal.call(EXTERNAL, waitListId=record_id, externalData=link(deal))
    samples.set_clients(record_id, [contact(samples.create_contact())])
    item = portal.call("crm.item.get", entityTypeId=DEAL, id=deal).result["item"]
    assert item["contactIds"] == [contact_id]


def test_deleting_a_customer_in_crm_removes_it_from_the_record(
    portal: Rest, samples: Samples, record_id: int, contact_id: int
) -> None:
    leaving = samples.create_contact()
    samples.set_clients(record_id, [contact(contact_id), contact(leaving)])
    assert portal.call("crm.item.delete", entityTypeId=CONTACT, id=leaving).result == []
    assert samples.clients(record_id) == [("CONTACT", contact_id)]
