"""When an action succeeds only in part, the page says which part."""

from __future__ import annotations

import re
from html import unescape

import pytest

from sandbox.portal.portal import Portal
from tests.cast import Person
from tests.web.routes import SESSION_ROUTES
from tests.web.steps import customer_keys

CHANGING_ROUTES = {
    "/bookings/1/back",
    "/card/add",
    "/card/create",
    "/card/deal/put",
    "/card/deal/undo",
    "/card/remove",
    "/card/undo",
    "/customers/create",
    "/customers/delete",
    "/records/1/leave",
    "/records/1/link-deal",
    "/records/1/put-back",
    "/records/1/remove",
    "/records/1/restore",
    "/records/1/save",
    "/records/1/undo",
    "/records/1/unlink",
    "/records/1/unlink-deal",
    "/records/new/save",
    "/records/remove",
}
ADD = "booking.v1.waitlist.add"
SET = "booking.v1.waitlist.client.set"
DELETE = "booking.v1.waitlist.delete"


@pytest.fixture
def number(portal: Portal) -> int:
    """A record with exactly two contacts."""
    return next(
        number
        for number in portal.records
        if [kind for kind, _ in portal.clients(number)] == ["CONTACT", "CONTACT"]
    )


def newcomer(portal: Portal, number: int) -> str:
    here = customer_keys(portal, number)
    return next(key for id in portal.state.contacts if (key := f"CONTACT:{id}") not in here)


def test_a_note_is_said_to_be_saved_when_the_customers_were_not(
    olga: Person, portal: Portal, number: int
) -> None:
    base = customer_keys(portal, number)
    portal.faults.add("no_client_types", SET, count=1)
    answer = olga.post(
        f"/records/{number}/save",
        {
            "base": base,
            "customer": [*base, newcomer(portal, number)],
            "note": "New",
            "base_note": portal.records[number].note or "",
        },
    )
    assert answer.status_code == 409
    assert "The note was saved, but the customers were not." in answer.text
    assert portal.records[number].note == "New"
    assert customer_keys(portal, number) == base


def test_a_conflict_is_asked_about_before_the_note_is_written(
    olga: Person, portal: Portal, number: int
) -> None:
    first, second = customer_keys(portal, number)
    base_note = portal.records[number].note or ""
    loaded = [second, first, newcomer(portal, number)]
    answer = olga.post(
        f"/records/{number}/save",
        {"base": loaded, "customer": loaded[::-1], "note": "New", "base_note": base_note},
    )
    assert answer.status_code == 409
    assert "Nothing has been saved yet." in answer.text
    assert (portal.records[number].note or "") == base_note


def test_a_conflict_after_the_note_says_that_the_note_was_saved(
    olga: Person, portal: Portal, number: int
) -> None:
    (_, first), (_, second) = portal.clients(number)
    base, new = customer_keys(portal, number), newcomer(portal, number)
    others = iter(portal.state.contacts)
    other = next(id for id in others if id not in (first, second, int(new[8:])))
    theirs = [["CONTACT", other], ["CONTACT", first]]
    portal.faults.add("colleague_edit", SET, count=1, replace=True, clients=theirs)
    portal.faults.add("colleague_race", SET, count=1, clients=[["CONTACT", int(new[8:])]])
    fields = {
        "base": base,
        "customer": [new, base[0]],
        "note": "New",
        "base_note": portal.records[number].note or "",
    }
    answer = olga.post(f"/records/{number}/save", fields)
    assert answer.status_code == 409
    assert "The note was saved, but the customers were not." in answer.text
    assert portal.records[number].note == "New"
    again = olga.post(f"/records/{number}/save", fields)
    assert "Nothing has been saved yet." in again.text


def test_repeated_refusals_say_that_nothing_was_saved(
    olga: Person, portal: Portal, number: int
) -> None:
    base = customer_keys(portal, number)
    portal.faults.add("error", SET, code="1035", description="(1062) Duplicate entry")
    wanted = [*base, newcomer(portal, number)]
    fields = {"base": base, "customer": wanted, "note": "", "base_note": ""}
    answer = olga.post(f"/records/{number}/save", fields)
    assert answer.status_code == 409
    assert "others are changing this record right now. Nothing was saved." in answer.text
    assert "1062" not in answer.text
    assert customer_keys(portal, number) == base


