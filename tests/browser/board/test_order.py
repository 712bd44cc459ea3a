"""The list in the user's own order: what stands out in it, and where the user comes back to."""

from __future__ import annotations

import math

import pytest
from playwright.sync_api import Browser, Locator, expect

from sandbox import Sandbox
from tests.browser.desk import ON_A_PHONE, Desk, open_desk
from tests.browser.steps import hold_start, open_record, record_row, wait_for_keys
from tests.cast import REGULAR_USER

CUT_WITHOUT_TITLE = """(all) => all
    .filter((one) => one.scrollWidth > one.clientWidth)
    .filter((one) => one.title.replace(/[\\u2066-\\u2069]/g, '') !== one.textContent)
    .map((one) => one.outerHTML)"""


def first_row(desk: Desk) -> Locator:
    return desk.app.locator("#records [role=option]").first


def reload(desk: Desk) -> None:
    desk.page.reload()
    first_row(desk).wait_for()
    desk.settle()


def test_a_user_s_own_order_is_kept_in_the_portal(
    installed_desk: Desk, browser: Browser, desk_sandbox: Sandbox
) -> None:
    desk, app = installed_desk, installed_desk.app
    oldest, newest = min(desk.portal.records), max(desk.portal.records)
    expect(first_row(desk)).to_have_attribute("value", str(newest))
    app.get_by_role("button", name="Order").click()
    app.get_by_role("menuitemradio", name="Longest first").click()
    expect(first_row(desk)).to_have_attribute("value", str(oldest))
    reload(desk)
    expect(first_row(desk)).to_have_attribute("value", str(oldest))
    with open_desk(browser, desk_sandbox) as elsewhere:
        elsewhere.page.goto(elsewhere.portal.url)
        first_row(elsewhere).wait_for()
        expect(first_row(elsewhere)).to_have_attribute("value", str(oldest))
        elsewhere.app.get_by_role("button", name="Order").click()
        chosen = elsewhere.app.get_by_role("menuitemradio", name="Longest first")
        expect(chosen).to_have_attribute("aria-checked", "true")
    with open_desk(browser, desk_sandbox) as colleague:
        colleague.page.goto(colleague.portal.url)
        colleague.log_in(REGULAR_USER)
        first_row(colleague).wait_for()
        expect(first_row(colleague)).to_have_attribute("value", str(newest))


@pytest.mark.looks
def test_red_marks_the_tenth_that_waits_longest(installed_desk: Desk) -> None:
    rows = installed_desk.app.locator("#records [role=option]")
    expect(rows).to_have_count(len(installed_desk.portal.records))
    # Of some records it is not known on which day they were added.
    days = rows.evaluate_all("all => all.map((one) => Number(one.dataset.days ?? 0))")
    least = max(35, sorted(days, reverse=True)[math.ceil(len(days) / 10) - 1])
    wanted = [number for number, waited in enumerate(days) if waited >= least]
    assert 0 < len(wanted) < len(days) / 2
    expect(installed_desk.app.locator(".age.is-late")).to_have_count(len(wanted))
    late = "all => all.flatMap((one, at) => one.querySelector('.is-late') ? [at] : [])"
    assert rows.evaluate_all(late) == wanted


@pytest.mark.looks
def test_what_is_cut_off_is_told_whole(installed_desk: Desk) -> None:
    desk = installed_desk
    texts = desk.app.locator("#records :is(.name, .sub)")
    assert texts.evaluate_all("all => all.some((one) => one.scrollWidth > one.clientWidth)")
    assert texts.evaluate_all(CUT_WITHOUT_TITLE) == []


def test_the_row_of_the_open_record_is_in_sight_after_coming_back(installed_desk: Desk) -> None:
    desk = installed_desk
    number = next(one for one in desk.portal.records if desk.portal.clients(one))
    open_record(desk, number)
    desk.app.get_by_role("button", name="Remove").last.click()
    desk.save()
    expect(desk.app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    reload(desk)
    expect(record_row(desk, number)).to_have_attribute("aria-selected", "true")
    expect(record_row(desk, number)).to_be_in_viewport(ratio=1)


def test_the_first_focus_is_the_search_field(installed_desk: Desk) -> None:
    hold_start(installed_desk)
    reload(installed_desk)
    expect(installed_desk.app.get_by_role("searchbox")).to_be_focused()


@pytest.mark.parametrize("options", [ON_A_PHONE, {"has_touch": True}], ids=["phone", "touch"])
def test_touch_gets_no_first_focus(
    browser: Browser, desk_sandbox: Sandbox, options: dict[str, object]
) -> None:
    with open_desk(browser, desk_sandbox, **options) as desk:
        desk.page.goto(desk.portal.url)
        first_row(desk).wait_for()
        # The module that decides about the focus also answers this button.
        wait_for_keys(desk)
        desk.app.locator("#show-shortcuts").evaluate("(button) => button.click()")
        expect(desk.app.locator("#shortcuts")).to_be_visible()
        desk.page.keyboard.press("Escape")
        expect(desk.app.locator("body")).to_be_focused()


@pytest.mark.looks
def test_a_visible_question_mark_shows_the_keys(installed_desk: Desk) -> None:
    app = installed_desk.app
    wait_for_keys(installed_desk)
    button = app.locator("#show-shortcuts")
    expect(button).to_have_text("?")
    expect(button).to_have_accessible_name("Keyboard shortcuts")
    button.click()
    expect(app.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    expect(app.get_by_label("Single letters are shortcuts")).to_be_checked()
