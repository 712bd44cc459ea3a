"""Steps of the tests that select several records."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser.desk import Desk
from tests.browser.steps import hold_time, pass_countdown, wait_for_module


def open_list(desk: Desk) -> None:
    """Open the main page, wait for what its rows listen with, and hold the time."""
    desk.open()
    wait_for_module(desk, "bulk/gestures.js")
    hold_time(desk)


def expect_to_stay(desk: Desk, numbers: list[int]) -> None:
    """Let the seconds of a countdown pass, and see that nothing is removed."""
    pass_countdown(desk)
    # A countdown looks at the clock four times a second.
    desk.page.wait_for_timeout(300)
    assert set(numbers) <= set(desk.portal.records)


def shown_rows(desk: Desk) -> Locator:
    return desk.app.locator('#records .group:not([data-count="0"]) > [role=option]:not([hidden])')


def number_of(row: Locator) -> int:
    return int(row.get_attribute("value") or 0)


def selected(desk: Desk) -> list[int]:
    """Return the records whose options are selected, in the order of the list."""
    ticked = desk.app.locator("#records [role=option][aria-selected=true]")
    return [int(value) for value in ticked.evaluate_all("(all) => all.map((one) => one.value)")]


def toolbar(desk: Desk) -> Locator:
    return desk.app.get_by_role("toolbar", name="Selected records")


def region(desk: Desk) -> Locator:
    return desk.app.get_by_role("region", name="What will happen")


def outcome(desk: Desk, number: int) -> Locator:
    return desk.app.locator(f"#outcome-{number}")


def select_several(desk: Desk) -> None:
    """Begin to select with the menu."""
    desk.app.get_by_role("button", name="More", exact=True).click()
    desk.app.get_by_role("menuitem", name="Select several").click()
    expect(toolbar(desk)).to_be_visible()


def remove_selected(desk: Desk) -> None:
    """Click *Remove*, and wait until the frame stands still: on a phone it shrinks."""
    desk.settle()
    toolbar(desk).get_by_role("button", name="Remove from the waiting list").click()
    expect(region(desk)).to_be_visible()
    desk.settle()
