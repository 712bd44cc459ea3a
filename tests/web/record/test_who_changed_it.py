"""The editor and the history say who changed a record, and when it was added."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select

from sandbox.core.model import User
from sandbox.portal.portal import Portal
from store.schema import user_tokens
from tests.cast import ADMINISTRATOR, REGULAR_USER, Cast, Person
from tests.web.steps import customer_keys, visible_contacts
from web.services import services_of

OLIVIA, MAREK = "Olivia Hartmann", "Marek Novák"


def add_customer(person: Person, portal: Portal, number: int) -> str:
    """Add a customer to the record, and return the answer's text."""
    base = customer_keys(portal, number)
    added = visible_contacts(portal, number)
    answer = person.post(f"/records/{number}/save", {"base": base, "customer": base + added})
    assert answer.status_code == 200
    return unescape(answer.text)


def heading(text: str) -> str:
    found = re.search(r'<p class="sub" title="([^"]*)"', unescape(text))
    assert found
    return found.group(1)


def name_of_last(portal: Portal, number: int) -> str:
    return portal.state.contacts[portal.clients(number)[-1][1]].title


def test_the_editor_says_what_a_colleague_did(
    olga: Person, raj: Person, portal: Portal, number: int
) -> None:
    add_customer(olga, portal, number)
    said = heading(raj.post(f"/records/{number}").text)
    assert said.endswith(f" · {OLIVIA} added {name_of_last(portal, number)} just now")


def test_what_was_changed_stays_after_saving(raj: Person, portal: Portal, number: int) -> None:
    before = heading(raj.post(f"/records/{number}").text)
    assert "added " in before
    after = heading(add_customer(raj, portal, number))
    assert after == f"{before} · You added {name_of_last(portal, number)} just now"


@pytest.mark.parametrize(("days", "said"), [(0, "added today at"), (1, "added yesterday at")])
def test_the_time_is_told_of_records_of_two_days(
    raj: Person, portal: Portal, number: int, days: int, said: str
) -> None:
    now = datetime.fromtimestamp(portal.hub.clock.now(), portal.zone)
    added = now - timedelta(days=days)
    portal.state.activities[number].created = added.isoformat(timespec="seconds")
    assert re.search(rf"{said} \d{{1,2}}:\d\d$", heading(raj.post(f"/records/{number}").text))


def test_the_history_names_colleagues(
    olga: Person, raj: Person, portal: Portal, number: int
) -> None:
    add_customer(olga, portal, number)
    text = raj.post(f"/records/{number}/history").text
    assert f"<bdi>{OLIVIA}</bdi>" in text
    assert "Changes of the note are not kept." in text


def test_names_come_with_the_first_batch_of_a_launch(installed: Cast, raj: Person) -> None:
    portal = installed.portal
    raj.open()
    asked = [request.methods for request in portal.requests if "profile" in request.methods]
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("first", "last", "kept"),
    [
        ("Ana", "", "Ana"),
        ("", "", ""),
        ("  Ana\n", " Lima\t", "Ana Lima"),
        ("\u202eAna", "Lima\u0000", "Ana Lima"),
        ("x" * 500, "y", "x" * 100),
    ],
)
def test_a_name_is_kept_on_one_line(
    app: Flask, installed: Cast, raj: Person, first: str, last: str, kept: str
) -> None:
    user = installed.portal.user(REGULAR_USER)
    user.name, user.last_name = first, last
    raj.open()
    known = services_of(app).user_names.find(installed.portal.member_id, [REGULAR_USER])
    assert known.get(REGULAR_USER, "") == kept


def test_a_changed_name_is_told_after_the_next_launch(
    olga: Person, raj: Person, portal: Portal, number: int
) -> None:
    add_customer(olga, portal, number)
    user: User = portal.user(ADMINISTRATOR)
    user.last_name = "Lima"
    assert OLIVIA in raj.post(f"/records/{number}/history").text
    olga.open()
    assert "Olivia Lima" in raj.post(f"/records/{number}/history").text


def test_a_name_is_sealed_and_goes_with_the_tokens(
    app: Flask, installed: Cast, olga: Person, raj: Person, number: int
) -> None:
    services, member_id = services_of(app), installed.portal.member_id
    add_customer(olga, installed.portal, number)
    with services.engine.begin() as connection:
        stored = list(connection.execute(select(user_tokens.c.name)).scalars())
    assert not [one for one in stored if "Olivia" in one]
    assert services.user_names.find(member_id, [ADMINISTRATOR, REGULAR_USER]) == {
        ADMINISTRATOR: OLIVIA,
        REGULAR_USER: MAREK,
    }
    services.tokens.delete(member_id, ADMINISTRATOR)
    assert services.user_names.find(member_id, [ADMINISTRATOR]) == {}
    assert "colleague #1" in raj.post(f"/records/{number}/history").text
