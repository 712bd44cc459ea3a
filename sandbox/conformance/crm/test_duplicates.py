"""The search for duplicates"""

import secrets
from collections.abc import Callable
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


@pytest.mark.parametrize(
    ("stored", "typed", "same"),
    [
        ("+{}", "00 {}", True),
        ("+{}", "011 {}", True),
        ("+{};12", "+{}", True),
        ("0{}", "{}", True),
        ("+7{}", "8 {}", True),
        ("+49{}", "0{}", False),
    ],
    ids=["00", "011", "extension", "first 0", "8 for 7", "no country is added"],
)
def test_the_spellings_of_a_number_that_a_search_takes_for_the_same(
    portal: Rest, samples: Samples, stored: str, typed: str, same: bool
) -> None:
    number = f"999{secrets.randbelow(10**7):07d}"
    person = samples.create_contact(fm=phones(stored.format(number)))
    hits = portal.call(FIND, type="PHONE", values=[typed.format(number)]).result
    assert hits == ({"CONTACT": [person]} if same else [])


def test_the_matches_of_a_number_are_shared_by_all_types(
    portal: Rest, samples: Samples, shared_phone: str
) -> None:
    company_id = samples.create_company(fm=phones(shared_phone))
    assert "COMPANY" not in portal.call(FIND, type="PHONE", values=[shared_phone]).result
    only = portal.call(FIND, type="PHONE", values=[shared_phone], entity_type="CO").result
    assert only == {"COMPANY": [company_id]}


def test_a_list_of_empty_numbers_finds_nothing(portal: Rest) -> None:
    assert portal.call(FIND, type="PHONE", values=["", " "]).result == []


def test_what_an_unknown_type_of_item_means(
    portal: Rest, samples: Samples, report: Callable[[object], None]
) -> None:
    known = phone()
    samples.create_contact(fm=phones(known))
    hits = portal.call(FIND, type="PHONE", values=[known], entity_type="PERSON").result
    report("all types" if hits else "none")


WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "Communication type is not defined."),
    (
        {"type": "FAX", "values": ["1"]},
        "Communication type 'FAX' is not supported in current context.",
    ),
    ({"type": "PHONE"}, "Communication values is not defined."),
    (
        {"type": "PHONE", "values": ["1"], "entity_type": "DEAL"},
        "Deal is not supported in current context.",
    ),
]


@pytest.mark.parametrize(("params", "text"), WRONG, ids=["no type", "FAX", "no values", "deals"])
def test_the_error_text_of_an_invalid_search(
    portal: Rest, params: dict[str, Any], text: str
) -> None:
    answer = portal.call(FIND, **params)
    assert (answer.status, answer.text) == (400, text)


def test_the_error_code_of_an_invalid_search(portal: Rest, compare: Compare) -> None:
    code = portal.call(FIND).error
    compare(code or "(empty)", source="(empty)", docs="another code")
