"""A user without access to customers in CRM sees so over the list, and reads it."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.desk import Desk
from tests.browser.steps import open_record, wait_for_keys, wait_for_module
from tests.cast import NO_CRM_RIGHTS

CLOSED = "You can only read the waiting list"


def test_no_record_is_selected_or_removed(installed_desk: Desk) -> None:
    desk, app = installed_desk, installed_desk.app
    desk.log_in(NO_CRM_RIGHTS)
    expect(app.get_by_text(CLOSED)).to_be_visible()
    wait_for_module(desk, "bulk/gestures.js")
    app.get_by_role("button", name="More", exact=True).click()
    expect(app.get_by_role("menuitem", name="Keyboard shortcuts")).to_be_visible()
    expect(app.get_by_role("menuitem", name="Select several")).to_have_count(0)
    desk.page.keyboard.press("Escape")
    before = set(desk.portal.records)
    app.get_by_role("option").first.focus()
    desk.page.keyboard.press("Delete")
    app.get_by_role("option").nth(1).click(modifiers=["Control"])
    expect(app.locator(".is-read-only")).to_be_visible()
    expect(app.get_by_role("toolbar", name="Selected records")).to_have_count(0)
    assert set(desk.portal.records) == before


def test_it_is_said_once_and_nothing_new_can_be_begun(installed_desk: Desk) -> None:
    desk, app = installed_desk, installed_desk.app
    number = next(n for n, one in desk.portal.records.items() if len(desk.portal.clients(n)) > 1)
    desk.portal.records[number].note = "Quarterly inspection"
    desk.log_in(NO_CRM_RIGHTS)
    row = app.locator(f"#record-{number}")
    expect(row.locator(".name")).to_have_text("Quarterly inspection")
    expect(app.get_by_text(CLOSED)).to_be_visible()
    expect(app.get_by_role("button", name="New record")).to_have_count(0)
    desk.shoot_everywhere("only-reading")

    wait_for_keys(desk)
    app.locator("#order").focus()
    desk.page.keyboard.press("n")
    app.locator("#search").fill("quarterly")
    expect(row.locator("mark")).to_have_text("Quarterly")
    app.locator("#search").fill("")

    open_record(desk, number)
    expect(app.get_by_role("region", name="Record")).to_contain_text("no access")
    expect(app.get_by_text(CLOSED).locator("visible=true")).to_have_count(1)
    expect(app.get_by_role("alert").filter(has_text=CLOSED)).to_have_count(0)
