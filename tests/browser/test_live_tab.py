"""A customer's tab follows what colleagues do, and disturbs nobody who works there."""

from __future__ import annotations

from playwright.sync_api import Route, expect

from tests.browser.conftest import Desk
from tests.browser.test_live import SOON, tell
from tests.browser.test_two_people import colleague_sets, record_of_three


def test_what_comes_to_a_customers_tab_disturbs_nobody_who_works_there(
    installed_desk: Desk,
) -> None:
    desk, app, portal = installed_desk, installed_desk.app, installed_desk.portal
    oldest, middle, newest = (sorted(portal.records)[n] for n in (0, 1, -1))
    person = next(
        id
        for id in portal.state.contacts
        if not any(("CONTACT", id) in portal.clients(n) for n in portal.records)
    )
    for number in (oldest, newest):
        portal.link_client(number, "CONTACT", person)
    desk.page.goto(f"{portal.url}/crm/contact/details/{person}/")
    desk.page.get_by_role("tab", name="Waiting list").click()
    app.locator(f"#row-{oldest}").get_by_role("button", name="Remove from this record").click()
    expect(app.get_by_role("button", name="Undo")).to_be_visible()
    app.get_by_role("button", name="New record").click()
    note = app.get_by_role("textbox", name="Note")
    note.fill("Typed while ")
    portal.link_client(oldest, "CONTACT", person)
    portal.link_client(middle, "CONTACT", person)
    tell(portal, "booking.v1.waitlist.update", {"id": middle, "fields": {"note": "Just rang"}})
    tell(portal, "booking.v1.waitlist.update", {"id": oldest, "fields": {"note": "Long ago"}})
    expect(app.locator(f"#row-{middle}")).to_contain_text("Just rang", timeout=SOON)
    shown = app.locator("#waiting > li:not([hidden])")
    order = shown.evaluate_all("rows => rows.map((row) => Number(row.dataset.record))")
    assert order == [newest, middle, oldest]
    expect(app.locator("#count")).to_have_text("On 3 records")
    expect(note).to_be_focused()
    note.press_sequentially("they work")
    expect(note).to_have_value("Typed while they work")


def test_who_is_on_a_row_that_goes_is_taken_to_the_count(installed_desk: Desk) -> None:
    desk, app, portal = installed_desk, installed_desk.app, installed_desk.portal
    number, people = record_of_three(portal)
    desk.page.goto(f"{portal.url}/crm/contact/details/{people[-1]}/")
    desk.page.get_by_role("tab", name="Waiting list").click()
    row = app.locator(f"#row-{number}")
    button = row.get_by_role("button", name="Remove from this record")
    button.focus()
    tell(portal, "booking.v1.waitlist.update", {"id": number, "fields": {"note": "Rang again"}})
    expect(row).to_contain_text("Rang again", timeout=SOON)
    expect(button).to_be_focused()
    colleague_sets(portal, number, people[:2])
    tell(portal, "booking.v1.waitlist.update", {"id": number, "fields": {"note": "Gone"}})
    expect(row).to_be_hidden(timeout=SOON)
    expect(app.locator("#count")).to_be_focused()


def test_news_from_before_a_change_in_the_tab_do_not_take_it_back(installed_desk: Desk) -> None:
    desk, app, portal = installed_desk, installed_desk.app, installed_desk.portal
    number, people = record_of_three(portal)
    desk.page.goto(f"{portal.url}/crm/contact/details/{people[-1]}/")
    desk.page.get_by_role("tab", name="Waiting list").click()
    row = app.locator(f"#row-{number}")
    expect(row).to_be_visible()
    tell(portal, "booking.v1.waitlist.update", {"id": number, "fields": {"note": "Rang again"}})
    asked: list[Route] = []
    desk.page.route("**/card/news", lambda route: asked.append(route), times=1)
    with desk.page.expect_request("**/card/news", timeout=SOON):
        pass
    desk.page.wait_for_timeout(100)
    late = asked[0].fetch()
    assert "Rang again" in late.text()
    row.get_by_role("button", name="Remove from this record").click()
    expect(row).to_be_hidden()
    with desk.page.expect_response("**/card/news"):
        asked[0].fulfill(response=late)
    desk.page.wait_for_timeout(500)
    expect(row).to_be_hidden()
    expect(app.locator("#count")).to_have_text("Not on the waiting list yet")
