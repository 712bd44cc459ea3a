"""Long lists come from a trusted CRM mirror, and become correct in any case."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import pytest
from flask import Flask

from sandbox import Sandbox
from sandbox.portal.colleague import link_client
from sandbox.portal.portal import Portal
from tests.cast import Cast, Person
from tests.web.steps import use_up_half
from waitlist.customers.cache import CustomerCache
from waitlist.sources.quirks import Quirks
from web.services import EXTENSION, services_of

OPTION = re.compile(r'<button type="button" role="option" id="record-(\d+)".*?</button>', re.DOTALL)
UNVERIFIED = re.compile(r'data-unverified data-customers="([^"]*)"')
ROWS = 300
pytestmark = pytest.mark.records(ROWS)


@pytest.fixture(autouse=True)
def unknown(app: Flask, installed: Cast) -> None:
    """Nothing is known about the portal's mirror and its customers."""
    fresh = replace(services_of(app), quirks=Quirks(), customers=CustomerCache())
    app.extensions[EXTENSION] = fresh
    installed.portal.requests.clear()


def painted(page: str) -> dict[int, tuple[str, bool]]:
    """Each row's HTML by its record, and whether it still has to be compared."""
    return {
        int(found.group(1)): (found.group(0), "data-unverified" in found.group(0))
        for found in OPTION.finditer(page)
    }


def shown(page: str) -> list[str]:
    """What the script posts to have the unverified rows compared."""
    return [
        f"{number} {UNVERIFIED.findall(html)[0]}"
        for number, (html, unverified) in painted(page).items()
        if unverified
    ]


def in_parts(lines: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(lines), 50):
        yield lines[start : start + 50]


def finished(person: Person, page: str) -> dict[int, str]:
    """The rows after the script has had all of them compared."""
    rows = {number: html for number, (html, _) in painted(page).items()}
    for part in in_parts(shown(page)):
        answer = person.post("/records/verify", {"shown": part})
        assert answer.status_code == 200
        rows.update({number: html for number, (html, _) in painted(answer.text).items()})
        for gone in re.findall(r'<span id="record-(\d+)" hidden>', answer.text):
            del rows[int(gone)]
    return {number: text(html) for number, html in rows.items()}


