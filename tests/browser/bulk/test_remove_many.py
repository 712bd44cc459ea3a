"""Many records are removed together: few clicks, one countdown and one *Undo*."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from sandbox import Sandbox
from tests.browser.bulk.steps import (
    expect_to_stay,
    number_of,
    open_list,
    outcome,
    region,
    remove_selected,
    select_several,
    selected,
    shown_rows,
    toolbar,
)
from tests.browser.counting import Effort, count_effort
from tests.browser.desk import ON_A_PHONE, Desk, install, open_desk
from tests.browser.steps import (
    colleague_sets,
    delayed,
    end_countdown,
    lose_answer,
    newcomer,
    note_field,
    open_record,
    record_row,
)

DELETE = "booking.v1.waitlist.delete"


@pytest.fixture
def effort(unopened_desk: Desk) -> Effort:
    return count_effort(unopened_desk.page)


@pytest.fixture
def desk(unopened_desk: Desk, effort: Effort) -> Desk:
    open_list(unopened_desk)
    effort.start()
    return unopened_desk


def empty_records(desk: Desk) -> list[int]:
    return [number for number in desk.portal.records if not desk.portal.clients(number)]


def select_first(desk: Desk, count: int) -> list[int]:
    select_several(desk)
    for place in range(count):
        shown_rows(desk).nth(place).click()
    return [number_of(shown_rows(desk).nth(place)) for place in range(count)]


def undo(desk: Desk) -> None:
    desk.app.get_by_role("button", name="Undo").click()


@pytest.mark.records(137)
def test_all_records_without_customers_are_removed_with_five_clicks(
    desk: Desk, effort: Effort
) -> None:
    empty = empty_records(desk)
    assert len(empty) == 21
    desk.app.locator("[data-filter=none]").click()
    select_several(desk)
    toolbar(desk).get_by_role("checkbox", name="Select all shown").check()
    desk.shoot("select-several")
    desk.portal.requests.clear()
    remove_selected(desk)
    expect(region(desk).get_by_role("listitem")).to_have_count(len(empty))
    expect(region(desk).get_by_text("Will be removed in")).to_be_visible()
    expect(region(desk).get_by_text("21 records", exact=True)).to_be_visible()
    expect(outcome(desk, empty[0])).to_have_text("removed")
    desk.shoot_everywhere("remove-many")
    assert effort.spent() == (5, 0)
    assert set(empty) <= set(desk.portal.records), "nothing is removed before the time is up"

    end_countdown(desk)
    for number in empty:
        expect(record_row(desk, number)).to_be_hidden()
    assert not set(empty) & set(desk.portal.records)
    expect(region(desk)).to_have_count(0)
    requests = [request for request in desk.portal.requests if DELETE in request.methods]
    assert [request.methods for request in requests] == [[DELETE] * len(empty)]


def test_afterwards_the_next_record_opens(desk: Desk) -> None:
    some = select_first(desk, 3)
    following = number_of(shown_rows(desk).nth(3))
    remove_selected(desk)
    end_countdown(desk)
    expect(desk.app.locator(f"#editor[data-record='{following}']")).to_be_visible()
    assert not set(some) & set(desk.portal.records)


def test_one_undo_brings_all_back_still_selected(desk: Desk) -> None:
    some = select_first(desk, 4)
    remove_selected(desk)
    for number in some:
        expect(record_row(desk, number)).to_have_class("option is-pending-removal")
    expect(desk.app.get_by_role("button", name="Undo")).to_have_count(1)
    undo(desk)
    expect(region(desk)).to_have_count(0)
    expect(toolbar(desk).get_by_text("4 selected")).to_be_visible()
    assert selected(desk) == some
    expect_to_stay(desk, some)
    expect(desk.app.locator(".option.is-pending-removal")).to_have_count(0)


@pytest.mark.parametrize(
    ("place", "way"),
    [
        pytest.param(0, undo, id="one of those removed"),
        pytest.param(3, undo, id="another record"),
        pytest.param(1, lambda desk: desk.page.keyboard.press("Control+z"), id="with the key"),
    ],
)
def test_undo_shows_again_the_record_that_was_open(
    desk: Desk, place: int, way: Callable[[Desk], None]
) -> None:
    number = number_of(shown_rows(desk).nth(place))
    open_record(desk, number)
    some = select_first(desk, 3)
    remove_selected(desk)
    expect(desk.app.locator("#editor")).to_have_count(0)
    expect(region(desk).get_by_text("Will be removed in")).to_be_visible()
    way(desk)
    expect(desk.app.locator(f"#editor[data-record='{number}']")).to_be_visible()
    expect(toolbar(desk).get_by_text("3 selected")).to_be_visible()
    assert selected(desk) == some
    expect(record_row(desk, number)).to_have_attribute("aria-current", "true")
    note_field(desk).fill("Kept after all")
    desk.save()
    expect(desk.app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    assert desk.portal.records[number].note == "Kept after all"
    expect_to_stay(desk, some)


def test_what_a_colleague_has_changed_is_kept_and_said_before_and_after(desk: Desk) -> None:
    some = select_first(desk, 3)
    person, name = newcomer(desk.portal, [id for _, id in desk.portal.clients(some[0])])
    colleague_sets(desk.portal, some[0], [person])
    remove_selected(desk)
    expect(outcome(desk, some[0])).to_contain_text("kept")
    expect(outcome(desk, some[0])).to_contain_text(name)
    expect(region(desk).get_by_text("2 records", exact=True)).to_be_visible()
    expect(region(desk).get_by_text("Kept: 1")).to_be_visible()
    expect(record_row(desk, some[0])).to_contain_text(name)
    expect(record_row(desk, some[0])).not_to_have_class("option is-pending-removal")

    other, new = newcomer(desk.portal, [person, *(id for _, id in desk.portal.clients(some[1]))])
    colleague_sets(desk.portal, some[1], [other])
    end_countdown(desk)
    expect(region(desk).get_by_text("Removed: 1 · Kept: 2")).to_be_visible()
    expect(region(desk).get_by_role("list", name="Results")).to_be_visible()
    expect(outcome(desk, some[1])).to_contain_text(new)
    assert set(some) & set(desk.portal.records) == set(some[:2])
    desk.shoot("remove-many-results")


def test_a_record_opened_meanwhile_stays_and_the_countdown_goes_on(desk: Desk) -> None:
    some = select_first(desk, 3)
    following = number_of(shown_rows(desk).nth(4))
    remove_selected(desk)
    expect(region(desk).get_by_text("Will be removed in")).to_be_visible()
    record_row(desk, following).click()
    expect(desk.app.locator(f"#editor[data-record='{following}']")).to_be_visible()
    expect(desk.app.locator("#toasts").get_by_text("3 records")).to_be_visible()
    desk.app.get_by_role("textbox", name="Note").fill("Typed meanwhile")
    end_countdown(desk)
    expect(record_row(desk, some[0])).to_be_hidden()
    expect(desk.app.locator("#toasts > *")).to_have_count(0)
    expect(desk.app.get_by_role("textbox", name="Note")).to_have_value("Typed meanwhile")
    assert not set(some) & set(desk.portal.records)


def test_leaving_the_page_removes_nothing_and_the_next_one_says_so(desk: Desk) -> None:
    some = select_first(desk, 3)
    names = [record_row(desk, number).get_attribute("data-title") or "" for number in some]
    remove_selected(desk)
    expect(region(desk).get_by_text("Will be removed in")).to_be_visible()
    desk.page.reload()
    desk.app.get_by_role("option").first.wait_for()
    told = desk.app.get_by_role("alert").filter(has_text="Not removed")
    for name in names:
        expect(told).to_contain_text(name)
    assert set(some) <= set(desk.portal.records)


def test_the_next_page_counts_many_records_that_were_not_removed(desk: Desk) -> None:
    select_first(desk, 6)
    remove_selected(desk)
    expect(region(desk).get_by_text("Will be removed in")).to_be_visible()
    desk.page.reload()
    told = desk.app.get_by_role("alert").filter(has_text="Not removed")
    expect(told).to_contain_text("6 records")


def test_an_answer_that_is_lost_is_asked_for_again(desk: Desk) -> None:
    some = select_first(desk, 3)
    remove_selected(desk)
    expect(region(desk).get_by_text("Will be removed in")).to_be_visible()
    lose_answer(desk, "/records/remove")
    end_countdown(desk)
    alert = desk.app.get_by_role("alert").filter(has_text="No connection.")
    alert.get_by_role("button", name="Try again").click()
    expect(region(desk)).to_have_count(0)
    for number in some:
        expect(record_row(desk, number)).to_be_hidden()


def test_a_portal_that_refuses_is_said_and_asked_again(desk: Desk) -> None:
    some = select_first(desk, 3)
    remove_selected(desk)
    expect(region(desk).get_by_text("Will be removed in")).to_be_visible()
    desk.allow("502")
    desk.portal.faults.add("server_error")
    end_countdown(desk)
    alert = region(desk).get_by_role("alert").filter(has_text="Nothing was changed.")
    expect(alert).to_be_visible()
    assert set(some) <= set(desk.portal.records)
    desk.portal.faults.clear()
    alert.get_by_role("button", name="Try again").click()
    expect(region(desk)).to_have_count(0)
    assert not set(some) & set(desk.portal.records)


def test_more_records_than_one_request_takes_are_removed_in_parts(desk: Desk) -> None:
    select_several(desk)
    toolbar(desk).get_by_role("checkbox", name="Select all shown").check()
    total = len(desk.portal.records)
    expect(toolbar(desk).get_by_text(f"{total} selected")).to_be_visible()
    remove_selected(desk)
    expect(region(desk).get_by_text(f"{total} records", exact=True)).to_be_visible()
    desk.portal.faults.add("delay", seconds=0.2)
    end_countdown(desk)
    # The list has no record any more.
    expect(desk.app.get_by_text("The waiting list is empty.")).to_be_visible(timeout=30_000)
    assert not desk.portal.records


def test_a_bar_tells_how_far_it_is_when_that_takes_long(desk: Desk) -> None:
    select_several(desk)
    toolbar(desk).get_by_role("checkbox", name="Select all shown").check()
    with delayed(desk, "*", count=None):
        remove_selected(desk)
        bar = region(desk).get_by_role("progressbar")
        expect(bar).to_be_visible()
        expect(bar).to_have_js_property("max", len(desk.portal.records))
    expect(region(desk).get_by_text("Will be removed in")).to_be_visible(timeout=30_000)
    expect(bar).to_be_hidden()


@pytest.fixture
def phone(browser: Browser, desk_sandbox: Sandbox) -> Iterator[Desk]:
    install(desk_sandbox)
    with open_desk(browser, desk_sandbox, **ON_A_PHONE) as opened:
        open_list(opened)
        yield opened


def test_the_same_on_a_phone(phone: Desk) -> None:
    some = select_first(phone, 3)
    phone.shoot("select-several-phone")
    remove_selected(phone)
    expect(region(phone).get_by_role("listitem")).to_have_count(3)
    expect(phone.app.locator("#records")).to_be_hidden()
    end_countdown(phone)
    expect(phone.app.locator("#records")).to_be_visible()
    for number in some:
        expect(record_row(phone, number)).to_be_hidden()
    assert not set(some) & set(phone.portal.records)


def test_back_on_a_phone_leads_to_the_list_and_the_countdown_goes_on(phone: Desk) -> None:
    some = select_first(phone, 3)
    remove_selected(phone)
    expect(region(phone).get_by_text("Will be removed in")).to_be_visible()
    region(phone).get_by_role("button", name="Back to the list").click()
    expect(phone.app.locator("#records")).to_be_visible()
    expect(phone.app.locator("#toasts").get_by_text("3 records")).to_be_visible()
    undo(phone)
    expect_to_stay(phone, some)
