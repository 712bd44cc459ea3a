"""A new customer is checked, created with the record, and can be deleted again."""

from __future__ import annotations

from playwright.sync_api import FrameLocator, Locator, expect

from sandbox.portal.colleague import link_client
from tests.browser.desk import Desk
from tests.browser.steps import look_again, newcomer, open_record, record_with_three_contacts
from tests.web.record.steps import named

NAME = "Zzyzx Quux"


def add_new(desk: Desk) -> None:
    """Put a customer on the open record who is in CRM only once the record is saved."""
    picker = desk.app.get_by_role("combobox", name="Add a customer")
    picker.press_sequentially(NAME)
    expect(desk.app.locator("#hit-new")).to_be_visible()
    picker.press("ArrowDown")
    picker.press("Enter")
    dialog = desk.app.get_by_role("dialog", name="New customer")
    dialog.get_by_label("Phone").fill("+49 30 5550 123")
    dialog.get_by_role("button", name="Create", exact=True).last.click()
    expect(row(desk.app)).to_be_visible()
    expect(dialog).to_be_hidden()


def row(app: FrameLocator) -> Locator:
    customers = app.get_by_role("list", name="Customers")
    return customers.get_by_role("listitem").filter(has_text=NAME)


def offer(app: FrameLocator) -> Locator:
    return app.locator(".card-offer").filter(has_text=f"{NAME} is still in CRM")


def open_with_new(desk: Desk) -> int:
    """Open a record, and add a new customer to it. Return its number."""
    number, _people = record_with_three_contacts(desk.portal)
    open_record(desk, number)
    add_new(desk)
    return number


def test_a_discarded_customer_was_never_in_crm(installed_desk: Desk) -> None:
    desk, app = installed_desk, installed_desk.app
    open_with_new(desk)
    expect(row(app)).to_contain_text("new")
    expect(app.locator("#summary")).to_contain_text(NAME)
    desk.shoot("picker-new-row")
    app.get_by_role("button", name="Discard").click()
    expect(row(app)).to_have_count(0)
    expect(offer(app)).to_have_count(0)
    assert named(desk.portal, NAME) == []


def test_an_undone_save_offers_to_delete_the_new_card(installed_desk: Desk) -> None:
    desk, app = installed_desk, installed_desk.app
    number = open_with_new(desk)
    desk.save()
    expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    (made,) = named(desk.portal, NAME)
    assert ("CONTACT", made) in desk.portal.clients(number)
    expect(offer(app)).to_have_count(0)
    app.get_by_role("button", name="Undo").click()
    expect(offer(app)).to_be_visible()
    desk.shoot("picker-delete-card")
    assert named(desk.portal, NAME) == [made]
    offer(app).get_by_role("button", name="Delete in CRM").click()
    expect(app.get_by_text(f"{NAME} was deleted in CRM.")).to_be_visible()
    assert named(desk.portal, NAME) == []


def test_a_record_that_could_not_be_saved_offers_to_delete_the_new_card(
    installed_desk: Desk,
) -> None:
    desk, app = installed_desk, installed_desk.app
    open_with_new(desk)
    desk.portal.faults.add("no_client_types", "booking.v1.waitlist.client.set", count=1)
    desk.allow("Failed to load resource")
    desk.save()
    expect(app.get_by_role("alert").filter(has_text="does not know this kind")).to_be_visible()
    (made,) = named(desk.portal, NAME)
    app.get_by_role("button", name="Discard").click()
    expect(offer(app)).to_be_visible()
    offer(app).get_by_role("button", name="Keep").click()
    expect(offer(app)).to_have_count(0)
    assert named(desk.portal, NAME) == [made]


def test_another_record_after_a_save_brings_no_offer(installed_desk: Desk) -> None:
    desk, app = installed_desk, installed_desk.app
    number = open_with_new(desk)
    desk.save()
    expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    other = next(one for one in desk.portal.records if one != number)
    open_record(desk, other)
    expect(row(app)).to_have_count(0)
    expect(offer(app)).to_have_count(0)


def test_a_new_customer_stays_when_a_colleagues_change_is_shown(installed_desk: Desk) -> None:
    desk, app, portal = installed_desk, installed_desk.app, installed_desk.portal
    number, people = record_with_three_contacts(portal)
    open_record(desk, number)
    add_new(desk)
    id, name = newcomer(portal, people)
    link_client(portal, number, "CONTACT", id)
    look_again(desk)
    notice = app.get_by_role("status").filter(has_text=f"{name} was added outside this app")
    expect(notice).to_be_visible()
    notice.get_by_role("button", name="Show").click()
    expect(app.get_by_role("list", name="Customers")).to_contain_text(name)
    expect(row(app)).to_be_visible()
    desk.save()
    expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    (made,) = named(portal, NAME)
    assert {("CONTACT", made), ("CONTACT", id)} <= set(portal.clients(number))
