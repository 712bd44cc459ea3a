"""The first day with the app: from a fresh portal to a saved record."""

from __future__ import annotations

import re
import time

import pytest
import time_machine
from playwright.sync_api import Locator, expect

from oauth.frame_sessions import LIFETIME
from sandbox.portal.portal import Portal
from tests.browser.desk import Desk
from tests.browser.steps import count_contacts, open_record
from tests.cast import ADMINISTRATOR, REGULAR_USER, STRANGER

pytestmark = pytest.mark.records(137)
"""More than the two pages of records that the app reads first."""


def test_an_administrator_installs_and_lands_on_the_main_page(desk: Desk) -> None:
    desk.page.goto(desk.portal.url)
    expect(desk.app.get_by_role("heading", name="Waiting list")).to_be_visible()
    expect(desk.app.get_by_role("option")).to_have_count(137)
    desk.shoot("list")

    assert desk.portal.installed
    assert {placement.placement for placement in desk.portal.state.placements} == {
        "CRM_CONTACT_DETAIL_TAB",
        "CRM_COMPANY_DETAIL_TAB",
        "CRM_DEAL_DETAIL_TAB",
        "REST_APP_URI",
    }
    assert desk.sandbox.events.wait_idle()
    assert [sent.event for sent in desk.sandbox.events.sent] == ["ONAPPINSTALL"]


def test_a_regular_user_who_opens_the_app_first_is_told_to_ask_an_administrator(desk: Desk) -> None:
    desk.page.goto(desk.portal.url)
    desk.portal.installed = False
    desk.log_in(REGULAR_USER)
    expect(desk.page.get_by_text("not fully installed")).to_be_visible()
    expect(desk.page.get_by_role("alert")).to_contain_text(desk.portal.user(ADMINISTRATOR).name)
    desk.shoot("not-installed")


def test_a_user_without_access_sees_no_app(unopened_desk: Desk) -> None:
    unopened_desk.log_in(STRANGER)
    unopened_desk.page.goto(unopened_desk.portal.url)
    expect(unopened_desk.page.get_by_label("Logged in as")).to_have_value(str(STRANGER))
    expect(unopened_desk.page.locator("iframe[name*='|']")).to_have_count(0)
    unopened_desk.shoot("no-access")


def test_a_regular_user_adds_a_customer_and_undoes_it(unopened_desk: Desk) -> None:
    desk, app, portal = unopened_desk, unopened_desk.app, unopened_desk.portal
    desk.log_in(REGULAR_USER)
    desk.open()
    record = app.get_by_role("option").first
    record_id = int(record.get_attribute("value") or 0)
    before = portal.clients(record_id)

    record.click()
    picker = app.get_by_role("combobox", name="Add a customer")
    expect(picker).to_be_focused()
    picker.press_sequentially("Żak")
    expect(
        app.get_by_role("listbox", name="Found customers").get_by_role("option")
    ).not_to_have_count(0)
    desk.shoot("searching")
    picker.press("Enter")
    desk.shoot("added")
    desk.save()
    expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    desk.shoot("saved")

    after = portal.clients(record_id)
    assert set(before) < set(after)
    assert len(after) == len(before) + 1
    assert portal.records[record_id].updated_by == REGULAR_USER

    app.get_by_role("button", name="Undo").click()
    expect(app.get_by_role("status").filter(has_text="Undone")).to_be_visible()
    assert portal.clients(record_id) == before


def test_removing_and_choosing_the_main_customer(installed_desk: Desk) -> None:
    desk, app, portal = installed_desk, installed_desk.app, installed_desk.portal
    number = next(n for n in portal.records if count_contacts(portal.clients(n)) >= 3)
    open_record(desk, number)
    customers = app.get_by_role("list", name="Customers").get_by_role("listitem")
    expect(customers.first).to_contain_text("Main customer")
    first, second = (customers.nth(i).get_attribute("data-name") for i in range(2))

    app.get_by_role("button", name=f"Make {second} the main customer").click()
    expect(customers.first).to_contain_text(second or "")
    expect(customers.first).to_contain_text("Main customer")
    app.get_by_role("button", name=f"Remove {first}").click()
    desk.save()
    expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    rows = portal.records[number].clients
    assert [row.id for row in rows if row.primary] == [int(key_of(customers.first))]
    assert len(rows) == len(customers.all())


