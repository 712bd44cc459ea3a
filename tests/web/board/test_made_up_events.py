"""An event is a hint: what it names is read once, and nothing is decided by it alone."""

from __future__ import annotations

import pytest
import requests
from flask import Flask

from sandbox.portal.portal import Portal
from tests.cast import Cast, Person
from tests.web.steps import (
    customer_keys,
    methods_asked,
    portal_event,
    post_event,
    records_last_seen,
    until_in,
)

ADD, UPDATE, DELETE = (f"ONBOOKINGWAITLISTITEM{what}" for what in ("ADD", "UPDATE", "DELETE"))


def say(cast: Cast, name: str, number: int) -> None:
    assert post_event(cast, portal_event(cast, name, **{"data[ID]": str(number)})) == 200


def news(person: Person, until: str) -> str:
    answer = person.post("/records/news", {"until": until})
    assert answer.status_code in {200, 204}
    return answer.text


def reads_of(portal: Portal) -> int:
    return methods_asked(portal).count("booking.v1.waitlist.get")


@pytest.mark.parametrize("name", [ADD, UPDATE, DELETE])
@pytest.mark.parametrize("number", [2**31 - 1, 999_999, 5_000])
def test_a_made_up_record_is_read_by_one_page_only(
    installed: Cast, olga: Person, raj: Person, portal: Portal, name: str, number: int
) -> None:
    starts = [(person, until_in(person.open().text)) for person in (olga, raj, olga, raj)]
    portal.requests.clear()
    say(installed, name, number)
    for _ in range(3):
        for person, until in starts:
            news(person, until)
    assert reads_of(portal) == 1


def test_a_record_that_was_made_outside_reaches_every_page(
    installed: Cast, olga: Person, raj: Person, portal: Portal
) -> None:
    first, second = (until_in(person.open().text) for person in (olga, raj))
    fields = {"fields": {"note": "Made outside"}}
    requests.post(f"{portal.webhook_url}booking.v1.waitlist.add", json=fields, timeout=60)
    number = max(portal.records)
    say(installed, ADD, number)
    for person, until in ((olga, first), (raj, second)):
        assert f'id="record-{number}"' in news(person, until)


def test_an_event_of_a_removal_is_checked_before_anything_is_forgotten(
    app: Flask, installed: Cast, olga: Person, portal: Portal, number: int
) -> None:
    until = until_in(olga.open().text)
    key = customer_keys(portal, number)[0]
    say(installed, DELETE, number)
    assert number in records_last_seen(app, installed, key)
    assert f'id="record-{number}"' in news(olga, until)
    portal.records[number].deleted = True
    say(installed, DELETE, number)
    news(olga, until)
    assert number not in records_last_seen(app, installed, key)


def test_a_removal_outside_reaches_every_page(
    installed: Cast, olga: Person, raj: Person, portal: Portal
) -> None:
    """Even of a record without customers, of which only an event tells."""
    empty = next(number for number in portal.records if not portal.clients(number))
    first, second = (until_in(person.open().text) for person in (olga, raj))
    portal.records[empty].deleted = True
    say(installed, DELETE, empty)
    for person, until in ((olga, first), (raj, second)):
        assert f'id="record-{empty}" hidden' in news(person, until)


def test_a_failed_look_leaves_it_to_the_next_page(
    installed: Cast, olga: Person, raj: Person, portal: Portal
) -> None:
    empty = next(number for number in portal.records if not portal.clients(number))
    first, second = (until_in(person.open().text) for person in (olga, raj))
    say(installed, UPDATE, empty)
    portal.faults.add("server_error", "batch", count=1)
    assert olga.post("/records/news", {"until": first}).status_code == 502
    assert f'id="record-{empty}"' in news(raj, second)
    assert f'id="record-{empty}"' in news(olga, first)
