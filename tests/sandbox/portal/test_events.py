"""Events: their form, order and tokens, and when they are sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
import requests

from sandbox import Sandbox
from sandbox.core.application import EventHandler
from sandbox.portal import lifecycle
from sandbox.portal.portal import Portal
from tests.sandbox.collector import Collector, collecting
from tests.sandbox.steps import Caller, contact

UPDATE = "ONBOOKINGWAITLISTITEMUPDATE"
SET = "booking.v1.waitlist.client.set"


@pytest.fixture
def app() -> Iterator[Collector]:
    with collecting() as collector:
        yield collector


def bind(call: Caller, app: Collector, *events: str, user: int = 1) -> None:
    for event in events:
        assert call("event.bind", user=user, event=event, handler=app.url)[0] == 200


def test_an_event_has_the_id_of_the_record_and_the_user_who_caused_it(
    call: Caller, app: Collector, sandbox: Sandbox, portal: Portal
) -> None:
    bind(call, app, UPDATE.lower())
    call(SET, user=2, waitListId=1, clients=[contact(5)])
    assert sandbox.events.wait_idle()
    (event,) = app.events
    assert app.content_types == ["application/x-www-form-urlencoded"]
    assert (event["event"], event["data[ID]"], event["auth[user_id]"]) == (UPDATE, "1", "2")
    assert event["auth[application_token]"] == portal.application_token
    assert event["auth[member_id]"] == portal.member_id
    assert "auth[refresh_token]" not in event
    token = event["auth[access_token]"]
    who = requests.get(portal.client_endpoint + "profile", {"auth": token}, timeout=30)
    assert who.json()["result"]["ID"] == "2"


def test_each_successful_write_sends_an_event_and_a_refused_one_does_not(
    call: Caller, app: Collector, sandbox: Sandbox
) -> None:
    bind(call, app, UPDATE, "ONBOOKINGWAITLISTITEMADD", "ONBOOKINGWAITLISTITEMDELETE")
    for _ in range(2):
        call(SET, waitListId=1, clients=[contact(5)])
    call(SET, waitListId=1, clients=[contact(5), contact(5)])
    number = call("booking.v1.waitlist.add", fields={})[1]["result"]
    call("booking.v1.waitlist.delete", id=number)
    assert sandbox.events.wait_idle()
    expected = [UPDATE, UPDATE, "ONBOOKINGWAITLISTITEMADD", "ONBOOKINGWAITLISTITEMDELETE"]
    assert app.names() == expected


def test_an_event_is_not_repeated_for_a_failing_handler(
    call: Caller, app: Collector, sandbox: Sandbox
) -> None:
    bind(call, app, UPDATE)
    app.status = 500
    call(SET, waitListId=1, clients=[contact(5)])
    assert sandbox.events.wait_idle()
    assert (app.names(), [sent.status for sent in sandbox.events.sent]) == ([UPDATE], [500])


def test_an_event_that_cannot_be_sent_does_not_block_the_next(
    call: Caller, app: Collector, sandbox: Sandbox, portal: Portal
) -> None:
    portal.state.event_handlers = [
        EventHandler(1, UPDATE, "http://a..b/x", 1),
        EventHandler(2, UPDATE, app.url, 99),
    ]
    bind(call, app, UPDATE)
    call(SET, waitListId=1, clients=[contact(5)])
    assert sandbox.events.wait_idle(timeout=30)
    errors = [(sent.error or "").partition(":")[0] for sent in sandbox.events.sent]
    assert (app.names(), errors) == ([UPDATE], ["UnicodeError", "LookupError", ""])


def test_no_event_is_sent_before_the_installation_is_finished(
    call: Caller, app: Collector, sandbox: Sandbox, portal: Portal
) -> None:
    portal.installed = False
    bind(call, app, UPDATE, "ONAPPINSTALL")
    call(SET, waitListId=1, clients=[contact(5)])
    assert lifecycle.finish_install(portal, user_id=2) is False
    assert lifecycle.finish_install(portal, user_id=1) is True
    assert sandbox.events.wait_idle()
    (event,) = app.events
    assert (event["event"], event["data[VERSION]"]) == ("ONAPPINSTALL", "1")
    assert event["auth[refresh_token]"]


def test_an_uninstall_sends_no_tokens_and_drops_all_bindings(
    call: Caller, app: Collector, sandbox: Sandbox, portal: Portal
) -> None:
    bind(call, app, "ONAPPUNINSTALL")
    token = portal.launch(1).access_token
    lifecycle.uninstall(portal, clean=True)
    assert sandbox.events.wait_idle()
    (event,) = app.events
    assert event["data[CLEAN]"] == "1"
    assert event["auth[application_token]"] == portal.application_token
    assert not [key for key in event if "access_token" in key or "refresh" in key]
    assert portal.state.event_handlers == []
    answer = requests.get(portal.client_endpoint + "profile", {"auth": token}, timeout=30)
    assert answer.status_code == 401


def test_an_update_runs_the_installer_again_and_sends_its_event_afterwards(
    call: Caller, app: Collector, sandbox: Sandbox, portal: Portal
) -> None:
    bind(call, app, "ONAPPUPDATE")
    lifecycle.update(portal)
    assert (portal.installed, portal.state.event_handlers) == (False, [])
    assert portal.launch(1).url.startswith("http://127.0.0.1:5000/install?")
    bind(call, app, "ONAPPUPDATE")
    lifecycle.finish_install(portal, 1)
    assert sandbox.events.wait_idle()
    assert [(e["event"], e["data[PREVIOUS_VERSION]"]) for e in app.events] == [("ONAPPUPDATE", "1")]


@pytest.mark.parametrize(
    ("switch", "kept"),
    [
        ("keeps", ["ONAPPINSTALL", "ONAPPUPDATE", UPDATE]),
        ("drops_install", ["ONAPPUPDATE", UPDATE]),
        ("drops", []),
    ],
)
def test_a_switch_says_which_bindings_an_update_keeps(
    call: Caller,
    app: Collector,
    sandbox: Sandbox,
    portal: Portal,
    switch: Literal["keeps", "drops_install", "drops"],
    kept: list[str],
) -> None:
    sandbox.switches.app_update = switch
    bind(call, app, "ONAPPINSTALL", "ONAPPUPDATE", UPDATE)
    place = {"PLACEMENT": "LEFT_MENU", "HANDLER": app.url}
    assert call("placement.bind", user=1, **place)[0] == 200
    lifecycle.update(portal)
    assert [row.event for row in portal.state.event_handlers] == kept
    assert len(portal.state.placements) == (0 if switch == "drops" else 1)
    assert portal.installed is False
    lifecycle.finish_install(portal, 1)
    assert sandbox.events.wait_idle()
    assert app.names() == ["ONAPPUPDATE"] * ("ONAPPUPDATE" in kept)


def test_a_loop_of_events_and_writes_ends_after_seven_events(
    call: Caller, app: Collector, sandbox: Sandbox, portal: Portal
) -> None:
    bind(call, app, UPDATE)
    call(SET, waitListId=1, clients=[contact(5)])
    for _ in range(10):
        assert sandbox.events.wait_idle()
        body = {"auth": app.events[-1]["auth[access_token]"], "waitListId": 1, "clients": []}
        requests.post(portal.client_endpoint + SET, json=body, timeout=30)
    assert sandbox.events.wait_idle()
    assert len(app.events) == 7


def test_a_handler_that_two_users_have_bound_gets_each_event_twice(
    call: Caller, app: Collector, sandbox: Sandbox
) -> None:
    bind(call, app, UPDATE, user=1)
    bind(call, app, UPDATE, user=2)
    call(SET, waitListId=1, clients=[contact(5)])
    assert sandbox.events.wait_idle()
    assert app.names() == [UPDATE, UPDATE]
