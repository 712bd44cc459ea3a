"""While a request is pending, nothing can be typed that its answer would discard."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from sandbox.portal.colleague import link_client
from tests.browser.desk import Desk
from tests.browser.held import HeldRequests
from tests.browser.steps import (
    delayed,
    expect_record_open,
    look_again,
    newcomer,
    note_field,
    open_record,
    record_row,
    record_with_three_contacts,
    type_into_note,
)

READ, SET = "booking.v1.waitlist.get", "booking.v1.waitlist.client.set"


def two_records(desk: Desk) -> tuple[int, int]:
    """Return the ids of a record with three customers and of another one."""
    number, _ = record_with_three_contacts(desk.portal)
    return number, next(other for other in desk.portal.records if other != number)


def test_the_editor_is_locked_while_another_record_opens(installed_desk: Desk) -> None:
    desk = installed_desk
    first, second = two_records(desk)
    open_record(desk, first)
    before = note_field(desk).input_value()
    with delayed(desk, READ):
        record_row(desk, second).click()
        type_into_note(desk, "Lost")
        expect(desk.app.locator(f"#editor[data-record='{first}']")).to_be_attached()
        expect(note_field(desk)).to_have_value(before)
        expect(record_row(desk, second)).to_be_focused()
        desk.shoot("record-on-its-way")
    expect_record_open(desk, second)
    type_into_note(desk, "Kept")
    expect(note_field(desk)).to_have_value(f"{desk.portal.records[second].note}Kept")


def test_a_record_on_its_way_shows_its_name_and_bones(installed_desk: Desk) -> None:
    desk = installed_desk
    first, second = two_records(desk)
    open_record(desk, first)
    # It comes with the scripts that are loaded after the page.
    desk.page.wait_for_load_state("networkidle")
    opening = HeldRequests(desk, f"**/records/{second}")
    cover = desk.app.locator("#record > .record-placeholder")
    record_row(desk, second).click()
    expect(cover.locator(".bones")).to_be_visible()
    title = record_row(desk, second).get_attribute("data-title")
    expect(cover.locator("h2")).to_have_text(str(title))
    desk.shoot("record-opening")
    record_row(desk, first).click()
    expect(cover).to_have_count(0)
    expect_record_open(desk, first)
    opening.stop()
    record_row(desk, second).click()
    expect_record_open(desk, second)
    expect(desk.app.locator("#record-title")).to_have_text(str(title))
    expect(cover).to_have_count(0)


def test_the_button_says_that_it_is_saving(installed_desk: Desk) -> None:
    desk = installed_desk
    first, _ = two_records(desk)
    open_record(desk, first)
    note_field(desk).fill("Typed")
    save = HeldRequests(desk, f"**/records/{first}/save")
    desk.save()
    saving = desk.app.get_by_role("button", name="Saving…")
    expect(saving).to_be_visible()
    desk.shoot("record-saving")
    desk.allow("ERR_FAILED")
    save[0].abort()
    # Not saved, and it can be tried again.
    expect(desk.app.get_by_role("button", name="Save", exact=True)).to_be_enabled()
    expect(saving).to_have_count(0)
    save.stop()
    desk.save()
    expect(desk.app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    expect(saving).to_have_count(0)


def test_a_record_that_cannot_be_opened_leaves_the_open_one_as_it_was(
    installed_desk: Desk,
) -> None:
    desk = installed_desk
    first, second = two_records(desk)
    open_record(desk, first)
    desk.portal.faults.add("server_error", READ, count=3)
    desk.allow("502")
    record_row(desk, second).click()
    expect(desk.app.get_by_role("alert")).to_contain_text("Bitrix24 did not answer properly.")
    expect(record_row(desk, first)).to_have_attribute("aria-selected", "true")
    expect(record_row(desk, second)).to_be_focused()
    desk.portal.faults.clear()
    note_field(desk).fill("Typed after all")
    desk.save()
    expect(desk.app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    assert desk.portal.records[first].note == "Typed after all"


def test_returning_to_the_open_record_keeps_it_open(installed_desk: Desk) -> None:
    desk = installed_desk
    first, second = two_records(desk)
    open_record(desk, first)
    with delayed(desk, READ):
        with desk.page.expect_request(f"**/records/{second}") as late:
            record_row(desk, second).click()
        record_row(desk, first).click()
        expect_record_open(desk, first)
        type_into_note(desk, "Typed at once")
    late.value.response()
    desk.page.wait_for_timeout(100)
    opened_still = desk.app.locator(f"#editor[data-record='{first}']")
    expect(opened_still).to_be_visible()
    expect(note_field(desk)).to_have_value(f"{desk.portal.records[first].note}Typed at once")


def test_a_double_click_requests_a_record_once(installed_desk: Desk) -> None:
    desk = installed_desk
    _, second = two_records(desk)
    asked: list[str] = []
    desk.page.on("request", lambda request: asked.append(request.url))
    with delayed(desk, READ):
        record_row(desk, second).dblclick()
    expect_record_open(desk, second)
    assert len([url for url in asked if url.endswith(f"/records/{second}")]) == 1


def test_clicking_the_open_record_keeps_its_changes(installed_desk: Desk) -> None:
    desk = installed_desk
    first, _ = two_records(desk)
    open_record(desk, first)
    note_field(desk).fill("Typed before")
    desk.portal.requests.clear()
    record_row(desk, first).click()
    expect_record_open(desk, first)
    expect(note_field(desk)).to_have_value("Typed before")
    expect(desk.app.get_by_role("dialog")).to_have_count(0)
    assert [request for request in desk.portal.requests if "waitlist" in request.method] == []


def open_record_that_changes(desk: Desk) -> str:
    """Open a record to which a customer is then added outside the app. Return their name."""
    number, people = record_with_three_contacts(desk.portal)
    open_record(desk, number)
    id, name = newcomer(desk.portal, people)
    link_client(desk.portal, number, "CONTACT", id)
    return name


def test_a_colleagues_change_is_taken_over_where_nothing_was_typed(installed_desk: Desk) -> None:
    desk = installed_desk
    name = open_record_that_changes(desk)
    field = desk.app.get_by_role("combobox", name="Add a customer")
    field.focus()
    look_again(desk)
    expect(desk.app.get_by_role("list", name="Customers")).to_contain_text(name)
    said = desk.app.get_by_role("status").filter(has_text=f"{name} was added outside this app")
    expect(said).to_be_visible()
    expect(said.get_by_role("button")).to_have_count(0)
    expect(field).to_be_focused()
    expect(desk.app.get_by_role("button", name="Discard")).to_be_disabled()


def test_a_colleagues_change_waits_while_a_customer_is_searched(installed_desk: Desk) -> None:
    desk = installed_desk
    name = open_record_that_changes(desk)
    field = desk.app.get_by_role("combobox", name="Add a customer")
    field.press_sequentially("x")
    look_again(desk)
    notice = desk.app.get_by_role("status").filter(has_text=f"{name} was added outside this app")
    expect(notice).to_be_visible()
    expect(field).to_have_value("x")
    notice.get_by_role("button", name="Show").click()
    expect(desk.app.get_by_role("list", name="Customers")).to_contain_text(name)


def test_the_editor_is_locked_during_an_undo(installed_desk: Desk) -> None:
    desk = installed_desk
    first, _ = two_records(desk)
    open_record(desk, first)
    desk.app.get_by_role("button", name="Remove").last.click()
    desk.save()
    expect(desk.app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    before = note_field(desk).input_value()
    with delayed(desk, SET):
        desk.app.get_by_role("button", name="Undo").click()
        type_into_note(desk, "Lost")
        expect(note_field(desk)).to_have_value(before)
    expect(desk.app.get_by_role("status").filter(has_text="Undone")).to_be_visible()
    type_into_note(desk, "Kept")
    expect(note_field(desk)).to_have_value(f"{before}Kept")


def test_a_record_opens_only_after_a_pending_undo(installed_desk: Desk) -> None:
    desk = installed_desk
    first, second = two_records(desk)
    open_record(desk, first)
    desk.app.get_by_role("button", name="Remove").last.click()
    desk.save()
    expect(desk.app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    with delayed(desk, SET):
        with desk.page.expect_request("**/undo") as late:
            desk.app.get_by_role("button", name="Undo").click()
        record_row(desk, second).click()
    expect_record_open(desk, second)
    type_into_note(desk, "Kept")
    late.value.response()
    desk.page.wait_for_timeout(100)
    expect(note_field(desk)).to_have_value(f"{desk.portal.records[second].note}Kept")
    assert len(desk.portal.clients(first)) == 3


def test_the_editor_is_locked_while_a_colleagues_change_loads(installed_desk: Desk) -> None:
    desk, portal = installed_desk, installed_desk.portal
    first, people = record_with_three_contacts(portal)
    open_record(desk, first)
    note_field(desk).fill("Typed before")
    id, name = newcomer(portal, people)
    link_client(portal, first, "CONTACT", id)
    notice = desk.app.get_by_role("status").filter(has_text="added outside this app")
    look_again(desk)
    expect(notice).to_be_visible()
    with delayed(desk, READ):
        notice.get_by_role("button", name="Show").click()
        type_into_note(desk, " and now")
        expect(note_field(desk)).to_have_value("Typed before")
    expect(desk.app.get_by_role("list", name="Customers")).to_contain_text(name)
    type_into_note(desk, " and after")
    expect(note_field(desk)).to_have_value("Typed before and after")


@pytest.mark.parametrize("fails", [False, True], ids=["answered", "unanswered"])
def test_focus_is_never_lost(installed_desk: Desk, fails: bool) -> None:
    desk = installed_desk
    first, _ = two_records(desk)
    open_record(desk, first)
    history = desk.app.get_by_role("button", name="History")
    if fails:
        desk.page.route("**/records/new", lambda route: route.abort())
        desk.allow("ERR_FAILED")
    history.press("n")
    if fails:
        expect(desk.app.get_by_role("alert")).to_contain_text("No connection.")
        expect(history).to_be_focused()
    else:
        expect(desk.app.locator("#editor[data-record=new]")).to_be_visible()
        expect(desk.app.get_by_role("combobox", name="Add a customer")).to_be_focused()
