"""Phones and names of customers as a portal keeps, finds and refuses them."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox import Sandbox
from sandbox.core.model import CrmItem, Multifield
from sandbox.portal.portal import Portal
from sandbox.rest.crm.phones import phone_code, phone_search_words
from tests.sandbox.steps import Caller

FIND, ADD, UPDATE = "crm.duplicate.findbycomm", "crm.item.add", "crm.item.update"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("+49 30 1234567", "49301234567"),
        ("0049 30 1234567", "49301234567"),
        ("011 49 30 1234567", "49301234567"),
        ("030 1234567", "301234567"),
        ("8 (912) 345-67-89", "79123456789"),
        ("+7 912 345-67-89", "79123456789"),
        ("+81 90 1234 5678", "819012345678"),
        ("81 90 1234 5678", "819012345678"),
        ("030 123456;12", "30123456"),
        ("030 123456#12", "30123456"),
        ("030 12345;12", "3012345"),
        ("030 12345", "03012345"),
        ("12345", "12345"),
        ("٠٣٠ ٢٣١٢٥٩٠٠", ""),
    ],
)
def test_a_number_has_the_code_of_the_portals_source(typed: str, code: str) -> None:
    assert phone_code(typed) == code


def test_the_search_text_has_both_forms_of_a_number() -> None:
    words = phone_search_words("+7 (912) 345-67-89")
    assert {"79123456789", "89123456789", "9123456789", "789"} <= set(words)
    words = phone_search_words("030 1234567")
    assert {"0301234567", "301234567", "567"} <= set(words)
    assert "67" not in words


def add(table: dict[int, CrmItem], number: int, phone: str) -> None:
    """Add an item with this phone to the portal's own database."""
    table[number] = CrmItem(number, {"title": f"Item {number}", "categoryId": 0})
    table[number].fm.append(Multifield(number * 10, "PHONE", "WORK", phone))


def find(call: Caller, *values: Any, **params: Any) -> Any:
    return call(FIND, type="PHONE", values=list(values), **params)[1]["result"]


def test_only_the_first_20_codes_count(call: Caller, portal: Portal) -> None:
    add(portal.state.contacts, 900, "+49 30 1234567")
    others = [f"+49 30 765{number:04}" for number in range(20)]
    assert find(call, *others, "+49 30 1234567") == []
    # The same number again, an empty text and a number that is no text do not count.
    same = others[0].replace(" ", "-")
    assert find(call, *others[:19], same, "", 49, "+49 30 1234567") == {"CONTACT": [900]}


def test_20_matches_of_a_number_are_shared_by_all_types(call: Caller, portal: Portal) -> None:
    for number in range(900, 920):
        add(portal.state.contacts, number, "030 1234567")
    add(portal.state.companies, 900, "030 1234567")
    assert find(call, "030 1234567") == {"CONTACT": list(range(900, 920))}
    assert find(call, "030 1234567", entity_type="COMPANY") == {"COMPANY": [900]}
    del portal.state.contacts[900]
    assert find(call, "030 1234567") == {"CONTACT": list(range(901, 920)), "COMPANY": [900]}


@pytest.mark.parametrize("name", ["C", "contact", "CONTACT"])
def test_a_type_has_a_short_name(call: Caller, portal: Portal, name: str) -> None:
    add(portal.state.contacts, 900, "030 1234567")
    add(portal.state.companies, 900, "030 1234567")
    assert find(call, "030 1234567", entity_type=name) == {"CONTACT": [900]}
    assert find(call, "030 1234567", entity_type="CO") == {"COMPANY": [900]}
    assert find(call, "030 1234567", entity_type="L") == []


def test_an_unknown_type_means_all_or_none_by_a_switch(
    call: Caller, portal: Portal, sandbox: Sandbox
) -> None:
    add(portal.state.contacts, 900, "030 1234567")
    assert find(call, "030 1234567", entity_type="PERSON") == {"CONTACT": [900]}
    sandbox.switches.any_entity_type = False
    assert find(call, "030 1234567", entity_type="PERSON") == []
    assert find(call, "030 1234567") == {"CONTACT": [900]}


@pytest.mark.parametrize("name", ["DEAL", "D", "deal"])
def test_deals_are_not_supported(call: Caller, name: str) -> None:
    body = call(FIND, type="PHONE", values=["030 1234567"], entity_type=name)
    text = "Deal is not supported in current context."
    assert body == (400, {"error": "", "error_description": text})


@pytest.mark.parametrize("values", [[], None, "030 1234567"])
def test_no_list_is_refused(call: Caller, values: Any) -> None:
    body = call(FIND, type="PHONE", values=values)[1]
    assert body["error_description"] == "Communication values is not defined."


@pytest.mark.parametrize(
    ("kind", "fields", "name", "placeholder"),
    [(3, {"post": "Owner"}, "lastName", "Contact #"), (4, {}, "title", "Company #")],
)
def test_a_customer_without_a_name_gets_a_placeholder(
    call: Caller, kind: int, fields: dict[str, Any], name: str, placeholder: str
) -> None:
    item = call(ADD, user=1, entityTypeId=kind, fields={**fields, "opened": "N"})[1]["result"]
    assert item["item"][name] == f"{placeholder}{item['item']['id']}"


def test_a_customer_cannot_lose_the_name(call: Caller, portal: Portal) -> None:
    before = dict(portal.state.contacts[1].fields)
    fields = {"name": "", "lastName": "", "post": "Owner"}
    status, body = call(UPDATE, user=1, entityTypeId=3, id=1, fields=fields)
    assert (status, body["error"]) == (400, "CRM_FIELD_ERROR_REQUIRED")
    assert portal.state.contacts[1].fields == before
    assert call(UPDATE, user=1, entityTypeId=3, id=1, fields={"name": ""})[0] == 200


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("EMAIL", "no address"),
        ("EMAIL", "a@b"),
        ("EMAIL", "\u200enora@example.com"),
        ("EMAIL", "nora@example.com " * 2),
        ("EMAIL", f"{'a' * 250}@example.com"),
        ("PHONE", "1" * 251),
    ],
)
def test_a_value_that_is_not_valid_refuses_the_whole_customer(
    call: Caller, portal: Portal, kind: str, value: str
) -> None:
    before = len(portal.state.contacts)
    rows = [{"typeId": kind, "valueType": "WORK", "value": value}]
    status, _ = call(ADD, user=1, entityTypeId=3, fields={"name": "Nora", "fm": rows})
    assert (status, len(portal.state.contacts)) == (400, before)
    old = {"NAME": "Nora", kind: [{"VALUE": value, "VALUE_TYPE": "WORK"}]}
    status, body = call("crm.contact.add", user=1, fields=old)
    assert (status, body["error"], len(portal.state.contacts)) == (400, "", before)


def test_no_company_is_0_or_null_by_a_switch(call: Caller, sandbox: Sandbox) -> None:
    def company() -> Any:
        item = call(ADD, user=1, entityTypeId=3, fields={"name": "Nora"})[1]["result"]["item"]
        return item["companyId"], item["companyIds"]

    assert company() == (0, [])
    sandbox.switches.null_company = True
    assert company() == (None, [])
