"""Live updates of the tabs, which do not disturb work in them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from sandbox.portal.colleague import link_client
from sandbox.portal.portal import Portal
from tests.browser.desk import Desk
from tests.browser.held import HeldRequests
from tests.browser.steps import (
    call_portal,
    colleague_sets,
    deal_customers,
    full_deal,
    look_again,
    newcomer,
    open_tab,
    record_with_three_contacts,
)


def test_live_updates_of_a_customers_tab_do_not_disturb_work_in_it(
    unopened_desk: Desk,
) -> None:
    desk, app, portal = unopened_desk, unopened_desk.app, unopened_desk.portal
    oldest, middle, newest = (sorted(portal.records)[n] for n in (0, 1, -1))
    person = next(
        id
        for id in portal.state.contacts
        if not any(("CONTACT", id) in portal.clients(n) for n in portal.records)
    )
    for number in (oldest, newest):
        link_client(portal, number, "CONTACT", person)
    desk.page.goto(f"{portal.url}/crm/contact/details/{person}/")
    desk.page.get_by_role("tab", name="Waiting list").click()
    app.locator(f"#row-{oldest}").get_by_role("button", name="Remove from this record").click()
    expect(app.get_by_role("button", name="Undo")).to_be_visible()
    app.get_by_role("button", name="New record").click()
    note = app.get_by_role("textbox", name="Note")
    note.fill("Typed while ")
    link_client(portal, oldest, "CONTACT", person)
    link_client(portal, middle, "CONTACT", person)
    call_portal(
        portal, "booking.v1.waitlist.update", {"id": middle, "fields": {"note": "Just rang"}}
    )
    call_portal(
        portal, "booking.v1.waitlist.update", {"id": oldest, "fields": {"note": "Long ago"}}
    )
    look_again(desk)
    expect(app.locator(f"#row-{middle}")).to_contain_text("Just rang")
    shown = app.locator("#waiting > li:not([hidden])")
    order = shown.evaluate_all("rows => rows.map((row) => Number(row.dataset.record))")
    assert order == [newest, middle, oldest]
    expect(app.locator("#count")).to_contain_text("waits on 3 records")
    expect(note).to_be_focused()
    note.press_sequentially("they work")
    expect(note).to_have_value("Typed while they work")


def test_focus_moves_to_the_count_when_its_row_disappears(unopened_desk: Desk) -> None:
    desk, app, portal = unopened_desk, unopened_desk.app, unopened_desk.portal
    number, people = record_with_three_contacts(portal)
    desk.page.goto(f"{portal.url}/crm/contact/details/{people[-1]}/")
    desk.page.get_by_role("tab", name="Waiting list").click()
    row = app.locator(f"#row-{number}")
    button = row.get_by_role("button", name="Remove from this record")
    button.focus()
    call_portal(
        portal, "booking.v1.waitlist.update", {"id": number, "fields": {"note": "Rang again"}}
    )
    look_again(desk)
    expect(row).to_contain_text("Rang again")
    expect(button).to_be_focused()
    colleague_sets(portal, number, people[:2])
    call_portal(portal, "booking.v1.waitlist.update", {"id": number, "fields": {"note": "Gone"}})
    look_again(desk)
    expect(row).to_be_hidden()
    expect(app.locator("#count")).to_be_focused()


def test_an_older_live_update_does_not_revert_a_change_in_the_tab(unopened_desk: Desk) -> None:
    desk, app, portal = unopened_desk, unopened_desk.app, unopened_desk.portal
    number, people = record_with_three_contacts(portal)
    desk.page.goto(f"{portal.url}/crm/contact/details/{people[-1]}/")
    desk.page.get_by_role("tab", name="Waiting list").click()
    row = app.locator(f"#row-{number}")
    expect(row).to_be_visible()
    call_portal(
        portal, "booking.v1.waitlist.update", {"id": number, "fields": {"note": "Rang again"}}
    )
    news = HeldRequests(desk, "**/card/news*")
    look_again(desk)
    news.stop()
    late = news[0].fetch()
    assert "Rang again" in late.text()
    row.get_by_role("button", name="Remove from this record").click()
    expect(row).to_be_hidden()
    with desk.page.expect_response("**/card/news*"):
        news[0].fulfill(response=late)
    desk.page.wait_for_timeout(300)
    expect(row).to_be_hidden()
    expect(app.locator("#count")).to_contain_text("isn't on the waiting list.")


@pytest.fixture
def deal(unopened_desk: Desk) -> int:
    """Open the tab of a deal with two contacts and a company that are on no record."""
    number = full_deal(unopened_desk.portal)
    open_tab(unopened_desk, "deal", number)
    return number


def put_everybody(portal: Portal, deal: int, number: int) -> None:
    for kind, id in deal_customers(portal, deal):
        link_client(portal, number, kind, id)


def test_live_updates_of_a_deals_tab_keep_what_was_selected_and_typed(
    unopened_desk: Desk, deal: int
) -> None:
    desk, app, portal = unopened_desk, unopened_desk.app, unopened_desk.portal
    number, people = record_with_three_contacts(portal)
    gone = next(n for n in reversed(portal.records) if n != number)
    id, name = newcomer(portal, people)
    app.get_by_role("listbox", name="Records").hover()
    app.locator(f"#pick-{number}").click()
    app.get_by_role("switch", name="Remove everyone else from the record").check()
    company = app.get_by_role("group", name="Customers of this deal").get_by_role("checkbox").last
    company.uncheck()
    field = app.get_by_role("combobox", name="Record")
    field.click()
    field.press_sequentially("Żak")

    link_client(portal, number, "CONTACT", id)
    made = call_portal(portal, "booking.v1.waitlist.add", {"fields": {"note": "Żak just rang"}})
    call_portal(portal, "booking.v1.waitlist.delete", {"id": gone})
    look_again(desk)
    expect(app.locator(f"#pick-{made}")).to_contain_text("just rang")
    expect(app.locator(f"#pick-{number}")).to_contain_text(name)
    expect(app.locator(f"#pick-{gone}")).to_have_count(0)
    expect(app.locator(f"#pick-{number}")).to_be_hidden()
    expect(field).to_be_focused()
    expect(field).to_have_value("Żak")
    desk.shoot_everywhere("deal-tab-changed-by-a-colleague")
    expect(company).not_to_be_checked()
    expect(app.get_by_role("switch", name="Remove everyone else from the record")).to_be_checked()
    expect(app.locator("#chosen")).to_have_value(str(number))

    app.get_by_role("button", name="Put on the waiting list").click()
    expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    # The user had not seen customers who were added after the switch was set.
    assert set(portal.clients(number)) == {*deal_customers(portal, deal)[:2], ("CONTACT", id)}


def test_a_deals_tab_says_when_its_customers_are_already_on_the_record(
    unopened_desk: Desk, deal: int
) -> None:
    app, portal = unopened_desk.app, unopened_desk.portal
    number = min(portal.records)
    put_everybody(portal, deal, number)
    row = app.locator(f"#pick-{number}")
    look_again(unopened_desk)
    expect(row).to_contain_text("already on this record")
    expect(row).to_be_in_viewport()
    expect(app.get_by_role("combobox", name="Record")).to_have_accessible_description("New record")
    expect(app.get_by_role("button", name="Put on the waiting list")).to_be_enabled()
    # Reading the whole list now does not change that.
    app.get_by_role("listbox", name="Records").hover()
    expect(app.get_by_role("option")).to_have_count(len(portal.records) + 1)
    expect(row).to_be_in_viewport()
    row.click()
    expect(app.locator("#already")).to_have_text("They are already on this record.")
    expect(app.get_by_role("button", name="Put on the waiting list")).to_be_disabled()


def test_a_chosen_record_that_disappears_is_not_replaced_by_another(
    unopened_desk: Desk, deal: int
) -> None:
    desk, app, portal = unopened_desk, unopened_desk.app, unopened_desk.portal
    number, before = list(portal.records)[-2], len(portal.records)
    app.get_by_role("listbox", name="Records").hover()
    app.locator(f"#pick-{number}").click()
    button = app.get_by_role("button", name="Put on the waiting list")
    expect(button).to_be_enabled()
    call_portal(portal, "booking.v1.waitlist.delete", {"id": number})
    look_again(desk)
    expect(app.get_by_role("status").filter(has_text="no longer exists")).to_be_visible()
    expect(button).to_be_disabled()
    expect(app.get_by_role("combobox", name="Record")).to_have_accessible_description(
        re.compile(f"#{number}$")
    )
    desk.shoot_everywhere("deal-tab-record-gone")
    app.locator("#pick-new").click()
    expect(app.locator(f"#pick-{number}")).to_have_count(0)
    expect(app.locator("#already")).to_be_empty()
    button.click()
    expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    assert len(portal.records) == before
    (made,) = [n for n in portal.records if portal.clients(n) == deal_customers(portal, deal)]
    assert [row.value for row in portal.records[made].external] == [str(deal)]


def test_an_older_live_update_does_not_revert_a_save_in_a_deals_tab(
    unopened_desk: Desk, deal: int
) -> None:
    desk, app, portal = unopened_desk, unopened_desk.app, unopened_desk.portal
    number, _people = record_with_three_contacts(portal)
    app.get_by_role("listbox", name="Records").hover()
    row = app.locator(f"#pick-{number}")
    row.click()
    call_portal(
        portal, "booking.v1.waitlist.update", {"id": number, "fields": {"note": "Rang again"}}
    )
    news = HeldRequests(desk, "**/card/deal/news*")
    look_again(desk)
    news.stop()
    late = news[0].fetch()
    assert "Rang again" in late.text()
    app.get_by_role("button", name="Put on the waiting list").click()
    expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    with desk.page.expect_response("**/card/deal/news*"):
        news[0].fulfill(response=late)
    desk.page.wait_for_timeout(300)
    expect(row).to_contain_text("already on this record")
    assert set(deal_customers(portal, deal)) <= set(portal.clients(number))