def test_a_refusal_while_others_write_names_the_customers_of_the_record(
    olga: Person, portal: Portal, number: int
) -> None:
    base, new = customer_keys(portal, number), newcomer(portal, number)
    portal.faults.add("colleague_race", SET, count=1, clients=[["CONTACT", int(new[8:])]])
    for _ in range(2):  # The second and the third try.
        portal.faults.add("error", SET, probability=0.5, code="1035")
    answer = olga.post(f"/records/{number}/save", {"base": base, "customer": [base[1], new]})
    assert answer.status_code == 409
    assert set(customer_keys(portal, number)) == {*base, new}
    assert "Nothing was" not in answer.text
    held = answer.text.partition("Now on the record: ")[2].partition(".</strong>")[0]
    names = {portal.state.contacts[int(key[8:])].fields["lastName"] for key in (*base, new)}
    assert all(name in held for name in names)


def test_a_repeated_create_looks_for_the_record_first(olga: Person, portal: Portal) -> None:
    portal.faults.add("drop_after", ADD, count=1)
    fields = {"note": "New", "base_note": "", "attempt": "a-random-word-in-it"}
    answer = olga.post("/records/new/save", fields)
    assert answer.status_code == 502
    assert "The record may be there already." in answer.text
    assert "data-retry" in answer.text
    assert "Saved." in olga.post("/records/new/save", fields).text
    assert [row.note for row in portal.records.values()].count("New") == 1


def test_a_new_record_that_cannot_be_removed_is_shown(olga: Person, portal: Portal) -> None:
    portal.faults.add("no_client_types", SET)
    portal.faults.add("error", DELETE, code="1036", description="no luck")
    fields = {"customer": "CONTACT:1", "note": "New", "base_note": ""}
    answer = olga.post("/records/new/save", fields)
    assert answer.status_code == 409
    assert "The record was created, but its customers could not be saved." in answer.text
    portal.faults.clear()
    portal.faults.add("no_client_types", SET)
    answer = olga.post("/records/new/save", {**fields, "note": "Again"})
    assert "does not know this kind of customer yet. Nothing was saved." in answer.text
    assert [row.deleted for row in portal.records.values() if row.note == "Again"] in ([True], [])


def test_an_empty_record_that_its_deal_fills_again_is_shown_filled(
    olga: Person, portal: Portal
) -> None:
    number = next(
        number
        for number, row in portal.state.records.items()
        if row.external and portal.clients(number)
    )
    base = customer_keys(portal, number)
    note = portal.records[number].note or ""
    olga.post(f"/records/{number}/save", {"base": base, "note": note, "base_note": note})
    assert customer_keys(portal, number) == []
    answer = olga.post(f"/records/{number}/save", {"note": "Call back", "base_note": note})
    assert answer.status_code == 200
    assert customer_keys(portal, number)
    for key in customer_keys(portal, number):
        assert f'name="customer" value="{key}"' in answer.text
    assert "Bitrix24 added the deal's customers again." in answer.text
    assert "unlink the deal" in answer.text


def test_only_failed_changes_say_that_nothing_was_saved(
    olga: Person, portal: Portal, number: int
) -> None:
    base = customer_keys(portal, number)
    wanted = {"base": base, "customer": [*base, newcomer(portal, number)]}
    saved = olga.post(f"/records/{number}/save", wanted).text
    (change,) = re.findall(r'name="change" value="(\d+)"', saved)
    fields = {
        **{"record": str(number), "deal": "1", "change": change, "sure": "1", "linked": "1"},
        **{"customer": base[0], "company": "COMPANY:1", "picked": "C_1", "q": "anna"},
        **{"shown": f"{number} {base[0]}", "until": "0", "new_lastName": "Rossi"},
    }
    portal.faults.add("server_error")
    told = set()
    for path in SESSION_ROUTES:
        text = olga.post(path.replace("/1", f"/{number}"), fields).text
        assert "We can't tell" not in unescape(text)
        if re.search("Nothing was (changed|saved)|The record may be there already", text):
            told.add(path)
    assert told == CHANGING_ROUTES


def test_an_incomplete_list_says_so(olga: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "too long to load completely" not in olga.open().text
    monkeypatch.setattr("bitrix24.lists.MAX_PAGES", 1)
    page = olga.open()
    assert "The list is too long to load completely." in page.text
    assert 'role="option"' in page.text
