"""Users without CRM access can read the waiting list but cannot change records."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from sandbox.core.model import ExternalRow
from sandbox.portal.portal import Portal
from tests.cast import NO_CRM_RIGHTS, REGULAR_USER, Fields, Person
from tests.web.steps import (
    customer_keys,
    customer_writes,
    forget_customers,
    methods_asked,
    visible_contacts,
)
from web.services import services_of

CLOSED = (
    "You can only read the waiting list, "
    "because you have no access to contacts or companies in CRM."
)
ASK = "Ask your CRM administrator for access."
WAYS = re.compile(r'id="(save|discard|add-customer|removal|editor)"|class="(?:tool|handle)')
RESTORE = "Restore this list"


def body(text: str) -> str:
    """Return what stands in the place of the editor, without the menu."""
    return text.split("</header>", 1)[1]


def said(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def row_of(page: str, number: int) -> str:
    """Return what a row of the list shows."""
    return said(re.findall(rf'id="record-{number}".*?>\s*(<.*?)</button>', page, re.DOTALL)[0])


def test_the_list_says_it_and_tells_notes_and_numbers(
    app: Flask, tomas: Person, portal: Portal, number: int
) -> None:
    forget_customers(app)
    bare = next(n for n in portal.records if len(portal.clients(n)) > 1 and n != number)
    empty = next(n for n in portal.records if not portal.clients(n))
    portal.records[number].note, portal.records[bare].note = "After four", ""
    page = tomas.open().text
    assert said(page).count(f"{CLOSED} {ASK}") == 1
    assert page.index(CLOSED) < page.index('id="records"')
    kind, contact = portal.clients(number)[0]
    assert f" After four {kind.capitalize()} #{contact}" in row_of(page, number)
    assert f" {len(portal.clients(bare))} customers Contact #" in row_of(page, bare)
    assert " No customers " in row_of(page, empty)
    assert portal.state.contacts[contact].title not in page


@pytest.mark.records(0)
def test_an_empty_list_says_it_and_offers_no_new_record(app: Flask, tomas: Person) -> None:
    forget_customers(app)
    page = tomas.open().text
    assert CLOSED in page
    assert "The waiting list is empty." in page
    assert 'form="new-record"' not in page


def test_the_list_asks_for_it_in_no_further_request(
    app: Flask, raj: Person, tomas: Person, portal: Portal
) -> None:
    counts = []
    for person in (raj, tomas):
        forget_customers(app)
        portal.requests.clear()
        page = person.open().text
        counts.append(len(portal.requests))
        assert (CLOSED in page) == (person is tomas)
    assert counts[1] <= counts[0]


def test_a_record_whose_customers_are_all_hidden_is_named_by_its_note(
    app: Flask, raj: Person, portal: Portal, number: int
) -> None:
    forget_customers(app)
    portal.records[number].note = "Quarterly inspection"
    kind, contact = portal.clients(number)[0]
    portal.user(REGULAR_USER).hidden_contacts.append(contact)
    page = raj.open().text
    assert CLOSED not in page
    hidden = f"{kind.capitalize()} #{contact}"
    assert f" Quarterly inspection {hidden}" in row_of(page, number)


def test_a_record_can_be_read_and_says_why_it_cannot_be_changed(
    tomas: Person, portal: Portal, number: int
) -> None:
    portal.records[number].note = "After <four>"
    text = tomas.post(f"/records/{number}").text
    assert f"{CLOSED} {ASK}" in said(text)
    assert f"Contact #{portal.clients(number)[0][1]}" in text
    assert "no access" in text
    assert re.search(r"readonly[^>]*>\nAfter &lt;four&gt;</textarea>", text)
    assert WAYS.findall(body(text)) == []
    assert "Remove from the waiting list" not in text


def test_it_is_known_without_the_list_and_without_customers(
    app: Flask, tomas: Person, portal: Portal
) -> None:
    forget_customers(app)
    number = next(number for number in portal.records if not portal.clients(number))
    text = tomas.post(f"/records/{number}").text
    assert CLOSED in text
    assert WAYS.findall(body(text)) == []
    assert len(portal.requests) == 1


def test_the_history_is_read_and_brings_nothing_back(
    raj: Person, tomas: Person, portal: Portal, number: int
) -> None:
    base = customer_keys(portal, number)
    raj.post(
        f"/records/{number}/save",
        {"base": base, "customer": base + visible_contacts(portal, number)},
    )
    history = tomas.post(f"/records/{number}/history").text
    assert "Marek Novák" in history
    assert RESTORE not in history
    assert RESTORE in raj.post(f"/records/{number}/history").text
    assert "Copy link" in tomas.post(f"/records/{number}").text


@pytest.mark.parametrize(
    "way", ["note", "customers", "undo", "restore", "put-back", "leave", "unlink", "remove"]
)
def test_no_way_leads_past_it(
    app: Flask, raj: Person, tomas: Person, portal: Portal, number: int, way: str
) -> None:
    """Not even in a worker that does not know this user."""
    base = customer_keys(portal, number)
    raj.post(
        f"/records/{number}/save",
        {"base": base, "customer": base + visible_contacts(portal, number)},
    )
    portal.records[number].note = "After four"
    portal.state.records[number].external.append(ExternalRow("crm", "DEAL", "1"))
    before, links = customer_keys(portal, number), list(portal.records[number].external)
    portal.requests.clear()
    forget_customers(app)
    ways: dict[str, tuple[str, Fields]] = {
        "note": ("save", {"base": before, "customer": before, "base_note": "", "note": "New"}),
        "customers": ("save", {"base": before, "customer": before[:1]}),
        "undo": ("undo", {"change": "1"}),
        "restore": ("restore", {"change": "1", "seen": before}),
        "put-back": ("put-back", {"change": "1", "seen": before[:1]}),
        "leave": ("leave", {"change": "1", "seen": before[:1]}),
        "unlink": ("unlink", {"seen": before}),
        "remove": ("remove", {"seen": before, "seen_note": "After four", "sure": "yes"}),
    }
    path, fields = ways[way]
    answer = tomas.post(f"/records/{number}/{path}", fields)
    assert answer.status_code == 403
    assert CLOSED in answer.text
    assert "Nothing was" in answer.text
    assert portal.records[number].note == "After four"
    assert (customer_keys(portal, number), portal.records[number].external) == (before, links)
    assert [
        method for method in methods_asked(portal) if not method.endswith((".list", ".get"))
    ] == []


def test_nothing_new_is_begun_or_saved(tomas: Person, portal: Portal) -> None:
    before = len(portal.records)
    for path in ("/records/new", "/records/new/save"):
        answer = tomas.post(path, {"note": "New"})
        assert answer.status_code == 403
        assert f"{CLOSED} " in said(answer.text)
    assert len(portal.records) == before
    assert portal.requests == []


NEW: dict[str, tuple[str, Fields]] = {
    "an empty record": ("/records/new/save", {"note": "New"}),
    "a customer's record": ("/card/create", {"customer": ["CONTACT:1"], "note": "New"}),
    "a deal's record": ("/card/deal/put", {"deal": "1", "customer": ["CONTACT:1"]}),
}


@pytest.mark.parametrize("way", NEW)
def test_nothing_new_is_saved_after_a_restart(
    app: Flask, tomas: Person, portal: Portal, way: str
) -> None:
    before = len(portal.records)
    path, fields = NEW[way]
    forget_customers(app)
    answer = tomas.post(path, fields)
    assert answer.status_code == 403
    assert f"{CLOSED} " in said(answer.text)
    assert len(portal.records) == before
    assert "booking.v1.waitlist.add" not in methods_asked(portal)


@pytest.mark.parametrize("made", [{}, {"made": "yes", "seen_note": ""}])
@pytest.mark.parametrize("path", ["/card/deal/undo", "/records/{}/undo"])
def test_an_own_change_is_not_undone_once_crm_is_closed(
    app: Flask, tomas: Person, portal: Portal, number: int, path: str, made: Fields
) -> None:
    """Neither the link to the deal nor the record goes."""
    keys = customer_keys(portal, number)
    portal.records[number].note = ""
    portal.state.records[number].external.append(ExternalRow("crm", "DEAL", "1"))
    links = list(portal.records[number].external)
    change = services_of(app).changes.add(portal.member_id, number, NO_CRM_RIGHTS, (), tuple(keys))
    forget_customers(app)
    answer = tomas.post(
        path.format(number),
        {"deal": "1", "record": str(number), "change": str(change), "linked": "yes", **made},
    )
    assert answer.status_code == 403
    assert number in portal.records
    assert (customer_keys(portal, number), portal.records[number].external) == (keys, links)


READING = re.compile(r'<form id="reading".*?</form>', re.DOTALL)
HIDDEN = re.compile(r'type="hidden" name="(\w+)" value="([^"]*)"')


def test_what_a_colleague_changes_is_said_and_shown_to_be_read(
    raj: Person, tomas: Person, portal: Portal, number: int
) -> None:
    until = re.findall(r'id="live-updates"[^>]*data-until="(\d+)"', tomas.open().text)[0]
    form = READING.findall(tomas.post(f"/records/{number}").text)[0]
    hidden = HIDDEN.findall(form)
    base = [value for name, value in hidden if name == "base"]
    assert base == customer_keys(portal, number)
    shown: dict[str, str | list[str]] = {**dict(hidden), "base": base, "until": until}
    raj.post(
        f"/records/{number}/save",
        {"base": base, "customer": base + visible_contacts(portal, number)},
    )
    news = tomas.post("/records/news", shown).text
    assert re.search("Marek Novák added Contact #[0-9]+<", news)
    assert re.search(r'<button type="submit" form="reading" class="button">Show<', news)
    assert f'action="/records/{number}"' in form
    assert customer_keys(portal, number)[-1].replace(":", " #").capitalize() in said(
        tomas.post(f"/records/{number}").text
    )

    portal.records[number].deleted = True
    shown["until"] = "0"
    gone = tomas.post("/records/news", shown).text
    assert "This waiting-list record no longer exists." in gone
    assert "New record with these customers" not in gone


def test_a_user_without_access_to_companies_can_change_records(
    app: Flask, raj: Person, portal: Portal, number: int
) -> None:
    """CRM is closed only if neither contacts nor companies can be read."""
    forget_customers(app)
    portal.faults.add("error", "crm.item.list", probability=0.5, code="ACCESS_DENIED")
    text = raj.post(f"/records/{number}").text
    assert CLOSED not in text
    assert 'id="editor"' in text


def test_a_user_who_sees_no_customer_of_an_open_crm_can_change_records(
    app: Flask, raj: Person, portal: Portal, number: int
) -> None:
    """All customers may have been deleted: a portal answers the same."""
    forget_customers(app)
    portal.state.contacts.clear()
    portal.state.companies.clear()
    text = raj.post(f"/records/{number}").text
    assert "no access" in text
    assert CLOSED not in text
    assert saved(raj, portal, number)


def test_a_user_with_new_rights_can_change_the_next_record(
    tomas: Person, portal: Portal, number: int
) -> None:
    assert CLOSED in tomas.post(f"/records/{number}").text
    portal.user(NO_CRM_RIGHTS).crm_read = True
    assert CLOSED not in tomas.post(f"/records/{number}").text
    assert saved(tomas, portal, number)


def test_the_check_costs_other_users_no_request(
    app: Flask, raj: Person, portal: Portal, number: int
) -> None:
    """One request for the record, one for the names, and none for the rights."""
    forget_customers(app)
    raj.post(f"/records/{number}")
    assert len(portal.requests) == 2
    portal.requests.clear()
    raj.post(f"/records/{number}")
    assert len(portal.requests) == 1
    assert "crm.item.list" not in methods_asked(portal)
    forget_customers(app)
    portal.requests.clear()
    raj.post(f"/records/{number}/save", {"base": customer_keys(portal, number)})
    assert len(portal.requests) == 2
    assert customer_writes(portal) == ["booking.v1.waitlist.client.unset"]


def saved(person: Person, portal: Portal, number: int) -> bool:
    """Return whether this user can write a note."""
    base, note = customer_keys(portal, number), portal.records[number].note or ""
    fields = {"base": base, "customer": base, "base_note": note, "note": "New"}
    answer = person.post(f"/records/{number}/save", fields)
    return answer.status_code == 200 and portal.records[number].note == "New"
