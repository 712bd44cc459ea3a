"""A note is confirmed by what the portal holds, in as many requests as before."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask

from sandbox.portal.portal import Portal
from tests.cast import Person
from tests.web.steps import customer_keys, let_pass, undo_fields, visible_contacts
from waitlist.pending_writes import HORIZON

UPDATE, ADD = "booking.v1.waitlist.update", "booking.v1.waitlist.add"
OTHER = "Bitrix24 kept another note than you typed."
NOTE = re.compile(r'name="base_note" value="([^"]*)"')
CASES = [
    ("cut_note", "call \N{GRINNING FACE} then Anna", "call"),
    ("cut_note", "\N{GRINNING FACE}", ""),
    ("strip_note", "call\n  Anna", "call Anna"),
    ("strip_note", "two  spaces", "two spaces"),
]


def note_in(page: str) -> str:
    (note,) = NOTE.findall(page)
    return unescape(note)


@pytest.mark.parametrize(("fault", "typed", "kept"), CASES)
@pytest.mark.parametrize("more", [0, 1])
def test_a_note_that_is_kept_otherwise_is_shown_and_is_the_new_base(
    raj: Person, portal: Portal, number: int, fault: str, typed: str, kept: str, more: int
) -> None:
    portal.records[number].note = "Before"
    base, new = customer_keys(portal, number), visible_contacts(portal, number, more)
    portal.faults.add(fault, UPDATE)
    fields = {"base": base, "customer": base + new, "base_note": "Before", "note": typed}
    portal.requests.clear()
    page = raj.post(f"/records/{number}/save", fields).text
    assert len(portal.requests) == 2 + more
    assert "Saved." in page
    assert OTHER in page
    assert note_in(page) == kept
    again = {"base": base + new, "customer": base + new, "base_note": kept, "note": "Later"}
    assert "Saved." in raj.post(f"/records/{number}/save", again).text


def test_undo_knows_the_note_that_was_kept(raj: Person, portal: Portal, number: int) -> None:
    portal.records[number].note = "Before"
    base = customer_keys(portal, number)
    portal.faults.add("cut_note", UPDATE)
    fields = {"base": base, "customer": base, "base_note": "Before", "note": "Hi \N{GRINNING FACE}"}
    saved = raj.post(f"/records/{number}/save", fields).text
    assert "Undone." in raj.post(f"/records/{number}/undo", undo_fields(saved)).text
    assert portal.records[number].note == "Before"


@pytest.mark.parametrize(("fault", "typed", "kept"), CASES)
@pytest.mark.parametrize("customers", [[], ["CONTACT:1"]])
def test_the_note_of_a_new_record_is_confirmed_too(
    raj: Person, portal: Portal, fault: str, typed: str, kept: str, customers: list[str]
) -> None:
    portal.faults.add(fault, ADD)
    page = raj.post("/records/new/save", {"customer": customers, "note": typed}).text
    assert "Saved." in page
    assert OTHER in page
    assert note_in(page) == kept


def test_a_note_that_is_kept_as_it_was_typed_costs_and_says_nothing(
    raj: Person, portal: Portal, number: int
) -> None:
    base = customer_keys(portal, number)
    fields = {"base": base, "customer": base, "base_note": portal.records[number].note or ""}
    portal.requests.clear()
    page = raj.post(f"/records/{number}/save", {**fields, "note": "Plain"}).text
    assert len(portal.requests) == 2
    assert OTHER not in page
    raj.post("/records/new/save", {"note": "Plain"})
    portal.requests.clear()
    raj.post("/records/new/save", {"note": "Plain"})
    assert len(portal.requests) == 1


@pytest.mark.parametrize("typed", ["take $result[0] now", "$error[x][y]", "$time[0]"])
def test_a_note_that_a_batch_would_change_is_confirmed_in_another_request(
    raj: Person, portal: Portal, number: int, typed: str
) -> None:
    base = customer_keys(portal, number)
    fields = {"base": base, "customer": base, "base_note": portal.records[number].note or ""}
    assert "Saved." in raj.post(f"/records/{number}/save", {**fields, "note": typed}).text
    assert portal.records[number].note == typed
    assert OTHER not in raj.post("/records/new/save", {"note": typed}).text
    assert portal.records[max(portal.records)].note == typed


@pytest.mark.parametrize("cut", [False, True])
def test_the_lost_answer_of_a_note_is_read_back(
    raj: Person, portal: Portal, number: int, cut: bool
) -> None:
    portal.records[number].note = "Before"
    base = customer_keys(portal, number)
    typed = "Call \N{GRINNING FACE} later"
    if cut:
        portal.faults.add("cut_note", UPDATE)
    portal.faults.add("drop_after", UPDATE, count=1)
    fields = {"base": base, "customer": base, "base_note": "Before", "note": typed}
    page = raj.post(f"/records/{number}/save", fields).text
    assert "Saved." in page
    assert (OTHER in page) == cut


def test_a_lost_note_is_not_told_as_saved(
    app: Flask, raj: Person, portal: Portal, number: int
) -> None:
    portal.records[number].note = "Before"
    base = customer_keys(portal, number)
    portal.faults.add("drop_before", UPDATE, count=1)
    fields = {"base": base, "customer": base, "base_note": "Before", "note": "After"}
    answer = unescape(raj.post(f"/records/{number}/save", fields).text)
    assert "We can't tell whether your changes were saved." in answer
    let_pass(app, HORIZON)
    assert "Saved." in raj.post(f"/records/{number}/save", fields).text
    assert portal.records[number].note == "After"


@pytest.mark.parametrize("typed", ["Hi \N{GRINNING FACE} there", "two  spaces"])
def test_a_record_whose_note_was_kept_otherwise_is_found_again(
    raj: Person, portal: Portal, typed: str
) -> None:
    before = set(portal.records)
    portal.faults.add("cut_note", ADD)
    portal.faults.add("strip_note", ADD)
    portal.faults.add("drop_after", ADD, count=1)
    fields = {"customer": "CONTACT:1", "note": typed, "attempt": "a-random-word-in-it"}
    assert raj.post("/records/new/save", fields).status_code == 502
    assert "Saved." in raj.post("/records/new/save", fields).text
    assert len(set(portal.records) - before) == 1
