"""A record with a client of an unknown type hides no other, and keeps the client."""

from __future__ import annotations

import re

import pytest
from markupsafe import escape

from sandbox.portal.colleague import link_client
from sandbox.portal.portal import Portal
from tests.cast import Cast, Person
from tests.web.cards.steps import open_card, text_of
from tests.web.steps import customer_keys, portal_event, post_event, until_in, visible_contacts

SAID = escape("Has customers the app doesn't know")
WHY = escape("This record has customers the app doesn't know, so it can't be changed here.")
STEP = "Edit it in Bitrix24."


@pytest.fixture
def contact(portal: Portal, number: int) -> str:
    """A contact on a record that also has a client of an unknown type."""
    (key,) = customer_keys(portal, number)
    link_client(portal, number, "COMPANY", next(iter(portal.state.companies)))
    portal.records[number].clients[-1].code = "LEAD"
    return key


def row(page: str, number: int) -> str:
    (found,) = re.findall(rf'<button[^>]*id="record-{number}".*?</button>', page, re.DOTALL)
    return str(found)


@pytest.mark.usefixtures("contact")
def test_the_list_shows_the_record_and_all_others(raj: Person, portal: Portal, number: int) -> None:
    page = raj.open().text
    assert page.count('role="option"') == len(portal.records)
    assert page.count(f">{SAID}<") == 1
    assert SAID in row(page, number)


@pytest.mark.usefixtures("contact")
def test_a_record_without_known_customers_is_shown_by_its_number(
    raj: Person, portal: Portal, number: int
) -> None:
    del portal.records[number].clients[0]
    shown = row(raj.open().text, number)
    assert f">Record #{number}<" in shown
    assert SAID in shown
    assert "No customers" not in shown


@pytest.mark.usefixtures("contact")
def test_opening_or_removing_it_says_where_it_can_be_changed(raj: Person, number: int) -> None:
    for path in ("", "/changes", "/remove"):
        answer = raj.post(f"/records/{number}{path}")
        assert (answer.status_code, path) == (409, path)
        assert WHY in answer.text
        assert STEP in answer.text


def test_a_customer_added_while_it_was_open_is_kept(
    raj: Person, portal: Portal, number: int, contact: str
) -> None:
    before = portal.clients(number)
    fields = {"base": contact, "customer": [contact, *visible_contacts(portal, number)]}
    answer = raj.post(f"/records/{number}/save", fields)
    assert answer.status_code == 409
    assert WHY in answer.text
    assert (
        raj.post("/card/add", {"customer": "CONTACT:30", "record": str(number)}).status_code == 409
    )
    assert portal.clients(number) == before


def test_the_history_outlives_it(raj: Person, portal: Portal, number: int) -> None:
    base = customer_keys(portal, number)
    raj.post(
        f"/records/{number}/save",
        {"base": base, "customer": base + visible_contacts(portal, number)},
    )
    portal.records[number].clients[-1].code = "LEAD"
    answer = raj.post(f"/records/{number}/history")
    assert answer.status_code == 200
    assert "Previous list" in answer.text


def test_the_tab_of_a_customer_shows_it(raj: Person, number: int, contact: str) -> None:
    page = open_card(raj, contact)
    assert f'id="row-{number}"' in page
    assert SAID in page
    assert "Alone" not in text_of(page, f"row-{number}")


def test_news_of_it_are_told_once(
    installed: Cast, raj: Person, portal: Portal, number: int
) -> None:
    (key,) = customer_keys(portal, number)
    start = until_in(raj.open().text)
    link_client(portal, number, "COMPANY", next(iter(portal.state.companies)))
    portal.records[number].clients[-1].code = "LEAD"
    told = portal_event(installed, "ONBOOKINGWAITLISTITEMUPDATE", **{"data[ID]": str(number)})
    assert post_event(installed, told) == 200
    note = portal.records[number].note or ""
    loaded = {"record": str(number), "base": key, "base_note": note}
    answer = raj.post("/records/news", {"until": start, **loaded})
    assert SAID in row(answer.text, number)
    assert "Changed by a colleague" in answer.text
    assert raj.post("/records/news", {"until": until_in(answer.text)}).status_code == 204


def test_it_is_verified_like_any_other(raj: Person, number: int, contact: str) -> None:
    answer = raj.post("/records/verify", {"shown": [f"{number} {contact}"]})
    assert SAID in row(answer.text, number)


def test_a_form_that_comes_again_does_not_take_it_for_its_own(raj: Person, portal: Portal) -> None:
    before = set(portal.records)
    portal.faults.add("drop_after", "booking.v1.waitlist.add", count=1)
    fields = {"attempt": "A" * 22, "customer": ["CONTACT:30"], "note": "A note of its own"}
    assert raj.post("/records/new/save", fields).status_code == 502
    (left,) = set(portal.records) - before
    link_client(portal, left, "COMPANY", next(iter(portal.state.companies)))
    portal.records[left].clients[-1].code = "LEAD"
    raj.post("/records/new/save", fields)
    assert [client.code for client in portal.records[left].clients] == ["LEAD"]
