"""The seconds before a record is removed: they wait for the user, and closing the page is told."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.desk import Desk
from tests.browser.steps import open_record, record_row, record_with_three_contacts

pytestmark = pytest.mark.usefixtures("clock")
LONGER_THAN_THE_COUNTDOWN = 20_000


def begin_to_remove(desk: Desk, number: int) -> None:
    open_record(desk, number)
    desk.app.locator(".menu summary").click()
    desk.app.get_by_role("button", name="Remove from the waiting list").click()
    expect(desk.app.get_by_text("Will be removed in").last).to_be_visible()


@pytest.mark.parametrize("how", ["focus", "hover"])
def test_the_time_stands_still_under_the_pointer_and_with_the_focus(
    installed_desk: Desk, how: str
) -> None:
    desk, portal = installed_desk, installed_desk.portal
    number, _ = record_with_three_contacts(portal)
    begin_to_remove(desk, number)
    undo = desk.app.locator("#going").get_by_role("button", name="Undo")
    if how == "focus":
        undo.focus()
    else:
        undo.hover()
    desk.page.clock.run_for(LONGER_THAN_THE_COUNTDOWN)
    expect(undo).to_be_enabled()
    assert number in portal.records

    desk.app.locator("#search").focus()
    desk.app.locator("#search").hover()
    desk.page.clock.run_for(LONGER_THAN_THE_COUNTDOWN)
    expect(record_row(desk, number)).to_be_hidden()
    assert number not in portal.records


def test_the_next_page_names_the_records_that_were_not_removed(installed_desk: Desk) -> None:
    desk, portal = installed_desk, installed_desk.portal
    full, _ = record_with_three_contacts(portal)
    bare = next(number for number in portal.records if not portal.clients(number))
    names = [record_row(desk, full).locator(".name").inner_text(), f"#{bare}"]
    for number in (full, bare):
        begin_to_remove(desk, number)
    desk.page.reload()
    desk.app.get_by_role("option").first.wait_for()
    desk.page.clock.run_for(5_000)
    told = desk.app.get_by_role("alert").filter(has_text="Not removed")
    for name in names:
        expect(told).to_contain_text(name)
    assert {full, bare} <= set(portal.records)
    told.get_by_role("button", name="OK").click()
    desk.page.reload()
    desk.app.get_by_role("option").first.wait_for()
    desk.page.clock.run_for(5_000)
    expect(told).to_have_count(0)


def test_the_countdowns_of_records_without_customers_can_be_told_apart(
    installed_desk: Desk,
) -> None:
    desk, portal = installed_desk, installed_desk.portal
    bare = [number for number in portal.records if not portal.clients(number)][:2]
    place = "(one) => one.offsetTop"
    desk.settle()
    before = desk.app.locator("#record").evaluate(place)
    for number in bare:
        begin_to_remove(desk, number)
    for number in bare:
        expect(desk.app.locator("#going")).to_contain_text(f"Record #{number}")
    # In the frame: a click may have scrolled the portal's page.
    desk.settle()
    assert desk.app.locator("#record").evaluate(place) == before
