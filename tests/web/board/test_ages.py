"""The ages of records are known for every date format, and never break the page."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
import requests
from flask import Flask

from bitrix24.batch import Command
from bitrix24.errors import MalformedCall
from bitrix24.limits import Limits
from bitrix24.lists import read_lists
from sandbox import Sandbox
from sandbox.core.clock import Clock
from sandbox.portal.portal import Portal
from tests.cast import Cast
from tests.fake_portal import FakePortal
from tests.web.steps import days_waited
from waitlist.sources.ages import DATE_FORMATS, retry_other_date_formats, windows
from waitlist.sources.quirks import Quirks
from web.services import EXTENSION, services_of

AGE = re.compile(r'data-note="[^"]*" data-age="(\w+)"')
EXACT = re.compile(
    r'id="record-(\d+)"(?:(?!</button>).)*<span class="age [^>]*>(\d+ (?:days|weeks)|yesterday)<',
    re.DOTALL,
)
DAYS = ((0, "today"), (6, "week"), (29, "month"))


def shown(cast: Cast) -> Counter[str]:
    return Counter(AGE.findall(cast.administrator.open().text))


def true(portal: Portal) -> Counter[str]:
    """The ages by the days on which the records were created."""
    today = datetime.fromtimestamp(portal.hub.clock.now(), portal.zone).date()
    ages: Counter[str] = Counter()
    for item in portal.records.values():
        made = datetime.fromisoformat(item.created).astimezone(portal.zone).date()
        days = (today - made).days
        ages[next((age for most, age in DAYS if days <= most), "older")] += 1
    return ages


def lists(portal: Portal) -> list[int]:
    """How many pages of the waiting list each request asks for."""
    return [
        count
        for request in portal.requests
        if (count := sum(call.method == "booking.v1.waitlist.list" for call in request.calls))
    ]


@pytest.mark.parametrize("written", DATE_FORMATS)
def test_a_portal_is_asked_in_its_own_date_format(installed: Cast, written: str) -> None:
    installed.portal.state.date_format = written
    assert shown(installed) == true(installed.portal)


def test_days_are_not_mistaken_for_months() -> None:
    client = Culture("%d/%m/%Y")
    quirks, today = Quirks(), date(2026, 3, 10)
    wanted = windows(today, DATE_FORMATS[0])
    listings = read_lists(client, wanted.values())
    before = {age: listings[window] for age, window in wanted.items()}
    after = retry_other_date_formats(client, quirks, today, before)
    assert quirks.dates.get(client.portal) == "%d/%m/%Y"
    assert all(listing.complete for listing in after.values())


class Culture(FakePortal):
    """A portal with an empty waiting list and this date format."""

    def __init__(self, written: str) -> None:
        self.written = written

    @property
    def portal(self) -> str:
        return "one.example.com"

    def answer(self, command: Command) -> Any:
        try:
            for text in command.params["filter"]["createdWithin"].values():
                datetime.strptime(text, self.written).replace(tzinfo=UTC)
        except ValueError:
            raise MalformedCall("422", "Invalid date", 400) from None
        return {"waitList": []}


def test_the_date_format_is_found_in_one_request_and_kept(installed: Cast) -> None:
    installed.portal.state.date_format = "%Y-%m-%d"
    installed.administrator.open()
    assert len(lists(installed.portal)) == 2
    installed.portal.requests.clear()
    assert shown(installed) == true(installed.portal)
    assert len(lists(installed.portal)) == 1


def test_a_portal_with_an_unknown_date_format_tells_no_ages(installed: Cast) -> None:
    installed.portal.state.date_format = "%d of %m in %Y"
    assert shown(installed) == {"unknown": len(installed.portal.records)}
    installed.portal.requests.clear()
    assert shown(installed) == {"unknown": len(installed.portal.records)}
    assert len(lists(installed.portal)) == 1


@pytest.mark.records(300)
def test_the_mirror_tells_ages_if_the_date_format_is_unknown(installed: Cast) -> None:
    portal = installed.portal
    portal.state.date_format = "%d of %m in %Y"
    ages = shown(installed)
    nobody = len(portal.records) - len(portal.state.activities)
    assert ages.pop("unknown") == nobody
    mirrored = {n: item for n, item in portal.state.records.items() if n in portal.state.activities}
    portal.state.records = mirrored
    assert ages == true(portal)


@pytest.fixture
def clock(app: Flask, sandbox: Sandbox) -> Clock:
    """The app takes its time from the portal's clock."""
    limits = Limits(clock=sandbox.clock.now)
    app.extensions[EXTENSION] = replace(services_of(app), limits=limits)
    return sandbox.clock


@pytest.mark.parametrize("hour", [0, 5, 9, 13, 23])
@pytest.mark.parametrize("offset", [-10, -3.5, 0, 5.5, 10, 14])
@pytest.mark.records(20)
def test_days_begin_at_midnight_of_the_portal(
    installed: Cast, clock: Clock, offset: float, hour: int
) -> None:
    portal = installed.portal
    portal.state.utc_offset = offset
    local = datetime.fromtimestamp(clock.now(), portal.zone)
    clock.advance(((hour - local.hour) % 24) * 3600 - local.minute * 60 + 30)
    added = requests.post(
        f"{portal.webhook_url}booking.v1.waitlist.add", json={"fields": {"note": ""}}, timeout=60
    )
    number = added.json()["result"]
    page = installed.administrator.open().text
    assert re.search(rf'id="record-{number}"(?:(?!</button>).)*data-age="today"', page, re.DOTALL)
    assert Counter(AGE.findall(page)) == true(portal)


def in_words(days: int) -> str:
    if days >= 60:
        return f"{days // 7} weeks"
    return "yesterday" if days == 1 else f"{days} days"


@pytest.mark.parametrize(
    "count", [pytest.param(n, marks=pytest.mark.records(n)) for n in (49, 137, 300)]
)
def test_records_in_the_mirror_show_their_age_in_days(installed: Cast, count: int) -> None:
    portal = installed.portal
    assert len(portal.records) == count
    page = installed.administrator.open().text
    told = {int(number): words for number, words in EXACT.findall(page)}
    waited = {number: days_waited(portal, number) for number in portal.state.activities}
    assert told == {number: in_words(days) for number, days in waited.items() if days > 0}


def test_an_open_record_shows_how_long_it_has_waited(installed: Cast) -> None:
    portal = installed.portal
    number = next(n for n in portal.state.activities if days_waited(portal, n) > 1)
    page = installed.regular_user.post(f"/records/{number}").text
    assert f"Record #{number} · added {days_waited(portal, number)} days ago" in page
