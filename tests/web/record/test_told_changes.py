"""Colleagues' changes, conflicts and missing customers are told with names."""

from __future__ import annotations

import re
from html import unescape

import pytest
from werkzeug.test import TestResponse

from sandbox.portal.portal import Portal
from tests.cast import REGULAR_USER, Person
from tests.web.steps import (
    change_in,
    colleague_sets,
    customer_keys,
    customer_writes,
    until_in,
    visible_contacts,
)

ADDED = 3


@pytest.fixture
def people(raj: Person, portal: Portal, number: int) -> list[str]:
    """The customers of the record, after Raj has added some."""
    base = customer_keys(portal, number)
    keys = base + visible_contacts(portal, number, ADDED)
    assert save(raj, number, base, keys).status_code == 200
    return keys


def save(
    person: Person, number: int, base: list[str], keys: list[str], **more: str
) -> TestResponse:
    note = person.portal.records[number].note or ""
    fields = {"base": base, "customer": keys, "base_note": note, "note": note, **more}
    return person.post(f"/records/{number}/save", fields)


def name(portal: Portal, key: str) -> str:
    return portal.state.contacts[int(key.partition(":")[2])].title


def words(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def news(person: Person, number: int, base: list[str], start: str, note: str) -> str:
    fields = {"until": start, "record": str(number), "base": base, "base_note": note}
    return words(person.post("/records/news", fields).text)


def test_the_notice_says_what_a_colleague_did(
    olga: Person, raj: Person, portal: Portal, number: int, people: list[str]
) -> None:
    start, note = until_in(raj.open().text), portal.records[number].note or ""
    save(olga, number, people, people[:-1])
    said = news(raj, number, people, start, note)
    assert f"Olivia Hartmann removed {name(portal, people[-1])} Show" in said


def test_the_notice_tells_several_changes_in_their_order(
    olga: Person, raj: Person, portal: Portal, number: int, people: list[str]
) -> None:
    start, note = until_in(raj.open().text), portal.records[number].note or ""
    save(olga, number, people, people[:-1])
    colleague_sets(portal, number, people[:-2])
    save(olga, number, people[:-2], people[:-2], base_note=note, note="Called back")
    said = news(raj, number, people, start, note)
    assert (
        f"Olivia Hartmann removed {name(portal, people[-1])} · "
        f"{name(portal, people[-2])} was taken off outside this app · The note was changed Show"
    ) in said


def test_a_conflict_names_the_difference(
    olga: Person, raj: Person, portal: Portal, number: int, people: list[str]
) -> None:
    save(olga, number, people, people[:-1])
    mine = [people[-1], *people[:-1]]
    asked = save(raj, number, people, mine)
    assert asked.status_code == 409
    said, last = words(asked.text), name(portal, people[-1])
    assert f"Olivia Hartmann removed {last}. You made {last} the main customer." in said
    assert ("Keep mine" in said, "Keep theirs" in said, "Keep both" in said) == (True, True, False)
    assert re.search(r'value="mine" class="button is-primary" data-focus', asked.text)


def test_a_conflict_of_three_answers_asks_all(
    olga: Person, raj: Person, portal: Portal, number: int, people: list[str]
) -> None:
    save(olga, number, people, [people[1], people[0], *people[2:]])
    (more,) = visible_contacts(portal, number)
    asked = save(raj, number, people, [people[2], people[0], more])
    said = words(asked.text)
    assert all(choice in said for choice in ("Keep mine", "Keep theirs", "Keep both"))
    assert f"Olivia Hartmann made {name(portal, people[1])} the main customer." in said
    assert f"You added {name(portal, more)} and removed " in said


def test_a_conflict_about_the_note_shows_no_lists(
    olga: Person, raj: Person, portal: Portal, number: int, people: list[str]
) -> None:
    note = portal.records[number].note or ""
    save(olga, number, people, people, base_note=note, note="Theirs")
    asked = save(raj, number, people, people, base_note=note, note="Mine")
    assert asked.status_code == 409
    assert "The note was changed. You changed the note." in words(asked.text)
    assert "Which note should stay on the record?" in asked.text
    assert "Your version" in asked.text
    assert "Your list" not in asked.text
    assert "<ol>" not in asked.text
    assert "Note: Theirs Mine" in words(asked.text)


def test_a_removal_that_is_asked_again_says_why(
    olga: Person, raj: Person, portal: Portal, number: int, people: list[str]
) -> None:
    note = portal.records[number].note or ""
    save(olga, number, people, people[:-1])
    asked = raj.post(f"/records/{number}/remove", {"seen": people, "seen_note": note})
    assert asked.status_code == 409
    assert f"Olivia Hartmann removed {name(portal, people[-1])}" in words(asked.text)


def test_a_customer_taken_off_outside_is_named(
    raj: Person, portal: Portal, number: int, people: list[str]
) -> None:
    colleague_sets(portal, number, people[:-1])
    said = words(raj.post(f"/records/{number}").text)
    assert f"{name(portal, people[-1])} was taken off outside this app. Put back Leave" in said


def test_a_customer_deleted_in_crm_is_named_and_only_acknowledged(
    raj: Person, portal: Portal, number: int, people: list[str]
) -> None:
    raj.post(f"/records/{number}")
    gone = name(portal, people[-1])
    del portal.state.contacts[int(people[-1].partition(":")[2])]
    colleague_sets(portal, number, people[:-1])
    page = raj.post(f"/records/{number}").text
    assert f"{gone} was deleted in CRM. OK" in words(page)
    assert "Put back" not in page
    raj.post(f"/records/{number}/leave", {"change": change_in(page), "seen": people[:-1]})
    assert "deleted in CRM" not in raj.post(f"/records/{number}").text


@pytest.mark.parametrize("hidden", [False, True])
def test_putting_back_a_deleted_customer_ends_the_question(
    raj: Person, portal: Portal, number: int, people: list[str], hidden: bool
) -> None:
    """Also where the customer was deleted after the page had been shown."""
    left = people[: -1 - hidden]
    colleague_sets(portal, number, left)
    page = raj.post(f"/records/{number}").text
    del portal.state.contacts[int(people[-1].partition(":")[2])]
    if hidden:
        portal.user(REGULAR_USER).hidden_contacts.append(int(people[-2].partition(":")[2]))
    fields = {"change": change_in(page), "seen": left}
    answer = raj.post(f"/records/{number}/put-back", fields)
    assert answer.status_code == 200
    assert "is no longer in CRM and was left out." in words(answer.text)
    assert customer_writes(portal) == []
    again = words(raj.post(f"/records/{number}").text)
    assert "deleted in CRM" not in again
    assert ("taken off outside this app" in again) == hidden
