"""Customers by phone"""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.conformance.conftest import Sides
from sandbox.conformance.rest import Rest
from sandbox.conformance.workshop import Workshop, phone, phones

FIND, MOST = "crm.duplicate.findbycomm", 20


def test_duplicates_are_found_by_any_number_however_typed(portal: Rest, workshop: Workshop) -> None:
    first, second = phone(), phone()
    person, firm = workshop.contact(fm=phones(first, second)), workshop.company(fm=phones(second))
    typed = second.replace(" ", "-")
    hits = portal.call(FIND, type="PHONE", values=[typed]).result
    assert hits == {"CONTACT": [person], "COMPANY": [firm]}
    only = portal.call(FIND, type="PHONE", values=[typed], entity_type="COMPANY").result
    assert only == {"COMPANY": [firm]}


def test_no_duplicates_are_an_empty_list_instead_of_an_object(portal: Rest) -> None:
    assert portal.call(FIND, type="PHONE", values=[phone()]).result == []


def test_twenty_contacts_are_found_for_one_number_and_no_more(portal: Rest, shared: str) -> None:
    hits = portal.call(FIND, type="PHONE", values=[shared]).result["CONTACT"]
    assert len(hits) == MOST


def test_twenty_numbers_are_looked_for_and_no_more(portal: Rest, workshop: Workshop) -> None:
    known = phone()
    number = workshop.contact(fm=phones(known))
    others = [phone() for _ in range(MOST)]
    last = portal.call(FIND, type="PHONE", values=[*others[:-1], known]).result
    assert last == {"CONTACT": [number]}
    assert portal.call(FIND, type="PHONE", values=[*others, known]).result == []


def test_numbers_that_are_no_text_are_skipped(portal: Rest, workshop: Workshop) -> None:
    known = phone()
    workshop.contact(fm=phones(known))
    digits = int("".join(char for char in known if char.isdigit()))
    assert portal.call(FIND, type="PHONE", values=[digits, phone()]).result == []


WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "Communication type is not defined."),
    (
        {"type": "FAX", "values": ["1"]},
        "Communication type 'FAX' is not supported in current context.",
    ),
    ({"type": "PHONE"}, "Communication values is not defined."),
]


@pytest.mark.parametrize(("params", "text"), WRONG, ids=["no type", "FAX", "no values"])
def test_what_is_wrong_with_a_search_for_duplicates(
    portal: Rest, params: dict[str, Any], text: str
) -> None:
    answer = portal.call(FIND, **params)
    assert (answer.status, answer.text) == (400, text)


def test_the_code_of_a_wrong_search_for_duplicates(portal: Rest, sides: Sides) -> None:
    code = portal.call(FIND).error
    sides(code or "(empty)", source="(empty)", docs="another code")