def text(html: str) -> str:
    """The text of a row without its age, which comes with the whole list only."""
    html = re.sub(r'<span class="age.*?</span>', "", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def exact(person: Person) -> dict[int, str]:
    """The rows as they are in the waiting list itself."""
    app = person.client.application
    before, untrue = services_of(app), Quirks()
    untrue.mirror_is_true.put(person.portal.domain, False, 60)
    app.extensions[EXTENSION] = replace(before, quirks=untrue)
    page = person.open().text
    app.extensions[EXTENSION] = before
    assert shown(page) == []
    return {number: text(html) for number, (html, _) in painted(page).items()}


def client_lists(portal: Portal) -> int:
    return sum(
        call.method.endswith("client.list") for request in portal.requests for call in request.calls
    )


def test_most_rows_come_from_the_mirror_and_are_marked(olga: Person, portal: Portal) -> None:
    page = olga.open().text
    assert len(painted(page)) == ROWS
    nobody = sum(not item.clients and not item.external for item in portal.records.values())
    assert len(shown(page)) >= ROWS - nobody - 30
    assert client_lists(portal) <= nobody + 30
    assert {number: text(row) for number, (row, _) in painted(page).items()} == exact(olga)


def test_the_mirror_is_checked_once_and_then_trusted(olga: Person, portal: Portal) -> None:
    olga.open()
    first = client_lists(portal)
    portal.requests.clear()
    olga.open()
    assert client_lists(portal) < first


@pytest.mark.parametrize("mode", ["false", "empty"])
def test_a_mirror_that_is_wrong_is_not_used(
    olga: Person, portal: Portal, sandbox: Sandbox, mode: Literal["false", "empty"]
) -> None:
    sandbox.switches.mirror = mode
    page = olga.open().text
    assert shown(page) == []
    assert {number: text(row) for number, (row, _) in painted(page).items()} == exact(olga)
    assert len(portal.requests) <= 25


def test_a_mirror_that_was_wrong_is_not_asked_again(
    olga: Person, portal: Portal, sandbox: Sandbox
) -> None:
    sandbox.switches.mirror = "false"
    olga.open()
    portal.requests.clear()
    olga.open()
    called = {call.method for request in portal.requests for call in request.calls}
    assert "crm.activity.list" not in called


def test_settings_may_be_text(olga: Person, sandbox: Sandbox) -> None:
    sandbox.switches.mirror = "text"
    assert shown(olga.open().text)


def test_a_user_without_crm_sees_the_list_as_it_is(installed: Cast) -> None:
    trainee = replace(installed.administrator, user_id=4)
    page = trainee.open().text
    assert len(painted(page)) == ROWS
    assert shown(page) == []


def test_a_user_without_access_to_some_customers_gets_the_correct_list(installed: Cast) -> None:
    raj = installed.regular_user
    assert finished(raj, raj.open().text) == exact(raj)


def test_an_emptied_record_and_a_deleted_customer_do_not_make_the_mirror_wrong(
    olga: Person, portal: Portal
) -> None:
    for number in list(portal.records)[:40]:
        portal.records[number].clients = []
    for contact in list(portal.state.contacts)[:60]:
        del portal.state.contacts[contact]
        for item in portal.records.values():
            item.clients = [
                row for row in item.clients if (row.code, row.id) != ("CONTACT", contact)
            ]
    page = olga.open().text
    assert shown(page)
    assert finished(olga, page) == exact(olga)


def test_rows_are_corrected_if_the_mirror_is_late(
    olga: Person, portal: Portal, sandbox: Sandbox
) -> None:
    olga.open()
    sandbox.switches.mirror = "late"
    numbers = [number for number, item in portal.records.items() if item.clients]
    link_client(portal, numbers[0], "CONTACT", 390)
    link_client(portal, numbers[1], "COMPANY", 33)
    portal.records[numbers[2]].clients.reverse()
    portal.records[numbers[3]].clients.clear()
    portal.records[numbers[4]].deleted = True
    page = olga.open().text
    assert finished(olga, page) == exact(olga)


def test_a_record_removed_while_the_page_is_open_leaves_the_list(
    olga: Person, portal: Portal
) -> None:
    page = olga.open().text
    gone = int(shown(page)[7].split()[0])
    portal.records[gone].deleted = True
    rows = finished(olga, page)
    assert gone not in rows
    assert rows == exact(olga)


def test_fifty_rows_are_compared_in_one_request(olga: Person, portal: Portal) -> None:
    lines = shown(olga.open().text)[:50]
    portal.requests.clear()
    answer = olga.post("/records/verify", {"shown": lines})
    assert (answer.status_code, answer.text.strip()) == (200, "")
    assert len(portal.requests) == 1


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [""],
        ["x"],
        ["0"],
        ["-1"],
        ["99999999999"],
        ["9" * 5000],
        ["00000000001" + "9" * 20],
        ["1 LEAD:5"],
        ["1 CONTACT:x"],
        ["1"] * 51,
    ],
)
def test_a_damaged_question_is_refused(olga: Person, portal: Portal, lines: list[str]) -> None:
    assert olga.post("/records/verify", {"shown": lines}).status_code == 400
    assert portal.requests == []


def test_comparing_rows_gives_way_to_users(app: Flask, olga: Person, sandbox: Sandbox) -> None:
    lines = shown(olga.open().text)
    use_up_half(app, sandbox, olga.portal)
    answer = olga.post("/records/verify", {"shown": lines[:50]})
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1
    assert olga.post(f"/records/{lines[0].split()[0]}").status_code == 200
    sandbox.advance(int(answer.headers["Retry-After"]) + 1)
    assert olga.post("/records/verify", {"shown": lines[:50]}).status_code == 200


@pytest.mark.records(137)
def test_a_short_list_needs_no_mirror(olga: Person) -> None:
    assert shown(olga.open().text) == []
