"""What a user has chosen about the page is kept, and for this user only."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from sandbox import Sandbox
from tests.browser.desk import Desk, open_desk
from tests.cast import ADMINISTRATOR, REGULAR_USER

KEPT = re.compile(r"[0-9a-f]{16} [a-z-]+|[a-z0-9.:]+ theme")
"""The keys in a browser: of a user, or of the last theme of a page."""


def choose(desk: Desk, menu: str, choice: str) -> None:
    desk.app.get_by_role("button", name=menu, exact=True).click()
    desk.app.get_by_role("menuitemradio", name=choice, exact=True).click()


def choose_all(desk: Desk) -> None:
    """Choose something else than at first, wherever there is a choice."""
    choose(desk, "Order", "Longest first")
    choose(desk, "More", "Dark")
    desk.app.locator("#show-shortcuts").click()
    desk.app.get_by_label("Single letters are shortcuts").uncheck()
    desk.page.keyboard.press("Escape")


def log_in(desk: Desk, user_id: int) -> None:
    desk.log_in(user_id)
    desk.app.get_by_role("option").first.wait_for()
    desk.settle()


def expect_choices(desk: Desk, *, first: int, theme: str, letters: bool) -> None:
    expect(desk.app.locator("#records [role=option]").first).to_have_attribute("value", str(first))
    expect(desk.app.locator("html")).to_have_attribute("data-theme", theme)
    chosen = desk.app.locator(f"[role=menuitemradio][data-theme={theme}]")
    expect(chosen).to_have_attribute("aria-checked", "true")
    expect(desk.app.locator("#letters")).to_be_checked(checked=letters)


def test_a_browser_keeps_the_choices_of_each_user_apart(installed_desk: Desk) -> None:
    desk = installed_desk
    oldest, newest = min(desk.portal.records), max(desk.portal.records)
    choose_all(desk)
    log_in(desk, REGULAR_USER)
    expect_choices(desk, first=newest, theme="light", letters=True)
    choose(desk, "More", "As on this device")
    log_in(desk, ADMINISTRATOR)
    expect_choices(desk, first=oldest, theme="dark", letters=False)
    log_in(desk, REGULAR_USER)
    expect_choices(desk, first=newest, theme="device", letters=True)


def test_the_keys_in_a_browser_do_not_tell_who_it_is(installed_desk: Desk) -> None:
    choose_all(installed_desk)
    kept = installed_desk.frame.evaluate("Object.keys(localStorage)")
    assert len(kept) >= 4
    assert [key for key in kept if not KEPT.fullmatch(key)] == []


def test_choices_follow_a_user_to_another_browser(
    installed_desk: Desk, browser: Browser, desk_sandbox: Sandbox
) -> None:
    choose_all(installed_desk)
    with open_desk(browser, desk_sandbox) as elsewhere:
        elsewhere.open()
        oldest = min(elsewhere.portal.records)
        expect_choices(elsewhere, first=oldest, theme="dark", letters=False)


def test_a_tab_looks_as_its_user_has_chosen(installed_desk: Desk) -> None:
    desk = installed_desk
    choose(desk, "More", "Dark")
    contact = min(desk.portal.state.contacts)
    for user, theme in ((REGULAR_USER, "light"), (ADMINISTRATOR, "dark")):
        log_in(desk, user)
        desk.page.goto(f"{desk.portal.url}/crm/contact/details/{contact}/")
        desk.page.get_by_role("tab", name="Waiting list").click()
        expect(desk.app.locator("html")).to_have_attribute("data-theme", theme)
        desk.page.goto(desk.portal.url)
