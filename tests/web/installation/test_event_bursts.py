"""A burst of events costs little, and its last event reaches the next poll."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from flask import Flask

from benchmarks.ports import free_port
from benchmarks.worker import APP, serving, settings
from installation.event_coalescer import MOST, EventCoalescer
from sandbox import Sandbox
from sandbox.portal import lifecycle
from sandbox.portal.portal import Portal
from settings import Settings
from tests.cast import Cast, Person
from tests.quick_app import copied_app
from tests.web.steps import (
    portal_event,
    post_event,
    records_with_events,
    statements_of,
    until_in,
)
from web.http.request_quota import RequestQuota
from web.services import EXTENSION, services_of

ADD, UPDATE, DELETE = (f"ONBOOKINGWAITLISTITEM{what}" for what in ("ADD", "UPDATE", "DELETE"))
PATIENCE = 30


@pytest.fixture
def slow(app: Flask) -> Iterator[Flask]:
    """The app with a window that does not end by itself."""
    services = services_of(app)
    joined = EventCoalescer(lambda: services.portals.revision, interval=3600)
    app.extensions[EXTENSION] = replace(services, coalescer=joined)
    yield app
    for portal in services.portals.installed():
        joined.flush(portal.member_id)


def say(cast: Cast, number: int, name: str = UPDATE, **changes: str) -> int:
    return post_event(cast, portal_event(cast, name, **{"data[ID]": str(number), **changes}))


def stored_at_last(app: Flask, cast: Cast, number: int) -> bool:
    """Wait until an event of this record is in the database."""
    store, until = services_of(app).record_events, time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if number in store.since(cast.portal.member_id, 0).records:
            return True
        time.sleep(0.01)
    return False


def test_the_first_event_is_stored_at_once(slow: Flask, installed: Cast, number: int) -> None:
    assert say(installed, number) == 200
    news = services_of(slow).record_events.since(installed.portal.member_id, 0)
    assert news.records == {number}


@pytest.mark.parametrize("count", [2, 20, 60])
@pytest.mark.parametrize("records", [1, 12])
def test_a_burst_costs_the_queries_of_one_event(
    slow: Flask, installed: Cast, count: int, records: int
) -> None:
    say(installed, 1)
    with statements_of(services_of(slow).engine) as said:
        assert {say(installed, 1 + number % records) for number in range(count)} == {200}
        assert said == []
        assert records_with_events(slow, installed) == set(range(1, 1 + min(count, records)))
    assert len(said) < 20


@pytest.mark.parametrize("path", ["/records/news", "/card/news", "/card/deal/news"])
@pytest.mark.parametrize("count", [2, 7, 30])
def test_the_last_event_of_a_burst_reaches_the_next_poll(
    slow: Flask, installed: Cast, olga: Person, portal: Portal, path: str, count: int
) -> None:
    assert slow.test_client()
    until = until_in(olga.open().text)
    numbers = list(portal.records)
    last = next(one for one in numbers if portal.clients(one))
    for step in range(count - 1):
        say(installed, numbers[-1 - step % 3])
    portal.records[last].note = "The note of the last event"
    say(installed, last)
    kind, customer = portal.clients(last)[0]
    page = {"until": until, "customer": f"{kind}:{customer}", "whole": "1", "on": str(last)}
    assert "The note of the last event" in olga.post(path, page).text


def test_events_of_every_kind_keep_their_records(slow: Flask, installed: Cast) -> None:
    for name, record in ((ADD, 1), (UPDATE, 2), (DELETE, 3), (UPDATE, 1), (ADD, 2)):
        assert say(installed, record, name) == 200
    assert records_with_events(slow, installed) == {1, 2, 3}


def test_what_waits_is_stored_without_a_poll(app: Flask, installed: Cast, number: int) -> None:
    other = next(one for one in installed.portal.records if one != number)
    say(installed, other)
    assert say(installed, number) == 200
    assert stored_at_last(app, installed, number)


def test_a_poll_at_another_worker_finds_it(
    app: Flask, installed: Cast, config: Settings, number: int
) -> None:
    assert app.test_client()
    other = next(one for one in installed.portal.records if one != number)
    say(installed, other)
    assert say(installed, number) == 200
    assert stored_at_last(copied_app(config), installed, number)


def test_what_waits_is_stored_when_the_worker_ends(
    app: Flask, installed: Cast, sandbox: Sandbox, tmp_path: Path
) -> None:
    known = [one for one in installed.portal.records if installed.portal.clients(one)][:9]
    environment = sandbox.environment() | settings(str(tmp_path))
    environment |= {"TOKEN_KEYS": base64.urlsafe_b64encode(bytes(range(32))).decode()}
    with serving(APP, free_port(), environment) as url:
        for number in known:
            fields = portal_event(installed, UPDATE, **{"data[ID]": str(number)})
            assert requests.post(f"{url}/events", fields, timeout=PATIENCE).text == "ok\n"
    news = services_of(app).record_events.since(installed.portal.member_id, 0)
    assert news.records == set(known)


@pytest.mark.parametrize("guess", ["another", "", "ж"])
def test_a_forged_event_joins_nothing(slow: Flask, installed: Cast, guess: str) -> None:
    say(installed, 1)
    say(installed, 2)
    assert say(installed, 3, **{"auth[application_token]": guess}) in {400, 403}
    assert records_with_events(slow, installed) == {1, 2}


@pytest.mark.parametrize("elsewhere_first", [True, False])
def test_each_portal_has_its_own_window(
    slow: Flask, installed: Cast, installed_elsewhere: Cast, elsewhere_first: bool
) -> None:
    casts = (
        (installed_elsewhere, installed) if elsewhere_first else (installed, installed_elsewhere)
    )
    for number, cast in enumerate(casts * 2, 1):
        assert say(cast, number) == 200
    assert records_with_events(slow, casts[0]) == {1, 3}
    assert records_with_events(slow, casts[1]) == {2, 4}


def test_an_uninstall_holds_at_once(slow: Flask, installed: Cast) -> None:
    say(installed, 1)
    say(installed, 2)
    lifecycle.uninstall(installed.portal)
    assert post_event(installed, portal_event(installed, "ONAPPUNINSTALL")) == 200
    assert say(installed, 3) == 403
    assert records_with_events(slow, installed) == set()


@pytest.mark.parametrize("by", ["launch", "another worker"])
def test_another_application_token_holds_at_once(
    slow: Flask, installed: Cast, config: Settings, by: str
) -> None:
    """What waited under the earlier one is not stored, either."""
    say(installed, 1)
    say(installed, 2)
    administrator = installed.administrator
    if by == "another worker":
        administrator = replace(administrator, client=copied_app(config).test_client())
    administrator.post_launch(administrator.launch(), APPLICATION_TOKEN="the-next-one")
    late = say(installed, 3)
    assert late == (403 if by == "launch" else 200)
    assert records_with_events(slow, installed) == {1}
    assert say(installed, 4, **{"auth[application_token]": "the-next-one"}) == 200
    assert records_with_events(slow, installed) == {1, 4}


def test_events_of_the_app_itself_are_never_joined(slow: Flask, installed: Cast) -> None:
    for name in ("ONAPPINSTALL", "ONAPPUPDATE", "ONAPPUNINSTALL"):
        say(installed, 1)
        with statements_of(services_of(slow).engine) as said:
            post_event(installed, portal_event(installed, name))
        assert said


def test_no_more_events_wait_than_fit(slow: Flask, installed: Cast) -> None:
    services = services_of(slow)
    free = RequestQuota(10 * MOST, 1)
    slow.extensions[EXTENSION] = replace(services, request_quota=free)
    say(installed, 1)
    for number in range(2, MOST + 10):
        assert say(installed, number) == 200
    found = services.record_events.since(installed.portal.member_id, 0)
    assert len(found.records | found.unsure) == 1 + 8


def test_an_event_that_repeats_a_waiting_one_is_free(slow: Flask, installed: Cast) -> None:
    services = services_of(slow)
    slow.extensions[EXTENSION] = replace(services, request_quota=RequestQuota(4, 0.001))
    assert [say(installed, 1 + number % 3) for number in range(30)] == [200] * 30
    assert say(installed, 4) == 429


def test_events_beyond_the_quota_are_refused_in_a_word(slow: Flask, installed: Cast) -> None:
    services = services_of(slow)
    slow.extensions[EXTENSION] = replace(services, request_quota=RequestQuota(1, 0.001))
    say(installed, 1)
    fields = portal_event(installed, UPDATE, **{"data[ID]": "2"})
    with statements_of(services.engine) as said:
        answer = installed.stranger.client.post("/events", data=fields)
    assert (answer.status_code, answer.mimetype) == (429, "text/plain")
    assert int(answer.headers["Retry-After"]) > 0
    assert said == []