def test_the_portals_own_view_shows_who_saved(unopened_desk: Desk) -> None:
    desk, app = unopened_desk, unopened_desk.app
    desk.log_in(REGULAR_USER)
    desk.open()
    number = next(n for n in desk.portal.records if not desk.portal.clients(n))
    open_record(desk, number)
    picker = app.get_by_role("combobox", name="Add a customer")
    picker.press_sequentially("Oliver")
    hits = app.get_by_role("listbox", name="Found customers").get_by_role("option")
    expect(hits.first).to_contain_text("Oliver")
    picker.press("Enter")
    picker.press("Control+Enter")
    expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()

    desk.page.get_by_role("link", name="Waiting list as the portal stores it").click()
    row = desk.page.locator(f"#stored tr[data-record='{number}']")
    expect(row.locator("li[data-primary]")).to_have_count(1)
    expect(row.locator(f"td[data-user='{REGULAR_USER}']")).to_be_visible()
    desk.shoot("stored-view")


def test_the_last_digits_of_a_phone_number_find_a_customer(installed_desk: Desk) -> None:
    desk, app = installed_desk, installed_desk.app
    open_record(desk, next(n for n in desk.portal.records if not desk.portal.clients(n)))
    picker = app.get_by_role("combobox", name="Add a customer")
    picker.press_sequentially("0147")
    hits = app.get_by_role("listbox", name="Found customers").get_by_role("option")
    expect(hits.first).to_have_text(re.compile(r"0\s*1\s*4\s*7"))
    picker.press("Enter")
    expect(app.get_by_role("list", name="Customers").get_by_role("listitem")).to_have_count(1)


def test_an_expired_session_is_renewed_and_typed_text_is_kept(
    installed_desk: Desk,
) -> None:
    desk, app = installed_desk, installed_desk.app
    number = next(n for n in desk.portal.records if not desk.portal.clients(n))
    open_record(desk, number)
    app.get_by_role("textbox", name="Note").fill("Typed before the session ended")
    desk.allow("401")
    with time_machine.travel(time.time() + LIFETIME + 1):
        desk.save()
        expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    assert desk.portal.records[number].note == "Typed before the session ended"


def test_a_reloaded_frame_with_an_expired_launch_renews_itself(installed_desk: Desk) -> None:
    desk = installed_desk
    desk.sandbox.expire_access_tokens()
    desk.allow("401")
    frame = desk.page.frames[-1]
    with desk.page.expect_event("framenavigated"):
        frame.evaluate("location.reload()")
    expect(desk.app.get_by_role("option")).to_have_count(137)


def test_the_tab_of_a_contact_lists_their_records(unopened_desk: Desk) -> None:
    desk, portal = unopened_desk, unopened_desk.portal
    number, contact = next(
        (n, id) for n in portal.records for kind, id in portal.clients(n) if kind == "CONTACT"
    )
    desk.page.goto(f"{portal.url}/crm/contact/details/{contact}/")
    desk.page.get_by_role("tab", name="Waiting list").or_(
        desk.page.get_by_role("link", name="Waiting list", exact=True)
    ).first.click()
    records = desk.app.get_by_role("list", name="Records of this customer")
    expect(records.locator(f"[value='{number}']").first).to_be_visible()
    desk.shoot("contact-tab")


def test_the_main_page_on_a_phone_and_in_the_dark(installed_desk: Desk) -> None:
    desk = installed_desk
    number = next(n for n in desk.portal.records if count_contacts(desk.portal.clients(n)) >= 2)
    desk.look("dark")
    open_record(desk, number)
    desk.shoot("dark")
    desk.page.set_viewport_size({"width": 390, "height": 844})
    expect(desk.app.get_by_role("button", name="Save")).to_be_visible()
    desk.settle()
    desk.shoot("phone-dark")
    desk.look("light")
    desk.app.get_by_role("button", name="Back to the list").click()
    expect(desk.app.get_by_role("option").first).to_be_visible()
    desk.settle()
    desk.shoot("phone-list")


def test_a_record_with_several_customers_at_a_glance(unopened_desk: Desk) -> None:
    desk, app, portal = unopened_desk, unopened_desk.app, unopened_desk.portal
    number = next(
        number
        for number in sorted(portal.records, reverse=True)
        if len(portal.clients(number)) >= 2 and is_latin(portal, number)
    )
    desk.log_in(REGULAR_USER)
    desk.open()
    open_record(desk, number)
    app.get_by_role("combobox", name="Add a customer").press_sequentially("Schm")
    expect(app.get_by_role("listbox", name="Found customers")).to_be_visible()
    desk.shoot("main-page")


def is_latin(portal: Portal, number: int) -> bool:
    """Return whether a machine with few fonts can show these names."""
    people = (portal.state.contacts[id] for kind, id in portal.clients(number) if kind == "CONTACT")
    return all(f"{one.fields['name']}{one.fields['lastName']}".isascii() for one in people)


def key_of(item: Locator) -> str:
    return (item.get_attribute("data-key") or "").partition(":")[2]
