"""The ways to the free times of a record: a row, the tab of a customer, the tab of a deal."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FrameLocator, expect

from sandbox import Sandbox
from tests.browser.desk import Desk, open_desk, sandbox_with_app
from tests.browser.held import HeldRequests
from tests.browser.steps import contact_on, full_deal, open_tab, records_of, wait_for_keys


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with sandbox_with_app(tmp_path_factory.mktemp("ways"), installed=True) as running:
        yield running


@pytest.fixture
def desk(browser: Browser, sandbox: Sandbox) -> Iterator[Desk]:
    with open_desk(browser, sandbox) as opened:
        opened.open()
        yield opened


def book_last(place: FrameLocator, number: int) -> None:
    """Book the last free time that is shown for a record: the first one may pass meanwhile."""
    region = place.get_by_role("region", name="Booking")
    expect(region).to_contain_text(f"#{number}")
    place.get_by_role("grid", name="Free times").get_by_role("button").last.click()
    place.get_by_role("button", name="Make booking").click()
    expect(place.get_by_role("status").filter(has_text="Booked")).to_be_visible()


def test_a_letter_leads_from_a_row_to_its_free_times(desk: Desk) -> None:
    number = next(n for n in desk.portal.records if desk.portal.clients(n))
    expect(desk.app.get_by_role("region", name="Record")).to_be_visible()
    wait_for_keys(desk)
    desk.app.locator(f"#record-{number}").focus()
    desk.page.keyboard.press("b")
    book_last(desk.app, number)
    assert number not in desk.portal.records


def test_the_tab_of_a_customer_opens_the_free_times_in_a_panel(desk: Desk) -> None:
    contact = contact_on(desk.portal, 1)
    (record,) = records_of(desk.portal, "CONTACT", contact)
    open_tab(desk, "contact", contact)
    desk.app.get_by_role("button", name="Make booking").click()
    book_last(desk.page.frame_locator(".slider iframe"), record)
    assert record not in desk.portal.records


def test_a_time_pressed_before_the_script_is_ready_is_chosen(desk: Desk) -> None:
    contact = contact_on(desk.portal, 1)
    (record,) = records_of(desk.portal, "CONTACT", contact)
    script = HeldRequests(desk, "**/js/booking/offer.js")
    open_tab(desk, "contact", contact)
    desk.app.get_by_role("button", name="Make booking").click()
    place = desk.page.frame_locator(".slider iframe")
    place.get_by_role("grid", name="Free times").get_by_role("button").last.click()
    script.release()
    place.get_by_role("button", name="Make booking").click()
    expect(place.get_by_role("status").filter(has_text="Booked")).to_be_visible()
    assert record not in desk.portal.records


def test_the_tab_of_a_deal_opens_the_free_times_of_the_chosen_record(desk: Desk) -> None:
    deal = full_deal(desk.portal, linked=True)
    open_tab(desk, "deal", deal)
    chosen = desk.app.get_by_role("listbox", name="Records").get_by_role("option", checked=True)
    record = int(chosen.get_attribute("value") or 0)
    if not record:
        chosen = desk.app.get_by_role("option").nth(1)
        record = int(chosen.get_attribute("value") or 0)
        chosen.click()
    desk.app.get_by_role("button", name="Make booking").click()
    book_last(desk.page.frame_locator(".slider iframe"), record)
    assert record not in desk.portal.records
