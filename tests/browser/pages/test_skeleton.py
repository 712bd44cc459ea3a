"""Bones stand in the frame until it is known what to show to which user."""

from __future__ import annotations

from threading import Event

from playwright.sync_api import expect

from tests.browser.desk import Desk
from tests.browser.steps import contact_on
from tests.cast import EXTRANET


def test_bones_are_shown_before_the_user_is_known(installed_desk: Desk, verified: Event) -> None:
    desk, app = installed_desk, installed_desk.app
    desk.page.goto(desk.portal.url, wait_until="commit")
    expect(app.locator(".bones").first).to_be_visible()
    expect(app.get_by_role("option")).to_have_count(0)
    desk.shoot("before-the-handshake")
    verified.set()
    expect(app.get_by_role("option")).to_have_count(len(desk.portal.records))
    expect(app.locator(".bones").first).to_be_hidden()
    desk.settle()
    app.get_by_role("option").nth(1).click()
    expect(app.get_by_role("combobox", name="Add a customer")).to_be_visible()


def test_bones_are_shown_in_a_tab_before_the_user_is_known(
    installed_desk: Desk, verified: Event
) -> None:
    desk, app = installed_desk, installed_desk.app
    number = contact_on(desk.portal, 1)
    desk.page.goto(f"{desk.portal.url}/crm/contact/details/{number}/")
    desk.page.get_by_role("tab", name="Waiting list").click()
    expect(app.locator(".bones").first).to_be_visible()
    expect(app.get_by_role("button", name="New record")).to_have_count(0)
    verified.set()
    expect(app.get_by_role("list", name="Records of this customer")).to_be_visible()
    expect(app.locator(".bones").first).to_be_hidden()
    desk.settle()
    app.get_by_role("button", name="New record").click()
    expect(app.locator("#panel")).to_contain_text("Note")


def test_a_late_refusal_takes_the_place_of_the_bones(installed_desk: Desk, verified: Event) -> None:
    desk, app = installed_desk, installed_desk.app
    desk.log_in(EXTRANET)
    desk.page.goto(desk.portal.url, wait_until="commit")
    expect(app.locator(".bones").first).to_be_visible()
    verified.set()
    expect(app.get_by_role("heading")).to_have_text(["This app is for employees"])
    expect(app.locator(".bones")).to_have_count(0)
    expect(app.get_by_role("searchbox")).to_have_count(0)
    desk.shoot("late-refusal")
