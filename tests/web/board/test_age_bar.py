"""The bar that shows the ages of records at a glance."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from flask import Flask

from sandbox.portal.portal import Portal
from tests.cast import Cast
from tests.web.steps import days_waited
from waitlist.models import Age
from web.presenters.age_bands import age_bands

BAR = re.compile(r'<svg class="ages-bar".*?</svg>', re.DOTALL)
BAND = re.compile(
    r'<g data-filter="group-(\w+)"><title>([^<]+)</title>'
    r'<rect class="band" x="([\d.]+)%" width="([\d.]+)%"/><rect fill="url\(#is-(\w+)\)"'
)
CELL = re.compile(r'<th scope="row">([^<]+)</th><td data-of="group-(\w+)">(\d+)</td>')
WORD = re.compile(r'data-filter="group-(\w+)" aria-pressed="false">.*?<span class="count">(\d+)<')
DAYS = ((0, "today"), (6, "week"), (29, "month"))
LABELS = {
    "today": "Today",
    "week": "This week",
    "month": "This month",
    "older": "Over a month",
}


def true_ages(portal: Portal) -> dict[str, int]:
    """Count the records by the days that they wait."""
    ages = dict.fromkeys(LABELS, 0)
    for number in portal.records:
        waited = days_waited(portal, number)
        ages[next((age for most, age in DAYS if waited <= most), "older")] += 1
    return ages


@pytest.mark.parametrize(
    "count", [pytest.param(n, marks=pytest.mark.records(n)) for n in (1, 49, 137)]
)
def test_the_bar_tells_how_many_records_wait_how_long(installed: Cast, count: int) -> None:
    ages = true_ages(installed.portal)
    page = installed.administrator.open().text
    (bar,) = BAR.findall(page)
    assert len(bar.encode()) <= 3 * 1024
    assert "<script" not in bar
    assert "style=" not in bar
    bands = BAND.findall(bar)
    assert [(age, label, age) for age, label, _, _, age in bands] == [
        (age, label, age) for age, label in LABELS.items()
    ]
    widths = {age: float(width) for age, _, _, width, _ in bands}
    assert widths == pytest.approx({age: 100 * n / count for age, n in ages.items()}, abs=0.01)
    assert [(label, age, int(n)) for label, age, n in CELL.findall(page)] == [
        (label, age, ages[age]) for age, label in LABELS.items()
    ]
    assert {age: int(n) for age, n in WORD.findall(page)} == ages


@pytest.mark.records(0)
def test_an_empty_list_has_no_bar(installed: Cast) -> None:
    assert "ages-bar" not in installed.administrator.open().text


def test_bands_follow_one_another_and_fill_the_bar(app: Flask) -> None:
    with app.test_request_context():
        bands = age_bands({Age.OLDER: 1, Age.TODAY: 1, Age.UNKNOWN: 1})
        assert [(one.age, one.count) for one in bands] == [
            *((Age.TODAY, 1), (Age.WEEK, 0), (Age.MONTH, 0), (Age.OLDER, 1), (Age.UNKNOWN, 1))
        ]
        for one, after in pairwise(bands):
            assert after.start == pytest.approx(one.start + one.width, abs=0.02)
        assert bands[-1].start + bands[-1].width == pytest.approx(100, abs=0.05)


@pytest.mark.parametrize("counts", [{}, {Age.UNKNOWN: 5}])
def test_without_known_ages_there_is_nothing_to_show(app: Flask, counts: dict[Age, int]) -> None:
    with app.test_request_context():
        assert age_bands(counts) == ()
