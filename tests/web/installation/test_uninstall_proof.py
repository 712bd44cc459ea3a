"""What decides about an uninstall: the tokens of the portal, never the time in its event."""

from __future__ import annotations

import time

import pytest
import time_machine
from flask import Flask

from installation.lifecycle import GRACE_PERIOD
from sandbox import Sandbox
from sandbox.portal import lifecycle
from store.portals import Status
from tests.cast import REGULAR_USER, Cast
from tests.web.steps import portal_event
from web.services import Services, services_of


@pytest.fixture
def shared(app: Flask, installed: Cast) -> Services:
    """The services of an app whose portal has one change in its history."""
    found = services_of(app)
    found.changes.add(installed.portal.member_id, 1, REGULAR_USER, (), ("CONTACT:1",))
    return found


def answer(cast: Cast, clean: str = "1", **changes: str) -> tuple[int, str]:
    fields = portal_event(cast, "ONAPPUNINSTALL", **{"data[CLEAN]": clean, **changes})
    response = cast.stranger.client.post("/events", data=fields)
    return response.status_code, response.text.strip()


def changes_after_the_grace_period(shared: Services, cast: Cast) -> int:
    with time_machine.travel(time.time() + GRACE_PERIOD + 1):
        shared.lifecycle.finish_uninstalls(may_ask=True)
    return len(shared.changes.newest(cast.portal.member_id, 1))


def status(shared: Services, cast: Cast) -> Status:
    portal = shared.portals.find(cast.portal.member_id)
    assert portal
    return portal.status


@pytest.mark.parametrize("late", ["90", "86400", "-7200", "9" * 30, "yesterday"])
def test_an_uninstall_is_carried_out_whatever_the_portals_clock_says(
    shared: Services, installed: Cast, late: str
) -> None:
    ts = str(int(time.time()) - int(late)) if len(late) < 9 and late[-1].isdigit() else late
    lifecycle.uninstall(installed.portal, clean=True)
    assert answer(installed, ts=ts) == (200, "ok")
    assert status(shared, installed) is Status.UNINSTALLED
    assert shared.tokens.user_ids(installed.portal.member_id, 10) == []
    assert changes_after_the_grace_period(shared, installed) == 0


@pytest.mark.parametrize("late", [0, 90, 3600])
def test_an_uninstall_of_a_portal_whose_tokens_work_is_not_answered_ok(
    shared: Services, installed: Cast, late: int
) -> None:
    code, text = answer(installed, ts=str(int(time.time()) - late))
    assert (code, text == "ok") == (403, False)
    assert status(shared, installed) is Status.INSTALLED
    assert changes_after_the_grace_period(shared, installed) == 1


def test_an_uninstall_that_waits_for_its_proof_is_not_answered_ok(
    shared: Services, installed: Cast, sandbox: Sandbox
) -> None:
    sandbox.oauth_faults.add("html", "app.info")
    assert answer(installed) == (200, "received, but not proven yet")
    assert status(shared, installed) is Status.INSTALLED


def test_a_second_uninstall_that_asks_for_deletion_is_carried_out(
    shared: Services, installed: Cast
) -> None:
    lifecycle.uninstall(installed.portal)
    assert answer(installed, clean="0") == (200, "ok")
    assert answer(installed, clean="1") == (200, "ok")
    assert answer(installed, clean="0") == (200, "ok")
    assert changes_after_the_grace_period(shared, installed) == 0


def test_repeated_uninstalls_do_not_postpone_the_deletion(
    shared: Services, installed: Cast
) -> None:
    lifecycle.uninstall(installed.portal, clean=True)
    assert answer(installed) == (200, "ok")
    with time_machine.travel(time.time() + GRACE_PERIOD - 60):
        assert answer(installed) == (200, "ok")
    assert changes_after_the_grace_period(shared, installed) == 0
