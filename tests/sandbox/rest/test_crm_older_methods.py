"""The older crm.* methods: lists, duplicates, links."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.portal.portal import Portal
from tests.sandbox.steps import Caller


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({}, "Communication type is not defined."),
        (
            {"type": "WEB", "values": ["x"]},
            "Communication type 'WEB' is not supported in current context.",
        ),
        ({"type": "PHONE", "values": []}, "Communication values is not defined."),
    ],
)
def test_errors_of_older_methods_have_an_empty_code(
    call: Caller, params: dict[str, Any], text: str
) -> None:
    answer = call("crm.duplicate.findbycomm", **params)
    assert answer == (400, {"error": "", "error_description": text})


def test_findbycomm_returns_an_empty_array_without_results_and_ignores_rights(
    call: Caller, portal: Portal
) -> None:
    unknown = call("crm.duplicate.findbycomm", type="EMAIL", values=["unknown@example.com"])[1]
    assert unknown["result"] == []
    hidden = next(n for n in portal.user(2).hidden_contacts if portal.state.contacts[n].fm)
    field = portal.state.contacts[hidden].fm[0]
    body = call("crm.duplicate.findbycomm", type=field.type_id, values=[field.value])[1]
    assert hidden in body["result"]["CONTACT"]


def test_older_lists_have_upper_case_keys_texts_and_phones_when_selected(call: Caller) -> None:
    body = call("crm.contact.list", user=1, filter={"ID": 1}, select=["ID", "NAME", "PHONE"])[1]
    row = body["result"][0]
    assert (row["ID"], set(row), body["total"]) == ("1", {"ID", "NAME", "PHONE"}, 1)
    assert row["PHONE"][0]["TYPE_ID"] == "PHONE"
    body = call("crm.contact.list", user=1)[1]
    assert (body["total"], body["next"]) == (397, 50)
    assert call("crm.contact.list", user=1, start=-1)[1]["total"] == 0


def test_links_between_items_are_listed(call: Caller, portal: Portal) -> None:
    deal = next(d for d in portal.state.deals.values() if len(d.fields["contactIds"]) == 2)
    rows = call("crm.deal.contact.items.get", id=deal.id)[1]["result"]
    assert [row["CONTACT_ID"] for row in rows] == deal.fields["contactIds"]
    assert [row["IS_PRIMARY"] for row in rows] == ["Y", "N"]
    assert call("crm.deal.contact.items.get", id=9999)[1]["error_description"] == "Not found."
    unnamed = call("crm.deal.contact.items.get", id="x")[1]["error_description"]
    assert unnamed == "The parameter ownerEntityID is invalid or not defined."
    company = call("crm.contact.company.items.get", user=1, id=5)[1]["result"][0]["COMPANY_ID"]
    back = call("crm.company.contact.items.get", user=1, id=company)[1]["result"]
    assert 5 in [row["CONTACT_ID"] for row in back]
