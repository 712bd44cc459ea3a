"""The app stays within a portal's request limits, and says so when it cannot."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from bitrix24.limits import Limits
from sandbox import Sandbox
from sandbox.core.limits import LeakyBucket
from sandbox.portal.portal import Portal
from tests.cast import REGULAR_USER, Cast, Person
from tests.web.steps import count_requests
from web.services import EXTENSION, services_of

SAVES = 80
pytestmark = pytest.mark.records(SAVES)

SECONDS = re.compile(r"Bitrix24 is busy\..*Try again in (\d+) seconds?\.", re.DOTALL)


class TimedBucket(LeakyBucket):
    """The request bucket of the portal, by the clock of the sandbox."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self._clock = clock

    def admit(self, source: str, now: float) -> bool:
        del now
        return super().admit(source, self._clock())


@pytest.fixture
def portal(installed: Cast, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Portal:
    """A portal with the real limits."""
    monkeypatch.setattr(installed.portal, "bucket", TimedBucket(sandbox.clock.now))
    sandbox.switches.limits = True
    return installed.portal


@pytest.fixture
def patient(app: Flask, sandbox: Sandbox) -> None:
    """The app counts requests. Waiting advances the sandbox's clock."""
    count_requests(app, sandbox)


@pytest.fixture
def hurried(app: Flask) -> None:
    """The app counts no requests. Waiting returns at once and advances no clock."""
    app.extensions[EXTENSION] = replace(services_of(app), limits=no_count())


def no_count() -> Limits:
    """Return limits that count nothing and whose clock only advances by waiting."""
    waited = [0.0]
    return Limits(clock=lambda: sum(waited), sleep=waited.append)


def add_somebody(raj: Person, portal: Portal, number: int) -> tuple[list[str], TestResponse]:
    """Save a record with one more customer. Returns the expected customers and the response."""
    hidden = portal.user(REGULAR_USER).hidden_contacts
    base = [f"{kind}:{id}" for kind, id in portal.clients(number)]
    new = next(
        key
        for id in portal.state.contacts
        if id not in hidden and (key := f"CONTACT:{id}") not in base
    )
    wanted = [*base, new]
    return wanted, raj.post(f"/records/{number}/save", {"base": base, "customer": wanted})


def stored(portal: Portal, number: int) -> list[str]:
    return [f"{kind}:{id}" for kind, id in portal.clients(number)]


def refusals(portal: Portal) -> int:
    return sum(request.error == "QUERY_LIMIT_EXCEEDED" for request in portal.requests)


@pytest.mark.records(1000)
@pytest.mark.usefixtures("installed", "patient")
def test_a_thousand_records_are_shown_and_one_is_saved(raj: Person, portal: Portal) -> None:
    page = raj.open()
    assert page.text.count('role="option"') == 1000
    wanted, saved = add_somebody(raj, portal, 4)
    assert saved.status_code == 200
    assert stored(portal, 4) == wanted
    assert refusals(portal) == 0


@pytest.mark.usefixtures("installed", "patient")
def test_many_saves_in_a_row_all_succeed_without_a_refusal(raj: Person, portal: Portal) -> None:
    numbers = list(portal.records)[:SAVES]
    for number in numbers:
        wanted, saved = add_somebody(raj, portal, number)
        assert saved.status_code == 200
        assert stored(portal, number) == wanted
    assert len(portal.requests) >= 2 * SAVES
    assert refusals(portal) == 0


@pytest.mark.parametrize(("plan", "waits"), [("de_std", True), ("de_ent250", False)])
def test_an_enterprise_plan_is_detected_and_used(
    app: Flask, raj: Person, installed: Cast, tmp_path: Path, plan: str, waits: bool
) -> None:
    installed.portal.license = plan
    pauses: list[float] = []
    now = time.time()  # stands still: how busy this machine is plays no part
    limits = Limits(tmp_path / "limits", clock=lambda: now, sleep=pauses.append)
    app.extensions[EXTENSION] = replace(services_of(app), limits=limits)
    for number in list(installed.portal.records)[:SAVES]:
        raj.post(f"/records/{number}")
    methods = [call.method for sent in installed.portal.requests for call in sent.calls]
    assert methods.count("app.info") == 1
    assert bool(pauses) is waits


@pytest.mark.usefixtures("hurried")
def test_a_save_that_would_wait_too_long_says_when_to_retry(raj: Person, portal: Portal) -> None:
    answers = []
    for number in list(portal.records)[:SAVES]:
        before = stored(portal, number)
        wanted, answer = add_somebody(raj, portal, number)
        answers.append(answer)
        assert stored(portal, number) == (wanted if answer.status_code == 200 else before)
    busy = [answer for answer in answers if answer.status_code != 200]
    assert busy
    for answer in busy:
        assert answer.status_code == 503
        found = SECONDS.search(answer.text)
        assert found
        assert answer.headers["Retry-After"] == found.group(1)


def test_a_save_that_is_refused_twice_is_made_once(raj: Person, installed: Cast) -> None:
    portal = installed.portal
    portal.faults.add("QUERY_LIMIT_EXCEEDED", "booking.v1.waitlist.client.set", count=2)
    services = services_of(raj.client.application)
    raj.client.application.extensions[EXTENSION] = replace(services, limits=no_count())
    wanted, saved = add_somebody(raj, portal, 4)
    assert saved.status_code == 200
    assert stored(portal, 4) == wanted
    assert refusals(portal) == 2
    assert sum(entry.kind == "client.set" for entry in portal.journal) == 1


@pytest.mark.usefixtures("hurried")
def test_a_list_that_cannot_be_read_in_time_says_when_to_retry(
    raj: Person, installed: Cast
) -> None:
    installed.portal.faults.add("QUERY_LIMIT_EXCEEDED", "booking.v1.waitlist.list")
    assert SECONDS.search(raj.open().text)


@pytest.mark.usefixtures("hurried")
def test_an_app_that_cannot_be_opened_in_time_says_when_to_retry(
    raj: Person, installed: Cast
) -> None:
    installed.portal.faults.add("QUERY_LIMIT_EXCEEDED", "*")
    page = raj.open()
    found = SECONDS.search(page.text)
    assert found
    assert (page.status_code, page.headers["Retry-After"]) == (503, found.group(1))


def test_a_method_blocked_for_its_run_time_says_for_how_long(raj: Person, installed: Cast) -> None:
    raj.post("/records/4")
    installed.portal.faults.add("OPERATION_TIME_LIMIT", "booking.v1.waitlist.client.list")
    answer = raj.post("/records/4")
    assert answer.status_code == 503
    assert "Try again in 10 minutes." in answer.text
    assert int(answer.headers["Retry-After"]) > 540
