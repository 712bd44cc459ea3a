"""A record is removed only if it is as the user has seen it."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from flask import Flask

from bitrix24.client import PortalClient
from sandbox.portal.portal import Portal
from tests.cast import Cast, Person
from tests.web.steps import (
    colleague_sets,
    customer_keys,
    records_last_seen,
    records_with_events,
    visible_contacts,
)
from waitlist.models import Record
from waitlist.records import remove
from waitlist.records.read import read_record
from web.services import services_of

DELETE = "booking.v1.waitlist.delete"
SEEN = re.compile(r'name="seen" value="([^"]*)"')


def fields(portal: Portal, number: int, **more: str) -> dict[str, str | list[str]]:
    """Return what the page sends when the time for *Undo* is up."""
    note = portal.records[number].note or ""
    return {"seen": customer_keys(portal, number), "seen_note": note, **more}


def test_a_record_is_removed_and_leaves_the_list(raj: Person, portal: Portal, number: int) -> None:
    answer = raj.post(f"/records/{number}/remove", fields(portal, number))
    assert answer.status_code == 200
    assert number not in portal.records
    assert f'<span id="record-{number}" hidden>' in answer.text
    assert "New record with these customers" in answer.text
    assert "waiting time starts again" in answer.text


def test_removing_costs_two_requests(raj: Person, portal: Portal, number: int) -> None:
    sent = fields(portal, number)
    portal.requests.clear()
    raj.post(f"/records/{number}/remove", sent)
    assert [request.method for request in portal.requests] == ["batch", DELETE]


def test_a_new_record_begins_with_the_same_customers_and_note(
    raj: Person, portal: Portal, number: int
) -> None:
    before = customer_keys(portal, number)
    portal.records[number].note = "After <16:00>"
    text = raj.post(f"/records/{number}/remove", fields(portal, number)).text
    assert [f'name="customer" value="{key}"' in text for key in before] == [True]
    assert 'name="note" value="After &lt;16:00&gt;"' in text
    again = raj.post("/records/new", {"customer": before, "note": "After <16:00>"}).text
    assert f'data-key="{before[0]}"' in again
    assert "After &lt;16:00&gt;" in again


@pytest.mark.parametrize("note", ["After four", ""])
def test_of_an_empty_record_only_the_note_is_offered(
    raj: Person, portal: Portal, number: int, note: str
) -> None:
    colleague_sets(portal, number, [])
    portal.records[number].note = note
    page = raj.post(f"/records/{number}/remove", fields(portal, number)).text
    assert "Removed." in page
    assert "with these customers" not in page
    assert ("New record with this note" in page) == bool(note)


@pytest.mark.parametrize("what", ["customers", "note"])
def test_what_a_colleague_has_changed_is_shown_before_it_is_removed(
    raj: Person, portal: Portal, number: int, what: str
) -> None:
    sent = fields(portal, number)
    if what == "customers":
        colleague_sets(
            portal, number, [*customer_keys(portal, number), *visible_contacts(portal, number)]
        )
    else:
        portal.records[number].note = "Has called again"
    answer = raj.post(f"/records/{number}/remove", sent)
    assert answer.status_code == 409
    assert "A colleague has changed this record in the meantime" in answer.text
    assert "Remove anyway" in answer.text
    assert number in portal.records

    assert SEEN.findall(answer.text) == customer_keys(portal, number)
    raj.post(f"/records/{number}/remove", fields(portal, number))
    assert number not in portal.records


def test_a_change_after_the_question_is_asked_about_again(
    raj: Person, portal: Portal, number: int
) -> None:
    sent = fields(portal, number)
    colleague_sets(portal, number, [])
    assert raj.post(f"/records/{number}/remove", sent).status_code == 409
    sure = fields(portal, number)
    colleague_sets(portal, number, visible_contacts(portal, number))
    assert raj.post(f"/records/{number}/remove", sure).status_code == 409
    assert number in portal.records


def test_a_record_that_is_gone_already_is_removed(raj: Person, portal: Portal, number: int) -> None:
    sent = fields(portal, number)
    portal.records[number].deleted = True
    answer = raj.post(f"/records/{number}/remove", sent)
    assert answer.status_code == 200
    assert "Removed." in answer.text


def test_a_portal_that_does_not_remove_is_told_apart(
    raj: Person, portal: Portal, number: int
) -> None:
    portal.faults.add("error", DELETE, code="1036", description="database is away")
    answer = raj.post(f"/records/{number}/remove", fields(portal, number))
    assert answer.status_code == 409
    assert "The record could not be removed. Nothing was changed." in answer.text
    assert "Try again" in answer.text
    assert "database is away" not in answer.text
    assert number in portal.records


@pytest.mark.parametrize(("fault", "done"), [("drop_after", True), ("drop_before", False)])
def test_a_lost_answer_is_looked_for(
    raj: Person, portal: Portal, number: int, fault: str, done: bool
) -> None:
    portal.faults.add(fault, DELETE)
    answer = raj.post(f"/records/{number}/remove", fields(portal, number))
    assert (number not in portal.records) == done
    if done:
        assert "Removed." in answer.text
    else:
        assert "We can't tell whether it was done." in unescape(answer.text)


@pytest.mark.parametrize(
    ("fault", "options"),
    [
        ("server_error", {}),
        ("QUERY_LIMIT_EXCEEDED", {}),
        ("booking_disabled", {}),
        ("error", {"code": "0", "description": "Feature is not available"}),
    ],
)
def test_an_unknown_outcome_is_said(
    raj: Person,
    portal: Portal,
    number: int,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
    options: dict[str, Any],
) -> None:
    """Also where what comes instead of an answer to the look is a refusal."""
    sent = fields(portal, number)
    portal.faults.add("drop_after", DELETE)
    look = read_record

    def cut_off(client: PortalClient, record_id: int) -> Record:
        if number not in portal.records:
            portal.faults.add(fault, **options)
        return look(client, record_id)

    monkeypatch.setattr(remove, "read_record", cut_off)
    answer = raj.post(f"/records/{number}/remove", sent)
    assert answer.status_code == 502
    assert "We can't tell whether it was done." in unescape(answer.text)


def test_a_removal_is_news_and_the_customers_wait_there_no_more(
    app: Flask, installed: Cast, number: int
) -> None:
    portal = installed.portal
    (key,) = customer_keys(portal, number)
    installed.administrator.open()
    assert number in records_last_seen(app, installed, key)
    installed.administrator.post(f"/records/{number}/remove", fields(portal, number))
    assert number in records_with_events(app, installed)
    assert number not in records_last_seen(app, installed, key)


def test_a_removal_is_made_on_behalf_of_the_user(raj: Person, portal: Portal, number: int) -> None:
    portal.requests.clear()
    raj.post(f"/records/{number}/remove", fields(portal, number))
    assert {request.user_id for request in portal.requests} == {raj.user_id}


def test_a_form_that_is_not_ours_removes_nothing(raj: Person, portal: Portal, number: int) -> None:
    sent = {**fields(portal, number), "seen": ["LEAD:5"]}
    assert raj.post(f"/records/{number}/remove", sent).status_code == 400
    assert number in portal.records


def test_a_record_that_never_was_is_no_news_and_not_the_newest(app: Flask, raj: Person) -> None:
    tracker = services_of(app).tracker(raj.portal.member_id)
    newest, until = tracker.newest(), tracker.until()
    assert raj.post(f"/records/{2**31 - 1}/remove", {"sure": "yes"}).status_code == 200
    assert (tracker.newest(), tracker.until()) == (newest, until)
