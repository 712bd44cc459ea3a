"""The bar of ages under the list, whose bands filter it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.desk import Desk
from tests.web.steps import days_waited


def rows(desk: Desk) -> Locator:
    return desk.app.get_by_role("listbox", name="Records").get_by_role("option")


def old_records(desk: Desk) -> int:
    return sum(days_waited(desk.portal, number) >= 30 for number in desk.portal.records)


@pytest.mark.looks
def test_a_band_and_its_word_filter_the_list(installed_desk: Desk) -> None:
    desk, everything = installed_desk, len(installed_desk.portal.records)
    word = desk.app.get_by_role("button", name=f"Over a month {old_records(desk)}")
    expect(rows(desk)).to_have_count(everything)
    desk.app.locator("#ages g").last.locator("rect").last.click()
    expect(rows(desk)).to_have_count(old_records(desk))
    expect(word).to_have_attribute("aria-pressed", "true")
    word.press("Enter")
    expect(rows(desk)).to_have_count(everything)
    expect(word).to_have_attribute("aria-pressed", "false")
    expect(desk.app.get_by_role("button", name="All")).to_have_attribute("aria-pressed", "true")


@pytest.mark.looks
def test_the_bar_and_its_table_follow_a_search(installed_desk: Desk) -> None:
    desk = installed_desk
    group = desk.app.get_by_role("group", name="Records by age").get_by_role("button")
    expect(desk.app.locator(".chip .count").first).to_have_text(str(len(desk.portal.records)))
    desk.app.get_by_role("searchbox", name="Search the waiting list").fill("polish")
    expect(rows(desk)).not_to_have_count(len(desk.portal.records))
    counts = [int(text.split()[-1]) for text in group.all_inner_texts()]
    shown = sum(counts)
    assert 0 < shown < len(desk.portal.records)
    expect(rows(desk)).to_have_count(shown)
    cells = desk.app.get_by_role("table", name="Records by age").get_by_role("cell")
    expect(cells).to_have_text([str(count) for count in counts])
    widths = [
        float((rect.get_attribute("width") or "").rstrip("%"))
        for rect in desk.app.locator("#ages g rect.band").all()
    ]
    assert widths == pytest.approx([100 * count / shown for count in counts])
