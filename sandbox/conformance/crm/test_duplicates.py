"""The search for duplicates"""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.conformance.conftest import Compare
from sandbox.conformance.rest import Rest
from sandbox.conformance.samples import Samples, phone, phones

FIND, MOST = "crm.duplicate.findbycomm", 20


def test_duplicates_are_found_by_any_of_their_numbers_in_any_spelling(
    portal: Rest, samples: Samples
) -> None:
    first, second = phone(), phone()
    person, company_id = (
        samples.create_contact(fm=phones(first, second)),
        samples.create_company(fm=phones(second)),
    )
    typed = second.replace(" ", "-")
    hits = portal.call(FIND, type="PHONE", values=[typed]).result
    assert hits == {"CONTACT": [person], "COMPANY": [company_id]}
    only = portal.call(FIND, type="PHONE", values=[typed], entity_type="COMPANY").result
    assert only == {"COMPANY": [company_id]}


def test_a_search_without_results_returns_an_empty_list_instead_of_an_object(portal: Rest) -> None:
    assert portal.call(FIND, type="PHONE", values=[phone()]).result == []


def test_a_search_finds_at_most_20_contacts_per_number(portal: Rest, shared_phone: str) -> None:
    hits = portal.call(FIND, type="PHONE", values=[shared_phone]).result["CONTACT"]
    assert len(hits) == MOST


def test_a_search_uses_at_most_20_numbers(portal: Rest, samples: Samples) -> None:
    known = phone()
    number = samples.create_contact(fm=phones(known))
    others = [phone() for _ in range(MOST)]
    last = portal.call(FIND, type="PHONE", values=[*others[:-1], known]).result
    assert last == {"CONTACT": [number]}
    assert portal.call(FIND, type="PHONE", values=[*others, known]).result == []


def test_numbers_that_are_not_text_are_skipped(portal: Rest, samples: Samples) -> None:
    known = phone()
    samples.create_contact(fm=phones(known))
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
def test_the_error_text_of_an_invalid_search(
    portal: Rest, params: dict[str, Any], text: str
) -> None:
    answer = portal.call(FIND, **params)
    assert (answer.status, answer.text) == (400, text)


def test_the_error_code_of_an_invalid_search(portal: Rest, compare: Compare) -> None:
    code = portal.call(FIND).error
    compare(code or "(empty)", source="(empty)", docs="another code")
