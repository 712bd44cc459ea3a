"""A pending answer locks what it replaces. *Try again* repeats only what failed."""

from __future__ import annotations

from playwright.sync_api import expect

from sandbox.portal.colleague import link_client
from tests.browser.desk import Desk
from tests.browser.held import HeldRequests
from tests.browser.steps import (
    busy_contact,
    look_again,
    lose_answer,
    newcomer,
    open_record,
    open_tab,
    record_with_three_contacts,
)

LOCKED = "#editor .editor-body[inert]"


def test_the_editor_is_locked_until_undo_replaces_it(installed_desk: Desk) -> None:
    desk, app = installed_desk, installed_desk.app
    number, _people = record_with_three_contacts(desk.portal)
    open_record(desk, number)
    app.get_by_role("button", name="Remove").last.click()
    desk.save()
    saved = app.get_by_role("status").filter(has_text="Saved")
    expect(saved).to_be_visible()
    undo = HeldRequests(desk, "**/undo")
    saved.get_by_role("button", name="Undo").click()
    expect(app.locator(LOCKED)).to_have_count(1)
    undo.release()
    expect(app.get_by_role("status").filter(has_text="Undone")).to_be_visible()
    expect(app.locator(LOCKED)).to_have_count(0)
    expect(app.get_by_role("list", name="Customers").get_by_role("listitem")).to_have_count(3)


def test_the_editor_is_locked_until_another_record_replaces_it(
    installed_desk: Desk,
) -> None:
    desk, app = installed_desk, installed_desk.app
    first, second = list(desk.portal.records)[-2:]
    open_record(desk, first)
    refused = desk.portal.faults.add("drop_before", "booking.v1.waitlist.get", count=9)
    desk.allow("Failed to load resource")
    opening = HeldRequests(desk, f"**/records/{second}")
    app.locator(f"#record-{second}").click()
    expect(app.locator(LOCKED)).to_have_count(1)
    opening.release()
    expect(app.get_by_role("alert").filter(has_text="Try again")).to_be_visible(timeout=30_000)
    assert refused.hits
    expect(app.locator(LOCKED)).to_have_count(0)
    note = app.get_by_role("textbox", name="Note")
    note.fill("Still about the first")
    assert app.locator("#editor").get_attribute("data-record") == str(first)


def test_a_click_on_the_open_record_asks_no_question(installed_desk: Desk) -> None:
    desk, app = installed_desk, installed_desk.app
    number, _people = record_with_three_contacts(desk.portal)
    open_record(desk, number)
    note = app.get_by_role("textbox", name="Note")
    note.fill("Half of a")
    app.locator(f"#record-{number}").click()
    expect(app.get_by_role("combobox", name="Add a customer")).to_be_focused()
    expect(note).to_have_value("Half of a")


def test_history_and_link_ask_nothing_about_unsaved_changes(installed_desk: Desk) -> None:
    desk, app = installed_desk, installed_desk.app
    number, _people = record_with_three_contacts(desk.portal)
    open_record(desk, number)
    note = app.get_by_role("textbox", name="Note")
    note.fill("Half of a")
    app.get_by_role("button", name="History").click()
    app.get_by_role("dialog", name="History").get_by_role("button", name="Close").click()
    app.locator("#record .menu summary").click()
    app.get_by_role("button", name="Copy link").click()
    expect(app.get_by_role("status").filter(has_text="Link copied")).to_be_visible()
    expect(note).to_have_value("Half of a")


def test_changes_that_came_with_the_editor_can_be_discarded(installed_desk: Desk) -> None:
    desk, app, portal = installed_desk, installed_desk.app, installed_desk.portal
    number, people = record_with_three_contacts(portal)
    open_record(desk, number)
    note = app.get_by_role("textbox", name="Note")
    before = note.input_value()
    note.fill("Typed, and then regretted")
    contact, name = newcomer(portal, people)
    link_client(portal, number, "CONTACT", contact)
    notice = app.get_by_role("status").filter(has_text="added outside this app")
    look_again(desk)
    expect(notice).to_be_visible()
    notice.get_by_role("button", name="Show").click()
    customers = app.get_by_role("list", name="Customers")
    expect(customers).to_contain_text(name)
    discard = app.get_by_role("button", name="Discard")
    discard.click()
    expect(note).to_have_value(before)
    expect(customers).to_contain_text(name)
    expect(discard).to_be_disabled()


def test_try_again_for_a_new_customer_does_not_change_the_record(
    installed_desk: Desk,
) -> None:
    desk, app, portal = installed_desk, installed_desk.app, installed_desk.portal
    number, _people = record_with_three_contacts(portal)
    before, made = portal.records[number].note, len(portal.state.contacts)
    open_record(desk, number)
    app.get_by_role("textbox", name="Note").fill("Not to be saved yet")
    picker = app.get_by_role("combobox", name="Add a customer")
    picker.press_sequentially("Zzyzx Quux")
    expect(app.locator("#hit-new")).to_be_visible()
    picker.press("ArrowDown")
    picker.press("Enter")
    dialog = app.get_by_role("dialog", name="New customer")
    dialog.get_by_label("E-mail").fill("quux@example.com")
    lose_answer(desk, "/customers/check")
    dialog.get_by_role("button", name="Create", exact=True).last.click()
    dialog.get_by_role("button", name="Try again").click()
    expect(app.get_by_role("list", name="Customers")).to_contain_text("Zzyzx Quux")
    assert portal.records[number].note == before
    assert len(portal.state.contacts) == made


def test_a_refused_undo_in_a_tab_can_be_retried_after_its_offer_ends(
    unopened_desk: Desk,
) -> None:
    desk, app, portal = unopened_desk, unopened_desk.app, unopened_desk.portal
    open_tab(desk, "contact", busy_contact(portal))
    rows = app.locator("#waiting > li:not([hidden])")
    count = rows.count()
    app.get_by_role("button", name="Remove from this record").first.click()
    expect(rows).to_have_count(count - 1)
    portal.faults.add("OPERATION_TIME_LIMIT", "booking.v1.waitlist.get", count=1)
    desk.allow("Failed to load resource")
    app.get_by_role("button", name="Undo").click()
    again = app.get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    # This happens after ten seconds.
    desk.frame.evaluate("document.getElementById('undo').remove()")
    again.click()
    expect(rows).to_have_count(count)
    app.get_by_role("button", name="Remove from this record").first.click()
    expect(rows).to_have_count(count - 1)
