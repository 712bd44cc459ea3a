"""The seconds before a record is removed: they wait for the user, and closing the page is told."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.desk import Desk
from tests.browser.steps import (
    colleague_sets,
    end_countdown,
    hold_time,
    note_field,
    open_record,
    pass_countdown,
    record_row,
    record_with_three_contacts,
    wait_until,
)
from tests.cast import ADMINISTRATOR, REGULAR_USER

LONGER_THAN_THE_COUNTDOWN = 20_000
READ = """
    document.querySelector('input[name=session]') !== null && localStorage.getItem(
        `${document.querySelector('input[name=session]').dataset.user} not-removed`) === ''"""
"""The page has read which records were not removed, and forgotten it in the browser."""


def begin_to_remove(desk: Desk, *numbers: int) -> None:
    for count, number in enumerate(numbers, 1):
        open_record(desk, number)
        desk.app.locator(".menu summary").click()
        desk.app.get_by_role("button", name="Remove from the waiting list").click()
        expect(desk.app.get_by_text("Will be removed in").last).to_be_visible()
        if count > 1:
            expect(desk.app.locator("#toasts")).to_contain_text(f"{count} records")


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("how", ["focus", "hover"])
def test_the_time_stands_still_under_the_pointer_and_with_the_focus(
    installed_desk: Desk, how: str
) -> None:
    desk, portal = installed_desk, installed_desk.portal
    number, _ = record_with_three_contacts(portal)
    begin_to_remove(desk, number)
    undo = desk.app.locator("#toasts").get_by_role("button", name="Undo")
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


@pytest.mark.usefixtures("clock")
def test_the_next_page_names_the_records_that_were_not_removed(installed_desk: Desk) -> None:
    desk, portal = installed_desk, installed_desk.portal
    full, _ = record_with_three_contacts(portal)
    bare = next(number for number in portal.records if not portal.clients(number))
    names = [record_row(desk, full).locator(".name").inner_text(), f"#{bare}"]
    hold_time(desk)
    begin_to_remove(desk, full, bare)
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


def told_after(desk: Desk) -> Locator:
    """Wait for what a page may say of records that were not removed, and return it."""
    desk.app.locator("#toasts").wait_for(state="attached")
    wait_until(desk.frame, READ)
    return desk.app.get_by_role("alert").filter(has_text="Not removed")


@pytest.mark.parametrize("count", [1, 3])
def test_what_was_not_removed_can_be_removed_now(installed_desk: Desk, count: int) -> None:
    """The page says again what will happen: a record that a colleague has changed may stay."""
    desk, portal = installed_desk, installed_desk.portal
    numbers = [number for number in portal.records if not portal.clients(number)][:count]
    hold_time(desk)
    begin_to_remove(desk, *numbers)
    desk.page.reload()
    told = told_after(desk)
    hold_time(desk)
    told.get_by_role("button", name="Remove now").click()
    expect(told).to_have_count(0)
    rows = desk.app.get_by_role("list", name="Records to remove").get_by_role("listitem")
    expect(rows).to_have_count(count)
    end_countdown(desk)
    for number in numbers:
        expect(record_row(desk, number)).to_be_hidden()
    assert not set(numbers) & set(portal.records)
    desk.page.reload()
    expect(told_after(desk)).to_have_count(0)


def test_the_next_user_of_the_browser_is_not_told(installed_desk: Desk) -> None:
    desk, portal = installed_desk, installed_desk.portal
    number = next(number for number in portal.records if not portal.clients(number))
    hold_time(desk)
    begin_to_remove(desk, number)
    desk.log_in(REGULAR_USER)
    expect(told_after(desk)).to_have_count(0)
    desk.log_in(ADMINISTRATOR)
    expect(told_after(desk)).to_contain_text(f"#{number}")
    desk.log_in(REGULAR_USER)
    expect(told_after(desk)).to_have_count(0)


def test_several_removals_are_one_countdown_that_moves_nothing(installed_desk: Desk) -> None:
    desk, portal = installed_desk, installed_desk.portal
    bare = [number for number in portal.records if not portal.clients(number)][:3]
    place = "(one) => one.offsetTop"
    desk.settle()
    before = desk.app.locator("#record").evaluate(place)
    bar = desk.app.locator("#toasts > .toast")
    hold_time(desk)
    begin_to_remove(desk, bare[0])
    expect(bar).to_contain_text(f"Record #{bare[0]}")
    for count, number in enumerate(bare[1:], 2):
        begin_to_remove(desk, number)
        expect(bar).to_have_count(1)
        expect(bar).to_contain_text(f"{count} records")
    # In the frame: a click may have scrolled the portal's page.
    desk.settle()
    assert desk.app.locator("#record").evaluate(place) == before

    pass_countdown(desk)
    expect(bar).to_have_count(0)
    assert not set(bare) & set(portal.records)


def test_one_undo_keeps_all_of_them(installed_desk: Desk) -> None:
    desk, portal = installed_desk, installed_desk.portal
    full, _ = record_with_three_contacts(portal)
    bare = next(number for number in portal.records if not portal.clients(number))
    hold_time(desk)
    begin_to_remove(desk, full, bare)
    desk.app.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(desk.app.locator("#toasts > *")).to_have_count(0)
    pass_countdown(desk)
    # A countdown looks at the clock four times a second.
    desk.page.wait_for_timeout(300)
    assert {full, bare} <= set(portal.records)


def test_a_record_changed_by_a_colleague_is_kept_among_several_and_named(
    installed_desk: Desk,
) -> None:
    """The record that is open now, with what is typed in it, stays as it is."""
    desk, portal = installed_desk, installed_desk.portal
    full, people = record_with_three_contacts(portal)
    bare, other = [number for number in portal.records if not portal.clients(number)][:2]
    hold_time(desk)
    begin_to_remove(desk, full, bare)
    colleague_sets(portal, full, people[:2])
    open_record(desk, other)
    note_field(desk).fill("Typed meanwhile")
    name = record_row(desk, full).get_attribute("data-title") or ""
    pass_countdown(desk)
    kept = desk.app.get_by_role("alert").filter(has_text="Not removed:")
    expect(kept).to_contain_text(name)
    expect(kept).to_contain_text("was taken off outside this app")
    expect(note_field(desk)).to_have_value("Typed meanwhile")
    assert full in portal.records
    assert bare not in portal.records
    kept.get_by_role("button", name="OK").click()
    expect(kept).to_have_count(0)
