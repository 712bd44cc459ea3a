"""From a fresh portal to a saved waiting list, as people do it."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Desk
from tests.conftest import ADMINISTRATOR, REGULAR_USER, STRANGER


def test_an_administrator_installs_and_lands_on_the_main_page(desk: Desk) -> None:
    desk.page.goto(desk.portal.url)
    expect(desk.app.get_by_role("heading", name="Waiting list")).to_be_visible()
    expect(desk.app.get_by_role("option")).to_have_count(137)
    desk.shoot("main-page")

    assert desk.portal.installed
    assert {placement.placement for placement in desk.portal.state.placements} == {
        "CRM_CONTACT_DETAIL_TAB",
        "CRM_COMPANY_DETAIL_TAB",
    }
    finishes = [entry for entry in desk.portal.journal if entry.kind == "installFinish"]
    assert len(finishes) <= 1


def test_a_regular_user_who_comes_first_is_told_who_must_finish(desk: Desk) -> None:
    desk.page.goto(desk.portal.url)
    desk.portal.installed = False
    desk.log_in(REGULAR_USER)
    expect(desk.page.get_by_text("not fully installed")).to_be_visible()
    expect(desk.page.get_by_role("alert")).to_contain_text(desk.portal.user(ADMINISTRATOR).name)
    desk.shoot("not-installed")


def test_a_user_without_access_sees_no_app(installed_desk: Desk) -> None:
    installed_desk.log_in(STRANGER)
    expect(installed_desk.page.locator("iframe[name*='|']")).to_have_count(0)
    installed_desk.shoot("no-access")


def test_a_regular_user_adds_a_customer_and_takes_it_back(installed_desk: Desk) -> None:
    desk, app, portal = installed_desk, installed_desk.app, installed_desk.portal
    desk.log_in(REGULAR_USER)
    record = next(iter(app.get_by_role("option").all()))
    record_id = int(record.get_attribute("value") or 0)
    before = portal.clients(record_id)

    record.click()
    picker = app.get_by_role("combobox", name="Add a customer")
    expect(picker).to_be_focused()
    picker.press_sequentially("Żak")
    expect(
        app.get_by_role("listbox", name="Found customers").get_by_role("option")
    ).not_to_have_count(0)
    desk.shoot("searching")
    picker.press("Enter")
    desk.shoot("added")
    app.get_by_role("button", name="Save").click()
    expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    desk.shoot("saved")

    after = portal.clients(record_id)
    assert set(before) < set(after)
    assert len(after) == len(before) + 1
    assert portal.records[record_id].updated_by == REGULAR_USER

    app.get_by_role("button", name="Undo").click()
    expect(app.get_by_role("status").filter(has_text="Undone")).to_be_visible()
    assert portal.clients(record_id) == before
