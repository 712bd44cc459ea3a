"""A long list is laid out in parts, and used as if all of it were there."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.bulk.steps import select_several, toolbar
from tests.browser.desk import ON_A_PHONE, Desk, open_desk
from tests.browser.steps import open_record, record_row, wait_for_module

RECORDS, PART = 400, 150
pytestmark = pytest.mark.records(RECORDS)


def laid_out(desk: Desk) -> Locator:
    return desk.app.get_by_role("listbox", name="Records").get_by_role("option")


@pytest.fixture
def long_list(installed_desk: Desk) -> Desk:
    """Search anew, as the list may have been scrolled."""
    wait_for_module(installed_desk, "search/arrow-keys.js")
    search = installed_desk.app.get_by_role("searchbox")
    search.fill("nobody is called so")
    expect(laid_out(installed_desk)).to_have_count(0)
    search.fill("")
    expect(laid_out(installed_desk)).to_have_count(PART)
    return installed_desk


def last_row(desk: Desk) -> Locator:
    return record_row(desk, min(desk.portal.records))


def scroll_to_the_end(desk: Desk) -> None:
    for count in (PART, 2 * PART, RECORDS):
        expect(laid_out(desk)).to_have_count(count)
        # On a phone, the portal makes the frame as high as the rows a little later.
        desk.settle()
        laid_out(desk).last.scroll_into_view_if_needed()
    expect(last_row(desk)).to_be_in_viewport()


@pytest.mark.looks
def test_the_end_of_the_list_comes_when_it_is_scrolled(long_list: Desk) -> None:
    expect(long_list.app.get_by_role("button", name="All")).to_contain_text(str(RECORDS))
    scroll_to_the_end(long_list)


@pytest.mark.looks
def test_a_phone_scrolls_to_the_end_too(browser: Browser, long_list: Desk) -> None:
    with open_desk(browser, long_list.sandbox, **ON_A_PHONE) as phone:
        phone.open()
        scroll_to_the_end(phone)


@pytest.mark.looks
def test_a_key_leads_to_the_very_last_row(long_list: Desk) -> None:
    laid_out(long_list).first.press("End")
    expect(last_row(long_list)).to_be_focused()
    expect(laid_out(long_list)).to_have_count(RECORDS)


@pytest.mark.looks
@pytest.mark.parametrize("letters", ["a", "na"], ids=["many found", "put together"])
def test_keys_go_through_what_was_found_at_once(long_list: Desk, letters: str) -> None:
    search = long_list.app.get_by_role("searchbox")
    search.fill(letters)
    search.press("ArrowDown")
    expect(laid_out(long_list).first).to_be_focused()
    long_list.page.keyboard.press("ArrowDown")
    expect(laid_out(long_list).nth(1)).to_be_focused()


@pytest.mark.looks
def test_a_search_finds_the_last_row(long_list: Desk) -> None:
    note = long_list.portal.records[min(long_list.portal.records)].note or ""
    assert note
    long_list.app.get_by_role("searchbox").fill(note)
    expect(last_row(long_list)).to_be_visible()
    long_list.app.get_by_role("searchbox").fill("")
    expect(laid_out(long_list)).to_have_count(PART)


@pytest.mark.looks
def test_all_records_can_be_selected(long_list: Desk) -> None:
    select_several(long_list)
    toolbar(long_list).get_by_role("checkbox").check()
    expect(toolbar(long_list)).to_contain_text(f"{RECORDS} selected")


@pytest.mark.looks
def test_all_records_are_printed(long_list: Desk) -> None:
    long_list.page.emulate_media(media="print")
    expect(last_row(long_list)).to_be_visible()
    long_list.page.emulate_media(media="screen")
    expect(last_row(long_list)).to_be_hidden()


def test_the_open_record_is_in_sight_wherever_it_stands(installed_desk: Desk) -> None:
    desk = installed_desk
    wait_for_module(desk, "search/arrow-keys.js")
    laid_out(desk).first.press("End")
    open_record(desk, min(desk.portal.records))
    desk.app.get_by_role("searchbox").fill("nobody is called so")
    expect(laid_out(desk)).to_have_count(0)
    desk.app.get_by_role("searchbox").fill("")
    expect(last_row(desk)).to_be_visible()
    for order in ("Longest first", "Newest first"):
        desk.app.get_by_role("button", name="Order").click()
        desk.app.get_by_role("menuitemradio", name=order).click()
        expect(last_row(desk)).to_be_in_viewport()
