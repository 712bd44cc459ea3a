"""The page opens with the record that its user changed last."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from sandbox import Sandbox
from tests.browser.desk import ON_A_PHONE, Desk, open_desk
from tests.browser.steps import (
    expect_record_open,
    note_field,
    open_record,
    record_row,
    record_with_three_contacts,
    type_into_note,
)


def change_one(desk: Desk) -> int:
    """Remove a customer from a record, and return the record's id."""
    number, _ = record_with_three_contacts(desk.portal)
    open_record(desk, number)
    desk.settle()
    desk.app.get_by_role("button", name="Remove").last.click()
    desk.settle()
    desk.save()
    expect(desk.app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    return number


def come_back(desk: Desk) -> None:
    desk.page.reload()
    desk.app.get_by_role("option").first.wait_for()
    desk.settle()


@pytest.fixture
def back(installed_desk: Desk) -> tuple[Desk, int]:
    number = change_one(installed_desk)
    come_back(installed_desk)
    return installed_desk, number


def test_the_page_opens_with_the_record_changed_last(back: tuple[Desk, int]) -> None:
    desk, number = back
    customers = desk.app.get_by_role("list", name="Customers").get_by_role("listitem")
    expect(customers).to_have_count(2)
    expect(record_row(desk, number)).to_have_attribute("aria-selected", "true")
    desk.shoot("last-record")
    note_field(desk).fill("Typed at once")
    record_row(desk, number).click()
    expect_record_open(desk, number)
    expect(note_field(desk)).to_have_value("Typed at once")
    desk.app.get_by_role("button", name="Discard").click()
    expect(customers).to_have_count(2)
    note_field(desk).fill("Typed after all")
    desk.save()
    expect(desk.app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    assert desk.portal.records[number].note == "Typed after all"


def test_another_record_is_found_and_opened_at_once(back: tuple[Desk, int]) -> None:
    desk, number = back
    other = max(desk.portal.records)
    search = desk.app.get_by_role("searchbox")
    expect(search).to_be_focused()
    search.fill(f"#{other}")
    search.press("Enter")
    expect_record_open(desk, other)
    expect(record_row(desk, number)).to_have_attribute("aria-selected", "false")
    type_into_note(desk, "Kept")
    expect(note_field(desk)).to_have_value(f"{desk.portal.records[other].note or ''}Kept")


def test_on_a_phone_the_list_comes_first(browser: Browser, desk_sandbox: Sandbox) -> None:
    with open_desk(browser, desk_sandbox, **ON_A_PHONE) as desk:
        desk.page.goto(desk.portal.url)
        number = change_one(desk)
        come_back(desk)
        expect(desk.app.get_by_role("option").first).to_be_visible()
        expect(desk.app.locator("#editor")).to_have_count(0)
        expect(desk.app.locator("#record")).to_be_hidden()
        desk.settle()
        desk.shoot("last-record-phone")
        record_row(desk, number).tap()
        expect_record_open(desk, number)


def test_on_a_phone_without_script_the_list_comes_first(
    browser: Browser, desk_sandbox: Sandbox
) -> None:
    with open_desk(browser, desk_sandbox, **ON_A_PHONE) as desk:
        desk.page.goto(desk.portal.url)
        change_one(desk)
        desk.page.route("**/js/board/page.js", lambda route: route.abort())
        desk.allow("ERR_FAILED")
        come_back(desk)
        expect(desk.app.locator("#editor")).to_be_attached()
        expect(desk.app.locator("#record")).to_be_hidden()


@pytest.mark.parametrize("name", ["Save", "Discard", "Remove", "History", "New record"])
def test_a_click_before_the_script_has_loaded_loses_nothing(
    back: tuple[Desk, int], name: str
) -> None:
    desk, number = back
    desk.page.route("**/js/board/*.js", lambda route: route.abort())
    desk.allow("ERR_FAILED")
    come_back(desk)
    note_field(desk).fill("Typed at once")
    desk.app.get_by_role("button", name=name).first.click(force=True)
    desk.settle()
    expect(note_field(desk)).to_have_value("Typed at once")
    expect(desk.app.locator(f"#editor[data-record='{number}']")).to_be_visible()
