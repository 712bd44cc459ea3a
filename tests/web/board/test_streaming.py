"""The page is sent before the list, and a long list is sent in parts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from sandbox import Sandbox
from sandbox.portal.portal import Portal
from tests.cast import Cast, Person
from waitlist.customers.cache import CustomerCache
from waitlist.sources.quirks import Quirks
from web.services import EXTENSION, services_of

CLIENT_LIST = "booking.v1.waitlist.client.list"
ROW = re.compile(r'role="option" id="record-(\d+)"')
ALERT = re.compile(r'<div role="alert">.*?</div>', re.DOTALL)
pytestmark = pytest.mark.records(600)


@pytest.fixture
def portal(app: Flask, installed: Cast, sandbox: Sandbox) -> Portal:
    """Its mirror is known to be wrong, and no names are cached."""
    sandbox.switches.mirror = "false"
    fresh = replace(services_of(app), quirks=Quirks())
    app.extensions[EXTENSION] = fresh
    installed.administrator.open()
    app.extensions[EXTENSION] = replace(fresh, customers=CustomerCache())
    installed.portal.requests.clear()
    return installed.portal


def arriving(person: Person) -> Iterator[str]:
    """The page as far as it was sent, piece by piece."""
    answer = person.post_launch(person.launch(), buffered=False)
    page = ""
    for piece in answer.iter_encoded():
        page += piece.decode()
        yield page


def methods(portal: Portal) -> list[str]:
    return [call for request in portal.requests for call in request.methods]


def test_only_the_beginning_of_a_long_list_is_laid_out_at_first(
    portal: Portal, raj: Person
) -> None:
    classes = re.findall(r'class="(option[^"]*)"', raj.open().text)
    later = len(portal.records) - 150
    assert classes == ["option"] * 150 + ["option is-later"] * later


def test_the_page_is_sent_before_the_portal_is_asked_for_the_list(
    portal: Portal, raj: Person
) -> None:
    raj.open()
    portal.requests.clear()
    answer = raj.client.post("/", data={"session": raj.session}, buffered=False)
    page = next(answer.iter_encoded()).decode()
    assert '<h1 class="unseen">Waiting list</h1>' in page
    assert not ROW.search(page)
    assert "booking.v1.waitlist.list" not in methods(portal)


def test_the_first_records_are_sent_before_the_portal_is_asked_for_the_last(
    portal: Portal, raj: Person
) -> None:
    asked = [(len(ROW.findall(page)), methods(portal).count(CLIENT_LIST)) for page in arriving(raj)]
    first = next(calls for rows, calls in asked if rows)
    assert 0 < first <= 400
    assert asked[-1] == (600, 600)


def test_records_come_once_and_newest_first(portal: Portal, raj: Person) -> None:
    *_, page = arriving(raj)
    for group in page.split('role="group" id="group-')[1:]:
        numbers = [int(number) for number in ROW.findall(group)]
        assert numbers == sorted(numbers, reverse=True)
    assert sorted(map(int, ROW.findall(page))) == sorted(portal.records)


def test_an_error_in_the_middle_of_the_list_is_shown_below_its_records(
    portal: Portal, raj: Person
) -> None:
    pages = arriving(raj)
    page = next(page for page in pages if ROW.search(page))
    portal.faults.add("OVERLOAD_LIMIT")
    *_, page = pages
    assert 0 < len(ROW.findall(page)) < 600
    assert len(ALERT.findall(page)) == 1
    assert 'id="again"' in page
    assert "The waiting list is empty." not in page
    assert page.rstrip().endswith("</html>")
