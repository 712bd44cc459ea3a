"""The older crm.* methods: lists, duplicates, links."""

from __future__ import annotations

from sandbox.portal.portal import Portal
from tests.sandbox.steps import Caller


def test_findbycomm_ignores_rights(call: Caller, portal: Portal) -> None:
    hidden = next(n for n in portal.user(2).hidden_contacts if portal.state.contacts[n].fm)
    field = portal.state.contacts[hidden].fm[0]
    body = call("crm.duplicate.findbycomm", type=field.type_id, values=[field.value])[1]
    assert hidden in body["result"]["CONTACT"]


def test_older_lists_have_customers_of_category_0_only(call: Caller) -> None:
    body = call("crm.contact.list", user=1)[1]
    assert (body["total"], body["next"]) == (397, 50)


def test_links_between_items_are_listed_in_their_order(call: Caller, portal: Portal) -> None:
    unnamed = call("crm.deal.contact.items.get", id="x")[1]["error_description"]
    assert unnamed == "The parameter ownerEntityID is invalid or not defined."
    portal.state.contacts[1].fields["companyIds"] = [5, 7]
    rows = call("crm.contact.company.items.get", user=1, id=1)[1]["result"]
    assert [(row["COMPANY_ID"], row["SORT"]) for row in rows] == [(5, 10), (7, 20)]
    back = call("crm.company.contact.items.get", user=1, id=7)[1]["result"]
    assert (1, 20) in [(row["CONTACT_ID"], row["SORT"]) for row in back]
