"""A portal that hangs or has a crowd does not harm its neighbors."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from bitrix24.http.transport import HttpAnswer, Transport
from bitrix24.isolation import browser_request
from bitrix24.isolation.breaker import HANGS
from bitrix24.limits import Limits
from sandbox.portal.portal import Portal
from settings import Settings
from tests.cast import Cast, Person
from tests.quick_app import quick_app
from tests.web.steps import customer_keys, visible_contacts, writes
from web.services import services_of

SLOWLY = re.compile(
    r"Bitrix24 is answering slowly\..*Try again in \d+ seconds?\..*data-countdown", re.DOTALL
)


CALLING = ["/records/4", "/customers/search", "/records/verify"]
"""Routes that call the portal; the last one gives way to people."""
FIELDS = {"q": "an", "shown": "4"}


@pytest.fixture
def app(config: Settings) -> Flask:
    """An app whose metrics are its own."""
    return quick_app(config)


@pytest.fixture
def limits(app: Flask) -> Limits:
    return services_of(app).limits


@pytest.fixture
def hasty(olga: Person, monkeypatch: pytest.MonkeyPatch) -> Person:
    """The administrator, whose app takes a broken connection for a hanging one."""
    monkeypatch.setattr("bitrix24.isolation.breaker.HANG_SECONDS", 0.0)
    return olga


@pytest.fixture
def hanging(hasty: Person, portal: Portal) -> Portal:
    """The first portal, after some of its users have waited in vain."""
    fault = portal.faults.add("drop_before")
    for _ in range(HANGS):
        assert hasty.post("/records/4").status_code == 502
    portal.faults.remove(fault.id)
    portal.requests.clear()
    return portal


def figure(person: Person, name: str) -> float:
    text = person.client.get("/metrics").text
    return sum(map(float, re.findall(rf"^{name}\S* (\S+)$", text, re.MULTILINE)))


@pytest.mark.parametrize("path", CALLING)
def test_users_of_a_portal_that_hangs_are_told_so_at_once(
    hanging: Portal, olga: Person, path: str
) -> None:
    answer = olga.post(path, FIELDS)
    assert answer.status_code == 503
    assert SLOWLY.search(answer.text)
    assert int(answer.headers["Retry-After"]) > 0
    assert hanging.requests == []


def test_the_main_page_of_a_portal_that_hangs_says_so(hanging: Portal, olga: Person) -> None:
    assert SLOWLY.search(olga.submit("/").text)
    assert hanging.requests == []


def test_a_launch_on_a_portal_that_hangs_says_so(hanging: Portal, olga: Person) -> None:
    answer = olga.post_launch(olga.launch())
    assert answer.status_code == 503
    assert SLOWLY.search(answer.text)
    assert "Retry-After" in answer.headers
    assert hanging.requests == []


def test_a_change_on_a_portal_that_hangs_is_refused_and_said_so(
    hanging: Portal, olga: Person
) -> None:
    base = customer_keys(hanging, 4)
    fields = {"base": base, "customer": [*base, *visible_contacts(hanging, 4)]}
    answer = olga.post("/records/4/save", fields)
    assert answer.status_code == 503
    assert "Nothing was saved. Your changes are kept on this page." in answer.text
    assert customer_keys(hanging, 4) == base


@pytest.mark.usefixtures("hanging")
def test_neighbors_and_the_operator_notice_nothing(
    installed_elsewhere: Cast, olga: Person, limits: Limits
) -> None:
    assert installed_elsewhere.administrator.post("/records/1").status_code == 200
    assert olga.client.get("/healthz").status_code == 200
    assert figure(olga, "waitlist_open_circuits") == limits.breaker.open_circuits == 1
    before = figure(olga, "waitlist_unresponsive_total")
    olga.post("/records/4")
    assert figure(olga, "waitlist_unresponsive_total") == before + 1


@pytest.mark.usefixtures("hasty")
def test_a_write_without_an_answer_that_cannot_be_read_back_is_unknown(
    olga: Person, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bitrix24.isolation.breaker.HANGS", 1)
    portal.faults.add("drop_before", "booking.v1.waitlist.client.set")
    base = customer_keys(portal, 4)
    fields = {"base": base, "customer": [*base, *visible_contacts(portal, 4)]}
    answer = olga.post("/records/4/save", fields)
    assert "We can't tell whether your changes were saved." in unescape(answer.text)


@pytest.mark.usefixtures("hasty")
def test_an_authorization_server_that_hangs_is_said_so_and_not_asked(
    olga: Person, portal: Portal
) -> None:
    hub = portal.hub
    hub.oauth_faults.add("drop_before")
    for _ in range(HANGS):
        olga.post_launch(olga.launch())
    hub.oauth_requests.clear()
    answer = olga.post_launch(olga.launch())
    assert answer.status_code == 503
    assert SLOWLY.search(answer.text)
    assert hub.oauth_requests == []
    assert olga.post("/records/4").status_code == 200


@pytest.mark.parametrize("path", CALLING[:2])
def test_a_crowd_of_one_portal_is_refused_while_a_neighbor_is_served(
    app: Flask,
    limits: Limits,
    olga: Person,
    installed_elsewhere: Cast,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
) -> None:
    browser_request.end()  # of the fixture's last page, which was not closed
    limits.bulkhead.threads = 8  # three places for one portal
    crowded, free = threading.Event(), threading.Event()
    post_json, refused = Transport.post_json, list[TestResponse]()

    def wait(transport: Transport, url: str, *args: Any, **kwargs: Any) -> HttpAnswer:
        if olga.portal.domain in url:
            free.wait(30)
        return post_json(transport, url, *args, **kwargs)

    monkeypatch.setattr(Transport, "post_json", wait)

    def visit(_: int) -> int:
        person = replace(olga, client=app.test_client())
        answer = person.post(path, FIELDS)
        if answer.status_code == 503:
            refused.append(answer)
            if len(refused) == 7:
                crowded.set()
        return answer.status_code

    with ThreadPoolExecutor(10) as people:
        jobs = [people.submit(visit, number) for number in range(10)]
        assert crowded.wait(30)
        assert figure(olga, "waitlist_places_taken") == 3
        assert installed_elsewhere.administrator.post("/records/1").status_code == 200
        free.set()
        statuses = sorted(job.result(30) for job in jobs)
    assert statuses == [200] * 3 + [503] * 7
    assert all(SLOWLY.search(answer.text) for answer in refused)
    assert limits.bulkhead.taken == 0


VISITS: dict[str, Callable[[Person], TestResponse]] = {
    "page": lambda olga: olga.submit("/"),
    "record": lambda olga: olga.post("/records/4"),
    "launch": lambda olga: olga.open(),
    "refused": lambda olga: olga.post("/records/999999"),
    "unknown address": lambda olga: olga.post("/nowhere"),
}


@pytest.mark.parametrize("visit", VISITS.values(), ids=VISITS)
def test_no_place_is_held_after_a_request(
    olga: Person, limits: Limits, visit: Callable[[Person], TestResponse]
) -> None:
    visit(olga).close()
    assert limits.bulkhead.taken == 0


def test_a_page_holds_its_place_until_its_last_byte(olga: Person, limits: Limits) -> None:
    answer = olga.client.post("/", data={"session": olga.session}, buffered=False)
    pieces = answer.iter_encoded()
    next(pieces)
    for _ in pieces:
        assert limits.bulkhead.taken == 1
    answer.close()
    assert limits.bulkhead.taken == 0


def test_a_page_that_nobody_reads_to_its_end_holds_no_place(olga: Person, limits: Limits) -> None:
    answer = olga.client.post("/", data={"session": olga.session}, buffered=False)
    pieces = answer.iter_encoded()
    next(pieces)
    next(pieces)
    answer.close()
    del pieces
    assert limits.bulkhead.taken == 0


def test_a_poll_that_is_refused_says_when_to_come_back(
    olga: Person, limits: Limits, portal: Portal, app: Flask
) -> None:
    services_of(app).record_events.add(portal.member_id, [4])
    limits.bulkhead.threads = 0
    answer = olga.post("/records/news", {"until": "0", "record": "0"})
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert writes(portal) == []
