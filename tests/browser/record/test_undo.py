"""Undo restores everything that one save changed."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.desk import Desk
from tests.browser.steps import colleague_sets, open_record, record_with_three_contacts


def test_undo_restores_the_note_with_the_customers(installed_desk: Desk) -> None:
    desk, app, portal = installed_desk, installed_desk.app, installed_desk.portal
    number, people = record_with_three_contacts(portal)
    portal.records[number].note = before = "Call after 5,\nallergic to latex"
    open_record(desk, number)
    note = app.get_by_role("textbox", name="Note")
    note.fill("Gone by mistake")
    app.get_by_role("button", name="Remove").last.click()
    desk.page.keyboard.press("Control+Enter")
    expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    assert portal.records[number].note == "Gone by mistake"
    desk.page.keyboard.press("Control+z")
    expect(app.get_by_role("status").filter(has_text="Undone")).to_be_visible()
    expect(note).to_have_value(before)
    assert portal.records[number].note == before
    assert portal.clients(number) == [("CONTACT", person) for person in people]


def test_undo_restores_a_note_alone(installed_desk: Desk) -> None:
    desk, app, portal = installed_desk, installed_desk.app, installed_desk.portal
    number, _people = record_with_three_contacts(portal)
    before = portal.records[number].note
    open_record(desk, number)
    app.get_by_role("textbox", name="Note").fill("Gone by mistake")
    desk.save()
    app.get_by_role("button", name="Undo").click()
    expect(app.get_by_role("status").filter(has_text="Undone")).to_be_visible()
    assert portal.records[number].note == before


def test_undo_removes_a_new_record(installed_desk: Desk) -> None:
    desk, app, portal = installed_desk, installed_desk.app, installed_desk.portal
    before = set(portal.records)
    app.get_by_role("button", name="New record").first.click()
    picker = app.get_by_role("combobox", name="Add a customer")
    picker.press_sequentially("Żak")
    hits = app.get_by_role("listbox", name="Found customers").get_by_role("option")
    expect(hits).not_to_have_count(0)
    picker.press("Enter")
    app.get_by_role("textbox", name="Note").fill("Soon")
    desk.save()
    expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    (number,) = set(portal.records) - before
    row = app.locator(f"#record-{number}")
    expect(row).to_be_visible()
    app.get_by_role("button", name="Undo").click()
    expect(row).to_be_hidden()
    assert set(portal.records) == before
    desk.shoot("new-record-undone")
    app.get_by_role("button", name="New record with these customers").click()
    expect(app.get_by_role("textbox", name="Note")).to_have_value("Soon")
    customers = app.get_by_role("list", name="Customers").get_by_role("listitem")
    expect(customers).to_have_count(1)


def test_undo_removes_a_new_record_with_only_a_note(installed_desk: Desk) -> None:
    desk, app, portal = installed_desk, installed_desk.app, installed_desk.portal
    before = set(portal.records)
    app.get_by_role("button", name="New record").first.click()
    app.get_by_role("textbox", name="Note").fill("Somebody called,\nwill call again")
    desk.save()
    expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    (number,) = set(portal.records) - before
    desk.page.keyboard.press("Control+z")
    expect(app.get_by_role("heading", name="Removed.")).to_be_visible()
    expect(app.locator(f"#record-{number}")).to_be_hidden()
    assert set(portal.records) == before
    app.get_by_role("button", name="New record with this note").click()
    note = app.get_by_role("textbox", name="Note")
    expect(note).to_have_value("Somebody called,\nwill call again")


def test_a_customer_left_out_on_purpose_is_not_reported_again(installed_desk: Desk) -> None:
    desk, app, portal = installed_desk, installed_desk.app, installed_desk.portal
    number, people = record_with_three_contacts(portal)
    open_record(desk, number)
    app.get_by_role("button", name="Remove").last.click()
    desk.save()
    expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    colleague_sets(portal, number, people[:1])
    desk.page.reload()
    open_record(desk, number)
    notice = app.get_by_text("was taken off outside this app.")
    expect(notice).to_be_visible()
    app.get_by_role("button", name="Leave it as it is").click()
    expect(notice).to_be_hidden()
    desk.page.reload()
    open_record(desk, number)
    expect(app.get_by_role("textbox", name="Note")).to_be_visible()
    expect(notice).to_be_hidden()
    assert portal.clients(number) == [("CONTACT", people[0])]
