"""The key *Delete* on a row removes that record, and the next one has the focus."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.bulk.steps import expect_to_stay, number_of, open_list, shown_rows
from tests.browser.desk import Desk
from tests.browser.steps import (
    colleague_sets,
    end_countdown,
    newcomer,
    note_field,
    open_record,
    record_row,
    type_into_note,
)


@pytest.fixture
def desk(unopened_desk: Desk) -> Desk:
    open_list(unopened_desk)
    return unopened_desk


def rows_at(desk: Desk, count: int) -> list[int]:
    return [number_of(shown_rows(desk).nth(place)) for place in range(count)]


def test_one_key_for_each_record_and_one_countdown_for_all(desk: Desk) -> None:
    first, second, third, fourth = rows_at(desk, 4)
    name = record_row(desk, first).get_attribute("data-title") or ""
    record_row(desk, first).focus()
    bar = desk.app.locator("#toasts > .toast")
    desk.page.keyboard.press("Delete")
    expect(bar).to_contain_text(name)
    expect(record_row(desk, second)).to_be_focused()
    for count, following in ((2, third), (3, fourth)):
        desk.page.keyboard.press("Delete")
        expect(bar).to_contain_text(f"{count} records")
        expect(record_row(desk, following)).to_be_focused()
    expect(bar).to_have_count(1)
    assert {first, second, third} <= set(desk.portal.records)

    end_countdown(desk)
    expect(bar).to_have_count(0)
    for number in (first, second, third):
        expect(record_row(desk, number)).to_be_hidden()
    assert not {first, second, third} & set(desk.portal.records)
    expect(record_row(desk, fourth)).to_be_focused()


def test_the_next_record_opens_if_the_removed_one_was_open(desk: Desk) -> None:
    first, second = rows_at(desk, 2)
    open_record(desk, first)
    record_row(desk, first).focus()
    desk.page.keyboard.press("Delete")
    expect(desk.app.locator("#toasts > .toast")).to_be_visible()
    end_countdown(desk)
    expect(desk.app.locator(f"#editor[data-record='{second}']")).to_be_visible()
    expect(record_row(desk, second)).to_be_focused()
    assert first not in desk.portal.records


def test_one_that_a_colleague_has_changed_is_kept_and_named_at_once(desk: Desk) -> None:
    first, second = rows_at(desk, 2)
    # The page must not learn of the change before the key is pressed.
    desk.page.route("**/records/news*", lambda route: route.fulfill(status=204))
    person, name = newcomer(desk.portal, [id for _, id in desk.portal.clients(first)])
    colleague_sets(desk.portal, first, [person])
    open_record(desk, second)
    type_into_note(desk, "Typed meanwhile")
    record_row(desk, first).focus()
    desk.page.keyboard.press("Delete")
    kept = desk.app.get_by_role("alert").filter(has_text="Not removed:")
    expect(kept).to_contain_text(name)
    expect(kept.get_by_role("list", name="Results").get_by_role("listitem")).to_have_count(1)
    expect_to_stay(desk, [first])
    assert note_field(desk).input_value().endswith("Typed meanwhile")


def test_undo_keeps_it(desk: Desk) -> None:
    first = rows_at(desk, 1)[0]
    record_row(desk, first).focus()
    desk.page.keyboard.press("Delete")
    expect(desk.app.locator("#toasts > .toast")).to_be_visible()
    desk.page.keyboard.press("Control+z")
    expect(desk.app.locator("#toasts > *")).to_have_count(0)
    expect_to_stay(desk, [first])


def test_in_a_field_the_key_removes_no_record(desk: Desk) -> None:
    first = rows_at(desk, 1)[0]
    open_record(desk, first)
    type_into_note(desk, "x")
    desk.page.keyboard.press("Delete")
    desk.app.locator("#search").press("Delete")
    expect(desk.app.locator("#toasts > *")).to_have_count(0)
    expect_to_stay(desk, [first])
