"""booking.v1.waitlist.client.*: order, primary client, refill, journal."""

from __future__ import annotations

from sandbox.portal.portal import Portal
from tests.sandbox.steps import Caller, company, contact

SET = "booking.v1.waitlist.client.set"
LIST = "booking.v1.waitlist.client.list"
UNSET = "booking.v1.waitlist.client.unset"


def test_a_set_replaces_all_clients_and_a_list_returns_them_in_order(call: Caller) -> None:
    assert call(SET, waitListId=1, clients=[contact(5), company(5), contact(9)])[1]["result"]
    _, body = call(LIST, waitListId=1)
    assert [(row["type"]["code"], row["id"]) for row in body["result"]["waitListClient"]] == [
        ("CONTACT", 5),
        ("COMPANY", 5),
        ("CONTACT", 9),
    ]
    assert body["total"] == 0


def test_the_first_contact_is_primary_even_after_a_company(call: Caller, portal: Portal) -> None:
    call(SET, waitListId=1, clients=[company(3), contact(7), contact(8)])
    rows = portal.records[1].clients
    assert [row.id for row in rows if row.primary] == [7]


def test_a_contact_and_a_company_with_the_same_id_are_two_clients(
    call: Caller, portal: Portal
) -> None:
    assert call(SET, waitListId=1, clients=[contact(5), company(5)])[0] == 200
    assert portal.clients(1) == [("CONTACT", 5), ("COMPANY", 5)]


def test_the_journal_names_the_user_whose_token_made_the_call(call: Caller, portal: Portal) -> None:
    call(SET, user=2, waitListId=1, clients=[contact(5)])
    call(SET, user=1, waitListId=1, clients=[contact(6)])
    assert [(e.kind, e.user_id) for e in portal.journal] == [("client.set", 2), ("client.set", 1)]
    assert [r.user_id for r in portal.requests if r.method == SET] == [2, 1]


def test_ids_are_cast_and_not_checked(call: Caller, portal: Portal) -> None:
    clients = [
        {"id": number, "type": {"module": "crm", "code": "CONTACT"}} for number in ("12abc", "x")
    ]
    assert call(SET, waitListId=1, clients=clients)[1]["result"] is True
    assert portal.clients(1) == [("CONTACT", 12), ("CONTACT", 0)]


def test_an_empty_record_that_stays_empty_gets_the_clients_of_its_deal(
    call: Caller, portal: Portal
) -> None:
    record = next(
        item
        for item in portal.records.values()
        if item.clients
        and any(portal.state.deals[int(link.value)].fields["contactIds"] for link in item.external)
    )
    deal = portal.state.deals[int(record.external[0].value)]
    call(UNSET, waitListId=record.id)
    assert portal.clients(record.id) == []
    call(SET, waitListId=record.id, clients=[])
    wanted = [("CONTACT", number) for number in deal.fields["contactIds"]]
    wanted += [("COMPANY", deal.fields["companyId"])] if deal.fields["companyId"] else []
    assert portal.clients(record.id) == wanted
