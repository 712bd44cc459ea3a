"""booking.v1.waitlist.client.*: the order, the primary client, the journal."""

from __future__ import annotations

from sandbox.portal.portal import Portal
from tests.sandbox.steps import Caller, company, contact

SET = "booking.v1.waitlist.client.set"
LIST = "booking.v1.waitlist.client.list"


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


def test_the_journal_names_the_user_whose_token_made_the_call(call: Caller, portal: Portal) -> None:
    call(SET, user=2, waitListId=1, clients=[contact(5)])
    call(SET, user=1, waitListId=1, clients=[contact(6)])
    assert [(e.kind, e.user_id) for e in portal.journal] == [("client.set", 2), ("client.set", 1)]
    assert [r.user_id for r in portal.requests if r.method == SET] == [2, 1]
