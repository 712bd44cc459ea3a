"""Saving a record loses no customer, whatever else happens to the record."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from sandbox.portal.colleague import link_client
from sandbox.portal.portal import Portal
from tests.cast import REGULAR_USER, Person
from tests.web.steps import (
    change_in,
    colleague_sets,
    customer_keys,
    customer_writes,
    undo_fields,
    visible_contacts,
)
from waitlist.records.write import write_customers
from web.forms import LONGEST_NOTE

FIELD = {
    name: re.compile(rf'name="{name}" value="([^"]*)"')
    for name in ("customer", "theirs", "note", "base_note", "theirs_note")
}


def test_a_customer_is_added_on_behalf_of_the_user(
    raj: Person, portal: Portal, number: int
) -> None:
    base, new = customer_keys(portal, number), visible_contacts(portal, number)
    response = raj.post(f"/records/{number}/save", {"base": base, "customer": base + new})
    assert response.status_code == 200
    assert "Saved" in response.text
    assert customer_keys(portal, number) == base + new
    assert portal.records[number].updated_by == REGULAR_USER


def test_a_save_costs_two_requests(raj: Person, portal: Portal, number: int) -> None:
    base, new = customer_keys(portal, number), visible_contacts(portal, number)
    raj.post(f"/records/{number}")
    portal.requests.clear()
    raj.post(f"/records/{number}/save", {"base": base, "customer": base + new})
    assert [request.method for request in portal.requests] == ["batch", "batch"]


def test_nothing_is_sent_when_nothing_changed(raj: Person, portal: Portal, number: int) -> None:
    base = customer_keys(portal, number)
    response = raj.post(f"/records/{number}/save", {"base": base, "customer": base})
    assert response.status_code == 200
    assert customer_writes(portal) == []


def test_the_order_in_which_the_page_shows_customers_is_no_change(
    raj: Person, portal: Portal, number: int
) -> None:
    there = ["COMPANY:1", *visible_contacts(portal, number, 2)]
    colleague_sets(portal, number, there)
    page = raj.post(f"/records/{number}").text
    loaded = re.findall(r'name="(base|customer|base_note)" value="([^"]*)"', page)
    fields = {name: [unescape(v) for n, v in loaded if n == name] for name, _ in loaded}
    assert fields["customer"] != fields["base"]
    answer = raj.post(f"/records/{number}/save", {**fields, "note": "Other"})
    assert portal.records[number].note == "Other"
    assert "Saved." in answer.text
    assert customer_writes(portal) == []
    assert customer_keys(portal, number) == there


def test_an_empty_record_that_stays_empty_is_not_sent(raj: Person, portal: Portal) -> None:
    number = next(number for number in portal.records if not portal.clients(number))
    raj.post(f"/records/{number}/save", {})
    assert customer_writes(portal) == []


def test_a_filled_record_is_cleared_by_unset(raj: Person, portal: Portal, number: int) -> None:
    raj.post(f"/records/{number}/save", {"base": customer_keys(portal, number)})
    assert customer_keys(portal, number) == []
    assert customer_writes(portal) == ["booking.v1.waitlist.client.unset"]


def test_a_customer_named_twice_leaves_once(raj: Person, portal: Portal, number: int) -> None:
    base, new = customer_keys(portal, number), visible_contacts(portal, number)
    raj.post(f"/records/{number}/save", {"base": base, "customer": base + new + new + base})
    assert customer_keys(portal, number) == base + new


def test_what_a_colleague_added_meanwhile_is_kept(raj: Person, portal: Portal, number: int) -> None:
    base = customer_keys(portal, number)
    mine, theirs = visible_contacts(portal, number, 2)
    colleague_sets(portal, number, [*base, theirs])
    response = raj.post(f"/records/{number}/save", {"base": base, "customer": [*base, mine]})
    assert "Both changes were kept" in response.text
    assert customer_keys(portal, number) == [*base, theirs, mine]


def test_a_hidden_customer_stays(raj: Person, portal: Portal) -> None:
    hidden = set(portal.user(REGULAR_USER).hidden_contacts)
    number = next(
        number
        for number in portal.records
        if {id for kind, id in portal.clients(number) if kind == "CONTACT"} & hidden
    )
    base, new = customer_keys(portal, number), visible_contacts(portal, number)
    page = raj.post(f"/records/{number}").text
    assert "no access" in page
    assert "You don't have access to this customer in CRM" in unescape(page)
    raj.post(f"/records/{number}/save", {"base": base, "customer": base + new})
    assert set(customer_keys(portal, number)) == set(base + new)


def test_a_hidden_customer_cannot_be_added_by_guessing(
    raj: Person, portal: Portal, number: int
) -> None:
    base = customer_keys(portal, number)
    guessed = f"CONTACT:{next(iter(portal.user(REGULAR_USER).hidden_contacts))}"
    response = raj.post(f"/records/{number}/save", {"base": base, "customer": [*base, guessed]})
    assert response.status_code == 422
    assert "Nothing was saved" in response.text
    assert customer_keys(portal, number) == base


@pytest.mark.parametrize("key", ["CONTACT:999999", "COMPANY:999999"])
def test_a_customer_that_does_not_exist_cannot_be_added(
    raj: Person, portal: Portal, number: int, key: str
) -> None:
    base = customer_keys(portal, number)
    response = raj.post(f"/records/{number}/save", {"base": base, "customer": [*base, key]})
    assert response.status_code == 422
    assert customer_keys(portal, number) == base


@pytest.mark.parametrize("key", ["", "CONTACT", "CONTACT:0", "CONTACT:-1", "LEAD:1", "CONTACT:1e3"])
def test_a_damaged_form_changes_nothing(raj: Person, portal: Portal, number: int, key: str) -> None:
    base = customer_keys(portal, number)
    response = raj.post(f"/records/{number}/save", {"base": base, "customer": [*base, key]})
    assert response.status_code == 400
    assert customer_keys(portal, number) == base


def test_two_new_main_customers_are_asked_about(raj: Person, portal: Portal, number: int) -> None:
    first, second = visible_contacts(portal, number, 2)
    base = [*customer_keys(portal, number), first, second]
    colleague_sets(portal, number, base)
    theirs = [second, base[0], first]
    colleague_sets(portal, number, theirs)
    mine = [first, base[0], second]

    question = raj.post(f"/records/{number}/save", {"base": base, "customer": mine})
    assert question.status_code == 409
    assert "Changed by someone else" in question.text
    assert customer_keys(portal, number) == theirs

    fields = {"base": base, "customer": mine, "theirs": theirs, "choice": "mine"}
    assert raj.post(f"/records/{number}/save", fields).status_code == 200
    assert customer_keys(portal, number) == mine


def test_choosing_a_list_does_not_bring_an_old_note_back(
    raj: Person, portal: Portal, number: int
) -> None:
    first, second = visible_contacts(portal, number, 2)
    base = [*customer_keys(portal, number), first, second]
    colleague_sets(portal, number, base)
    saved = raj.post(
        f"/records/{number}/save", {"base": base, "customer": [second, base[0], first]}
    )
    colleague_sets(portal, number, [first, second, base[0]])
    portal.records[number].note = "Written by a colleague"
    question = raj.post(f"/records/{number}/undo", {"change": change_in(saved.text)})
    assert question.status_code == 409
    fields = {name: FIELD[name].findall(question.text) for name in FIELD}
    answer = raj.post(f"/records/{number}/save", {**fields, "action": "save", "choice": "mine"})
    assert answer.status_code == 200
    assert customer_keys(portal, number) == base
    assert portal.records[number].note == "Written by a colleague"


def test_keeping_both_keeps_both_notes(raj: Person, portal: Portal, number: int) -> None:
    base = customer_keys(portal, number)
    portal.records[number].note = "Allergic to latex"
    fields = {"base": base, "customer": base, "base_note": "", "note": "Call after 5"}
    question = raj.post(f"/records/{number}/save", fields)
    assert question.status_code == 409
    assert '<bdi translate="no">Allergic to latex\nCall after 5</bdi>' in question.text
    chosen = {name: FIELD[name].findall(question.text) for name in FIELD}
    raj.post(f"/records/{number}/save", {**chosen, "choice": "both"})
    assert portal.records[number].note == "Allergic to latex\nCall after 5"
    assert customer_keys(portal, number) == base


def test_a_lost_answer_is_read_back_and_not_sent_again(
    raj: Person, portal: Portal, number: int
) -> None:
    base, new = customer_keys(portal, number), visible_contacts(portal, number)
    portal.faults.add("drop_after", "booking.v1.waitlist.client.set", count=1)
    response = raj.post(f"/records/{number}/save", {"base": base, "customer": base + new})
    assert "Saved" in response.text
    assert customer_keys(portal, number) == base + new
    assert customer_writes(portal) == ["booking.v1.waitlist.client.set"]


def test_what_was_written_but_not_read_back_is_looked_at_again(
    raj: Person, portal: Portal, number: int
) -> None:
    base, new = customer_keys(portal, number), visible_contacts(portal, number)
    portal.faults.add("OPERATION_TIME_LIMIT", "booking.v1.waitlist.client.list", probability=0.5)
    response = raj.post(f"/records/{number}/save", {"base": base, "customer": base + new})
    assert "Saved" in response.text
    assert customer_keys(portal, number) == base + new
    portal.faults.clear()
    raj.post(f"/records/{number}/undo", {"change": change_in(response.text)})
    assert customer_keys(portal, number) == base


def test_what_was_written_and_cannot_be_read_back_is_not_said_to_be_lost(
    raj: Person, portal: Portal, number: int
) -> None:
    base, new = customer_keys(portal, number), visible_contacts(portal, number)
    portal.faults.add("OPERATION_TIME_LIMIT", "booking.v1.waitlist.client.list", probability=0.7)
    fields = {"base": base, "customer": base + new, "base_note": "", "note": ""}
    response = raj.post(f"/records/{number}/save", fields)
    assert customer_keys(portal, number) == base + new
    assert "We can't tell whether your changes were saved" in unescape(response.text)


def test_a_long_list_is_written_in_a_request_of_its_own_and_read_back(
    raj: Person, portal: Portal, number: int
) -> None:
    base, new = customer_keys(portal, number), visible_contacts(portal, number, 301)
    response = raj.post(f"/records/{number}/save", {"base": base, "customer": base + new})
    assert "Saved" in response.text
    assert customer_keys(portal, number) == base + new
    assert portal.requests[1].method == "booking.v1.waitlist.client.set"


def test_a_record_that_is_gone_says_so(raj: Person, portal: Portal, number: int) -> None:
    base, new = customer_keys(portal, number), visible_contacts(portal, number)
    del portal.state.records[number]
    response = raj.post(f"/records/{number}/save", {"base": base, "customer": base + new})
    assert response.status_code == 410
    assert "no longer exists" in response.text


def test_undo_brings_the_earlier_list_back(raj: Person, portal: Portal, number: int) -> None:
    base, new = customer_keys(portal, number), visible_contacts(portal, number)
    saved = raj.post(f"/records/{number}/save", {"base": base, "customer": base + new})
    undone = raj.post(f"/records/{number}/undo", {"change": change_in(saved.text)})
    assert "Undone" in undone.text
    assert customer_keys(portal, number) == base


def test_undo_keeps_what_a_colleague_did_since(raj: Person, portal: Portal, number: int) -> None:
    base = customer_keys(portal, number)
    mine, theirs = visible_contacts(portal, number, 2)
    saved = raj.post(f"/records/{number}/save", {"base": base, "customer": [*base, mine]})
    colleague_sets(portal, number, [*base, mine, theirs])
    raj.post(f"/records/{number}/undo", {"change": change_in(saved.text)})
    assert customer_keys(portal, number) == [*base, theirs]


def test_undo_brings_the_note_back_with_the_customers(
    raj: Person, portal: Portal, number: int
) -> None:
    portal.records[number].note = note = "Call after 5,\nallergic to latex"
    base, new = customer_keys(portal, number), visible_contacts(portal, number)
    fields = {"base": base, "customer": base + new, "base_note": note, "note": ""}
    saved = raj.post(f"/records/{number}/save", fields)
    assert not portal.records[number].note
    undone = raj.post(f"/records/{number}/undo", undo_fields(saved.text))
    assert "Undone." in undone.text
    assert customer_keys(portal, number) == base
    assert portal.records[number].note == note
    raj.post(f"/records/{number}/undo", undo_fields(undone.text))
    assert customer_keys(portal, number) == base + new
    assert not portal.records[number].note


def test_a_change_of_the_note_alone_can_be_undone(raj: Person, portal: Portal, number: int) -> None:
    portal.records[number].note = "Before"
    base = customer_keys(portal, number)
    fields = {"base": base, "customer": base, "base_note": "Before", "note": "After"}
    saved = raj.post(f"/records/{number}/save", fields)
    undone = raj.post(f"/records/{number}/undo", undo_fields(saved.text))
    assert "Undone." in undone.text
    assert "A colleague" not in undone.text
    assert portal.records[number].note == "Before"
    redone = raj.post(f"/records/{number}/undo", undo_fields(undone.text))
    assert "A colleague" not in redone.text
    assert portal.records[number].note == "After"
    assert customer_keys(portal, number) == base
    assert customer_writes(portal) == []


@pytest.mark.parametrize("more", [0, 1])
def test_undo_leaves_a_note_that_a_colleague_has_changed_since(
    raj: Person, portal: Portal, number: int, more: int
) -> None:
    portal.records[number].note = "Before"
    base, new = customer_keys(portal, number), visible_contacts(portal, number, more)
    fields = {"base": base, "customer": base + new, "base_note": "Before", "note": "After"}
    saved = raj.post(f"/records/{number}/save", fields)
    portal.records[number].note = "Written by a colleague"
    undone = raj.post(f"/records/{number}/undo", undo_fields(saved.text))
    assert undone.status_code == 200
    assert "A colleague has changed the note in the meantime. Their note was kept." in undone.text
    assert ("Undone." in undone.text) == bool(more)
    assert portal.records[number].note == "Written by a colleague"
    assert customer_keys(portal, number) == base


def test_undoing_a_new_record_takes_it_away(raj: Person, portal: Portal) -> None:
    before = set(portal.records)
    fields = {"customer": ["CONTACT:1", "COMPANY:1"], "note": "Soon"}
    saved = raj.post("/records/new/save", fields)
    (number,) = set(portal.records) - before
    undone = raj.post(f"/records/{number}/undo", undo_fields(saved.text))
    assert set(portal.records) == before
    assert f'<span id="record-{number}" hidden>' in undone.text
    assert "New record with these customers" in undone.text
    assert FIELD["customer"].findall(undone.text) == ["CONTACT:1", "COMPANY:1"]
    assert FIELD["note"].findall(undone.text) == ["Soon"]


def test_undoing_a_new_record_keeps_what_a_colleague_did_to_it(raj: Person, portal: Portal) -> None:
    before = set(portal.records)
    saved = raj.post("/records/new/save", {"customer": ["CONTACT:1"], "note": "Soon"})
    (number,) = set(portal.records) - before
    portal.records[number].note = "Soon, and allergic to latex"
    undone = raj.post(f"/records/{number}/undo", undo_fields(saved.text))
    assert "Undone." in undone.text
    assert customer_keys(portal, number) == []
    assert portal.records[number].note == "Soon, and allergic to latex"


@pytest.mark.parametrize("note", ["Soon", "Line one\r\n“Line” <two>"])
def test_undoing_a_new_empty_record_removes_it(raj: Person, portal: Portal, note: str) -> None:
    before = set(portal.records)
    saved = raj.post("/records/new/save", {"note": note})
    undone = raj.post(*undo_of(saved.text))
    assert set(portal.records) == before
    assert "Removed." in undone.text
    assert "New record with this note" in undone.text
    assert FIELD["note"].findall(undone.text)


def test_undo_keeps_a_new_record_with_a_colleagues_customer(raj: Person, portal: Portal) -> None:
    before = set(portal.records)
    saved = raj.post("/records/new/save", {"note": "Soon"})
    (number,) = set(portal.records) - before
    colleague_sets(portal, number, ["CONTACT:1"])
    undone = raj.post(*undo_of(saved.text))
    assert undone.status_code == 409
    assert "A colleague has changed this record in the meantime" in undone.text
    assert customer_keys(portal, number) == ["CONTACT:1"]


@pytest.mark.parametrize("fields", [{}, {"change": "0"}, {"change": "999", "note": "x"}])
def test_an_undo_of_nothing_changes_nothing(
    raj: Person, portal: Portal, number: int, fields: dict[str, str]
) -> None:
    assert raj.post(f"/records/{number}/undo", fields).status_code == 404
    assert portal.requests == []


def test_history_tells_which_user_added_a_customer(
    raj: Person, portal: Portal, number: int
) -> None:
    base, new = customer_keys(portal, number), visible_contacts(portal, number)
    raj.post(f"/records/{number}/save", {"base": base, "customer": base + new})
    text = raj.post(f"/records/{number}/history").text
    assert "you" in text
    assert "Restore this list" in text


def test_a_new_record_is_made_with_its_customers(raj: Person, portal: Portal) -> None:
    before = set(portal.records)
    new = ["CONTACT:1", "COMPANY:1"]
    response = raj.post("/records/new/save", {"customer": new, "note": "Line one\r\nLine two"})
    assert response.status_code == 200
    (number,) = set(portal.records) - before
    assert customer_keys(portal, number) == new
    assert portal.records[number].note == "Line one\nLine two"


def test_a_new_record_that_cannot_be_filled_is_taken_away_again(
    raj: Person, portal: Portal
) -> None:
    before = set(portal.records)
    portal.faults.add("feature_off", "booking.v1.waitlist.client.set", feature="booking", count=1)
    response = raj.post("/records/new/save", {"customer": ["CONTACT:1"]})
    assert response.status_code == 403
    assert {n for n in portal.records if not portal.records[n].deleted} == before


def test_a_note_is_saved_and_cleared(raj: Person, portal: Portal, number: int) -> None:
    base = customer_keys(portal, number)
    fields = {"base": base, "customer": base, "base_note": portal.records[number].note or ""}
    raj.post(f"/records/{number}/save", {**fields, "note": "After $result[five] & 100 %"})
    assert portal.records[number].note == "After $result[five] & 100 %"
    fields["base_note"] = "After $result[five] & 100 %"
    raj.post(f"/records/{number}/save", {**fields, "note": ""})
    assert not portal.records[number].note


def test_a_long_note_of_the_portal_hinders_nothing(
    raj: Person, portal: Portal, number: int
) -> None:
    portal.records[number].note = note = "Ж" * 32_000
    base, new = customer_keys(portal, number), visible_contacts(portal, number)
    fields = {"base": base, "base_note": note, "note": note}
    assert raj.post("/records/news", {**fields, "record": str(number)}).status_code == 204
    saved = raj.post(f"/records/{number}/save", {**fields, "customer": base + new})
    assert "Saved" in saved.text
    assert customer_keys(portal, number) == base + new
    assert portal.records[number].note == note
    seen = {"seen": base + new, "seen_note": note, "sure": "yes"}
    assert raj.post(f"/records/{number}/remove", seen).status_code == 200
    assert number not in portal.records


def test_a_long_note_may_be_shortened(raj: Person, portal: Portal, number: int) -> None:
    portal.records[number].note = "x" * (LONGEST_NOTE + 2)
    base = customer_keys(portal, number)
    fields = {"base": base, "customer": base, "base_note": "x" * (LONGEST_NOTE + 2)}
    still = raj.post(f"/records/{number}/save", {**fields, "note": "x" * (LONGEST_NOTE + 1)})
    assert still.status_code == 422
    short = raj.post(f"/records/{number}/save", {**fields, "note": "x" * LONGEST_NOTE})
    assert "Saved" in short.text
    assert portal.records[number].note == "x" * LONGEST_NOTE


def test_a_note_that_is_typed_too_long_is_refused_beside_its_field(
    raj: Person, portal: Portal, number: int
) -> None:
    base, before = customer_keys(portal, number), portal.records[number].note
    page = raj.post(f"/records/{number}").text
    assert f'maxlength="{LONGEST_NOTE}"' in page
    long = {"base": base, "base_note": before or "", "note": "x" * (LONGEST_NOTE + 1)}
    portal.requests.clear()
    for path in (f"/records/{number}/save", "/records/new/save", "/card/create"):
        answer = raj.post(path, {**long, "customer": base[:1]})
        assert answer.status_code == 422
        assert "The note is too long. Nothing was " in answer.text
        assert 'id="problem"' in answer.text
        assert 'id="record"' not in answer.text
    assert portal.requests == []


def test_a_failed_new_record_with_a_colleagues_customer_is_kept(
    raj: Person, portal: Portal, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def after_a_colleague(*args: Any) -> Any:
        link_client(portal, args[1], "COMPANY", 1)
        return write_customers(*args)

    monkeypatch.setattr("waitlist.records.save.write_customers", after_a_colleague)
    portal.faults.add("no_client_types", "booking.v1.waitlist.client.set")
    fields = {"customer": visible_contacts(portal, number), "note": "New", "base_note": ""}
    answer = raj.post("/records/new/save", fields)
    assert "The record was created, but its customers could not be saved." in answer.text
    (new,) = (one for one, row in portal.records.items() if row.note == "New")
    assert customer_keys(portal, new) == ["COMPANY:1"]


def undo_of(text: str) -> tuple[str, dict[str, str]]:
    """Return the address of the page's *Undo*, and what it sends."""
    form = text.partition('<form id="undo"')[2].partition("</form>")[0]
    (url,) = re.findall(r'action="([^"]+)"', form)
    hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)
    return url, {name: unescape(value) for name, value in hidden}
