"""Several records are selected: with the pointer, with keys, and only those in sight."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.bulk.steps import (
    number_of,
    select_several,
    selected,
    shown_rows,
    toolbar,
)
from tests.browser.desk import Desk
from tests.browser.steps import (
    colleague_sets,
    look_again,
    newcomer,
    open_record,
    record_row,
    wait_for_module,
)


@pytest.fixture
def desk(installed_desk: Desk) -> Desk:
    """Wait for the module that the rows listen with."""
    wait_for_module(installed_desk, "bulk/gestures.js")
    return installed_desk


def first_rows(desk: Desk, count: int) -> list[int]:
    return [number_of(shown_rows(desk).nth(place)) for place in range(count)]


def expect_selected(desk: Desk, numbers: list[int]) -> None:
    expect(toolbar(desk).get_by_text(f"{len(numbers)} selected")).to_be_visible()
    assert selected(desk) == numbers


@pytest.mark.looks
def test_the_listbox_says_that_several_can_be_selected(desk: Desk) -> None:
    number = number_of(shown_rows(desk).nth(1))
    open_record(desk, number)
    records = desk.app.get_by_role("listbox", name="Records")
    expect(records).not_to_have_attribute("aria-multiselectable", "true")
    select_several(desk)
    expect(records).to_have_attribute("aria-multiselectable", "true")
    expect_selected(desk, [])
    expect(record_row(desk, number)).to_have_attribute("aria-current", "true")
    expect(
        toolbar(desk).get_by_role("button", name="Remove from the waiting list")
    ).to_be_disabled()

    toolbar(desk).get_by_role("button", name="Cancel").click()
    expect(records).not_to_have_attribute("aria-multiselectable", "true")
    expect(toolbar(desk)).to_have_count(0)
    assert selected(desk) == [number]


@pytest.mark.looks
def test_clicks_select_and_do_not_open(desk: Desk) -> None:
    numbers = first_rows(desk, 4)
    select_several(desk)
    for place in (2, 0, 3, 2):
        shown_rows(desk).nth(place).click()
    expect_selected(desk, [numbers[0], numbers[3]])
    expect(desk.app.locator("#editor")).to_have_count(0)


@pytest.mark.looks
@pytest.mark.parametrize("key", ["Control", "Meta"])
@pytest.mark.looks
def test_a_click_with_a_key_begins_to_select(desk: Desk, key: str) -> None:
    numbers = first_rows(desk, 3)
    shown_rows(desk).nth(2).click(modifiers=[key])  # type: ignore[list-item]
    shown_rows(desk).nth(0).click(modifiers=[key])  # type: ignore[list-item]
    expect_selected(desk, [numbers[0], numbers[2]])


@pytest.mark.looks
def test_shift_and_a_click_select_a_range(desk: Desk) -> None:
    numbers = first_rows(desk, 7)
    shown_rows(desk).nth(1).click()
    expect(desk.app.locator(f"#editor[data-record='{numbers[1]}']")).to_be_visible()
    desk.settle()
    shown_rows(desk).nth(4).click(modifiers=["Shift"])
    expect_selected(desk, numbers[1:5])
    shown_rows(desk).nth(2).click(modifiers=["Shift"])
    expect_selected(desk, numbers[1:3])
    shown_rows(desk).nth(6).click()
    shown_rows(desk).nth(5).click(modifiers=["Shift"])
    expect_selected(desk, [*numbers[1:3], *numbers[5:7]])


@pytest.mark.looks
def test_keys_select_a_range_and_cancel(desk: Desk) -> None:
    numbers = first_rows(desk, 5)
    shown_rows(desk).nth(0).focus()
    press = desk.page.keyboard.press
    press("ArrowDown")
    press("Space")
    expect_selected(desk, [numbers[1]])
    press("Shift+ArrowDown")
    press("Shift+ArrowDown")
    expect_selected(desk, numbers[1:4])
    press("Shift+ArrowUp")
    expect_selected(desk, numbers[1:3])
    expect(record_row(desk, numbers[2])).to_be_focused()
    press("Space")
    expect_selected(desk, [numbers[1]])
    press("ArrowDown")
    press("ArrowDown")
    press("Space")
    expect_selected(desk, [numbers[1], numbers[4]])
    press("Control+a")
    expect(toolbar(desk).get_by_role("checkbox", name="Select all shown")).to_be_checked()
    press("Escape")
    expect(toolbar(desk)).to_have_count(0)
    expect(record_row(desk, numbers[4])).to_be_focused()
    expect(desk.app.locator("#editor")).to_have_count(0)


@pytest.mark.looks
def test_all_that_is_shown_is_selected_and_nothing_else(desk: Desk) -> None:
    empty = sum(not desk.portal.clients(number) for number in desk.portal.records)
    desk.app.locator("[data-filter=none]").click()
    select_several(desk)
    everything = toolbar(desk).get_by_role("checkbox", name="Select all shown")
    everything.check()
    expect(toolbar(desk).get_by_text(f"{empty} selected")).to_be_visible()
    assert all(not desk.portal.clients(number) for number in selected(desk))
    shown_rows(desk).nth(1).click()
    expect(toolbar(desk).get_by_text(f"{empty - 1} selected")).to_be_visible()
    assert everything.evaluate("(one) => one.indeterminate")
    everything.check()
    expect(toolbar(desk).get_by_text(f"{empty} selected")).to_be_visible()
    everything.uncheck()
    expect(toolbar(desk).get_by_text("0 selected")).to_be_visible()


@pytest.mark.looks
@pytest.mark.parametrize("how", ["search", "filter", "age"])
@pytest.mark.looks
def test_what_is_out_of_sight_is_not_counted(desk: Desk, how: str) -> None:
    select_several(desk)
    toolbar(desk).get_by_role("checkbox", name="Select all shown").check()
    total = len(desk.portal.records)
    expect(toolbar(desk).get_by_text(f"{total} selected")).to_be_visible()
    if how == "search":
        desk.app.locator("#search").fill("anna")
    elif how == "filter":
        desk.app.locator("[data-filter=company]").click()
    else:
        desk.app.locator(".ages-words [data-filter=group-week]").click()
    expect(toolbar(desk).get_by_text(f"{total} selected")).to_have_count(0)
    count = shown_rows(desk).count()
    assert 0 < count < total
    expect(toolbar(desk).get_by_text(f"{count} selected")).to_be_visible()


@pytest.mark.looks
def test_another_record_that_is_opened_ends_it(desk: Desk) -> None:
    select_several(desk)
    shown_rows(desk).nth(1).click()
    desk.app.get_by_role("button", name="New record").click()
    expect(desk.app.locator("#editor[data-record=new]")).to_be_visible()
    expect(toolbar(desk)).to_have_count(0)
    assert selected(desk) == []


def test_a_row_that_is_sent_anew_stays_selected(desk: Desk) -> None:
    numbers = first_rows(desk, 3)
    select_several(desk)
    for place in (0, 2):
        shown_rows(desk).nth(place).click()
    person, name = newcomer(desk.portal, [id for _, id in desk.portal.clients(numbers[2])])
    colleague_sets(desk.portal, numbers[2], [person])
    look_again(desk)
    expect(record_row(desk, numbers[2])).to_contain_text(name)
    expect_selected(desk, [numbers[0], numbers[2]])
