"""The main page opens with the user's last changed record, without a request."""

from __future__ import annotations

import re

import pytest

from sandbox.portal.portal import Portal
from tests.cast import Cast, Person
from tests.web.steps import customer_keys, visible_contacts

EDITED = re.compile(r'<section id="record"[^>]*?( data-open)? data-record="(\d+)"')
SELECTED = re.compile(r'id="record-(\d+)"[^>]*? aria-selected="true"')
UNVERIFIED = re.compile(r'id="record-(\d+)"[^>]*? data-unverified')


def first_view(person: Person) -> str:
    """Return the main page without what stands in `<template>` elements."""
    return person.open().text.partition('<template id="main-pill">')[0]


def edited(page: str) -> list[tuple[str, str]]:
    """Return the record in the editor, and whether a phone shows it, not the list."""
    return EDITED.findall(page)


def add_one(person: Person, portal: Portal, number: int) -> None:
    base, new = customer_keys(portal, number), visible_contacts(portal, number)
    fields = {"base": base, "customer": base + new}
    assert person.post(f"/records/{number}/save", fields).status_code == 200


def test_a_user_without_changes_chooses_a_record(raj: Person) -> None:
    page = first_view(raj)
    assert edited(page) == []
    assert "Choose a record" in page


def test_the_record_that_was_changed_last_is_there_without_another_request(
    raj: Person, portal: Portal, number: int
) -> None:
    def requests() -> int:
        portal.requests.clear()
        raj.open()
        return len(portal.requests)

    raj.open()
    before = requests()
    add_one(raj, portal, number)
    other = next(n for n in portal.records if portal.clients(n) and n != number)
    add_one(raj, portal, other)
    add_one(raj, portal, number)
    assert requests() == before
    page = first_view(raj)
    assert edited(page) == [("", str(number))]
    for key in customer_keys(portal, number):
        assert f'name="base" value="{key}"' in page
    assert SELECTED.findall(page) == [str(number)]


def test_each_user_is_shown_their_own(installed: Cast, portal: Portal, number: int) -> None:
    add_one(installed.regular_user, portal, number)
    assert edited(first_view(installed.administrator)) == []


def test_a_record_that_is_gone_is_not_shown(raj: Person, portal: Portal, number: int) -> None:
    add_one(raj, portal, number)
    portal.records[number].deleted = True
    page = first_view(raj)
    assert edited(page) == []
    assert "Choose a record" in page


def test_customers_removed_outside_can_be_put_back(
    raj: Person, portal: Portal, number: int
) -> None:
    add_one(raj, portal, number)
    portal.records[number].clients.pop()
    assert "was taken off outside this app." in first_view(raj)


def test_the_record_that_was_asked_for_comes_first(
    raj: Person, portal: Portal, number: int
) -> None:
    add_one(raj, portal, number)
    other = next(n for n in portal.records if n != number)
    page = raj.client.post("/", data={"session": raj.session, "record": other}).get_data(True)
    assert edited(page.partition('<template id="main-pill">')[0]) == [(" data-open", str(other))]


@pytest.mark.records(300)
def test_what_only_the_mirror_says_is_not_offered_to_be_changed(
    raj: Person, portal: Portal
) -> None:
    raj.open()
    unverified = {int(found) for found in UNVERIFIED.findall(first_view(raj))}
    hidden = portal.user(raj.user_id).hidden_contacts
    doubtful = next(
        n
        for n in unverified
        if portal.clients(n) and not {id for _, id in portal.clients(n)} & set(hidden)
    )
    add_one(raj, portal, doubtful)
    page = first_view(raj)
    assert doubtful in {int(found) for found in UNVERIFIED.findall(page)}
    assert edited(page) == []
