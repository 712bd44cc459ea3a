"""Open pages show what colleagues change, and keep what is being typed."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from playwright.sync_api import Browser, expect

from sandbox import Sandbox
from sandbox.portal.colleague import link_client
from tests.browser.desk import Desk, install, open_desk
from tests.browser.steps import (
    call_portal,
    countdown,
    look_again,
    newcomer,
    open_record,
    record_with_three_contacts,
    wait_for_keys,
)
from tests.cast import NO_CRM_RIGHTS

MANY = 137
"""More than the two pages of records that the app reads first."""


@pytest.mark.records(MANY)
def test_a_colleagues_change_is_announced_and_typed_text_is_kept(installed_desk: Desk) -> None:
    desk, app, portal = installed_desk, installed_desk.app, installed_desk.portal
    number, people = record_with_three_contacts(portal)
    open_record(desk, number)
    app.get_by_role("button", name="Remove").last.click()
    note = app.get_by_role("textbox", name="Note")
    note.fill("Typed while ")
    id, name = newcomer(portal, people)
    link_client(portal, number, "CONTACT", id)
    note.press_sequentially("they")
    notice = app.get_by_role("status").filter(has_text="added outside this app")
    look_again(desk)
    expect(notice).to_be_visible()
    note.press_sequentially(" work")
    expect(note).to_have_value("Typed while they work")
    expect(app.locator(f"#record-{number}")).to_contain_text(name)
    desk.shoot_everywhere("changed-by-a-colleague")

    notice.get_by_role("button", name="Show").click()
    expect(app.get_by_role("list", name="Customers")).to_contain_text(name)
    expect(notice).to_have_count(0)
    expect(note).to_have_value("Typed while they work")
    expect(app.locator("#summary")).to_have_text(re.compile(r"\S"))
    assert len(portal.clients(number)) == 4
    desk.save()
    expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    assert portal.clients(number) == [("CONTACT", one) for one in (*people[:2], id)]


def test_a_read_only_user_sees_a_colleagues_change(unopened_desk: Desk) -> None:
    desk, app, portal = unopened_desk, unopened_desk.app, unopened_desk.portal
    number, people = record_with_three_contacts(portal)
    desk.log_in(NO_CRM_RIGHTS)
    desk.open()
    app.locator(f"#record-{number}").click()
    customers = app.get_by_role("list", name="Customers").get_by_role("listitem")
    expect(customers).to_have_count(len(people))
    id, _name = newcomer(portal, people)
    link_client(portal, number, "CONTACT", id)
    look_again(desk)
    expect(customers).to_have_count(len(people) + 1)
    expect(app.get_by_role("list", name="Customers")).to_contain_text(f"Contact #{id}")
    desk.shoot("changed-for-a-reader")


def test_an_own_save_is_not_announced_as_a_colleagues_change(installed_desk: Desk) -> None:
    desk, app, portal = installed_desk, installed_desk.app, installed_desk.portal
    number, _people = record_with_three_contacts(portal)
    open_record(desk, number)
    app.get_by_role("button", name="Remove").last.click()
    desk.save()
    expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    with desk.page.expect_response(lambda answer: "/news" in answer.url and answer.ok):
        look_again(desk)
    desk.page.wait_for_timeout(300)
    expect(app.locator("#notice")).to_be_empty()


@pytest.mark.records(MANY)
def test_new_records_appear_and_removed_ones_disappear(installed_desk: Desk) -> None:
    desk, app, portal = installed_desk, installed_desk.app, installed_desk.portal
    rows = app.get_by_role("listbox", name="Records")
    count = len(portal.records)
    expect(rows.get_by_role("option")).to_have_count(count)
    opened, gone = list(portal.records)[:2]
    open_record(desk, opened)
    focused = app.locator(f"#record-{opened}")
    focused.focus()
    made = call_portal(portal, "booking.v1.waitlist.add", {"fields": {"note": "Just rang"}})
    call_portal(portal, "booking.v1.waitlist.delete", {"id": gone})
    call_portal(
        portal, "booking.v1.waitlist.update", {"id": opened, "fields": {"note": "Rang again"}}
    )
    look_again(desk)
    expect(app.locator(f"#record-{made}")).to_contain_text("Just rang")
    expect(app.locator(f"#record-{gone}")).to_be_hidden()
    expect(rows.get_by_role("option")).to_have_count(count)
    expect(focused).to_contain_text("Rang again")
    expect(focused).to_be_focused()
    expect(focused).to_have_attribute("aria-selected", "true")
    expect(app.locator(".chip .count").first).to_have_text(str(count))


@pytest.mark.records(MANY)
def test_a_record_removed_while_open_can_be_created_again(installed_desk: Desk) -> None:
    desk, app, portal = installed_desk, installed_desk.app, installed_desk.portal
    number, people = record_with_three_contacts(portal)
    open_record(desk, number)
    app.get_by_role("textbox", name="Note").fill("Typed in vain?")
    call_portal(portal, "booking.v1.waitlist.delete", {"id": number})
    notice = app.get_by_role("status").filter(has_text="no longer exists")
    look_again(desk)
    expect(notice).to_be_visible()
    desk.shoot_everywhere("removed-by-a-colleague")
    notice.get_by_role("button", name="New record with these customers").click()
    expect(app.locator("#editor[data-record=new]")).to_be_visible()
    expect(app.get_by_role("textbox", name="Note")).to_have_value("Typed in vain?")
    desk.save()
    expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    assert portal.clients(max(portal.records)) == [("CONTACT", one) for one in people]


def test_saving_a_removed_record_offers_a_new_one(installed_desk: Desk) -> None:
    desk, app, portal = installed_desk, installed_desk.app, installed_desk.portal
    number, people = record_with_three_contacts(portal)
    open_record(desk, number)
    app.get_by_role("button", name="Remove").last.click()
    del portal.state.records[number]
    desk.allow("410")
    desk.save()
    alert = app.get_by_role("alert")
    alert.get_by_role("button", name="New record with these customers").click()
    expect(app.locator("#editor[data-record=new]")).to_be_visible()
    expect(alert).to_be_empty()
    desk.save()
    expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    assert portal.clients(max(portal.records)) == [("CONTACT", one) for one in people[:2]]


def note_for_a_busy_portal(desk: Desk, fault: str) -> int:
    """Type a note that a busy portal refuses; return the record's id."""
    number = next(iter(desk.portal.records))
    open_record(desk, number)
    desk.app.get_by_role("textbox", name="Note").fill("Typed in the rush hour")
    desk.portal.faults.add(fault, "booking.v1.waitlist.get")
    desk.allow("503")
    desk.save()
    return number


def test_a_save_on_a_busy_portal_is_repeated_later(installed_desk: Desk) -> None:
    desk, app, portal = installed_desk, installed_desk.app, installed_desk.portal
    desk.page.clock.install()
    number = note_for_a_busy_portal(desk, "QUERY_LIMIT_EXCEEDED")
    expect(countdown(desk)).to_have_text(re.compile(r"Trying again in \d+ seconds?\."))
    desk.shoot("countdown")
    portal.faults.clear()
    desk.page.clock.fast_forward(60_000)
    expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    expect(app.get_by_role("alert")).to_be_empty()
    assert portal.records[number].note == "Typed in the rush hour"


def test_a_repeated_save_does_not_interrupt_typing(installed_desk: Desk) -> None:
    desk, app = installed_desk, installed_desk.app
    desk.page.clock.install()
    number = note_for_a_busy_portal(desk, "OPERATION_TIME_LIMIT")
    expect(countdown(desk)).to_have_text("Trying again in 10 minutes.")
    desk.page.clock.fast_forward(9 * 60_000)
    expect(countdown(desk)).to_have_text(re.compile(r"Trying again in (2 minutes|\d+ seconds)\."))
    app.get_by_role("textbox", name="Note").press("End")
    app.get_by_role("textbox", name="Note").press_sequentially(", and later")
    expect(countdown(desk)).to_have_count(0)
    expect(app.get_by_role("alert").locator(".step")).to_have_text("Try again in 10 minutes.")
    desk.portal.requests.clear()
    desk.portal.faults.clear()
    desk.page.clock.fast_forward(5 * 60_000)
    desk.page.wait_for_timeout(300)
    assert desk.portal.records[number].note != "Typed in the rush hour"
    assert [request for request in desk.portal.requests if "update" in request.method] == []


def test_a_hidden_page_asks_for_no_live_updates(unopened_desk: Desk) -> None:
    desk = unopened_desk
    desk.page.add_init_script(
        "Object.defineProperty(document, 'visibilityState', "
        "{ get: () => window.looking ? 'visible' : 'hidden' })"
    )
    asked: list[str] = []
    desk.page.on("request", lambda request: asked.append(request.url))
    desk.page.clock.install()
    desk.open()
    desk.page.clock.fast_forward(3_000)
    desk.page.wait_for_timeout(300)
    desk.page.clock.fast_forward(60_000)
    desk.page.wait_for_timeout(300)
    assert [url for url in asked if "/news" in url] == []
    with desk.page.expect_request("**/records/news*"):
        desk.frame.evaluate(
            "window.looking = true; document.dispatchEvent(new Event('visibilitychange'))"
        )


def test_n_opens_a_new_record_and_a_question_mark_lists_the_shortcuts(installed_desk: Desk) -> None:
    desk, app = installed_desk, installed_desk.app
    # The arrows work before the other keys do.
    wait_for_keys(desk)
    app.get_by_role("searchbox", name="Search the waiting list").press("ArrowDown")
    app.locator(":focus").press("?")
    keys = app.get_by_role("dialog", name="Keyboard shortcuts")
    expect(keys).to_be_visible()
    desk.shoot("keys")
    keys.press("Escape")
    expect(keys).to_be_hidden()
    app.locator(":focus").press("n")
    expect(app.locator("#editor[data-record=new]")).to_be_visible()
    note = app.get_by_role("textbox", name="Note")
    note.press_sequentially("Not now? Next / never")
    expect(note).to_have_value("Not now? Next / never")
    expect(keys).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_notices_and_keys_fit_a_phone(
    browser: Browser, desk_sandbox: Sandbox, scheme: Literal["light", "dark"]
) -> None:
    size = {"width": 390, "height": 844}
    with open_desk(browser, desk_sandbox, viewport=size, color_scheme=scheme) as desk:
        install(desk_sandbox)
        desk.open()
        number, people = record_with_three_contacts(desk.portal)
        open_record(desk, number)
        desk.app.get_by_role("textbox", name="Note").fill("Typed while they work")
        link_client(desk.portal, number, "CONTACT", newcomer(desk.portal, people)[0])
        notice = desk.app.get_by_role("status").filter(has_text="added outside this app")
        look_again(desk)
        expect(notice).to_be_visible()
        notice.scroll_into_view_if_needed()
        desk.shoot(f"changed-390-{scheme}")
        assert fits(desk)
        wait_for_keys(desk)
        desk.app.locator("#record-title").press("?")
        expect(desk.app.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
        desk.shoot(f"keys-390-{scheme}")
        assert fits(desk)


def fits(desk: Desk) -> bool:
    return bool(desk.frame.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.records(MANY)
def test_the_main_page_and_a_customers_tab_follow_each_other(installed_desk: Desk) -> None:
    desk, app, portal = installed_desk, installed_desk.app, installed_desk.portal
    number, people = record_with_three_contacts(portal)
    tab = Desk(desk.page.context.new_page(), desk.sandbox, desk.complaints)
    tab.page.goto(f"{portal.url}/crm/contact/details/{people[-1]}/")
    tab.page.get_by_role("tab").last.click()
    row = tab.app.locator(f"#row-{number}")
    expect(row).to_be_visible()

    desk.page.bring_to_front()
    open_record(desk, number)
    app.get_by_role("button", name="Remove").last.click()
    desk.save()
    expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    tab.page.bring_to_front()
    look_again(tab)
    expect(row).to_be_hidden()

    link_client(portal, number, "CONTACT", people[-1])
    look_again(tab)
    expect(row).to_be_visible()

    row.get_by_role("button", name="Remove from this record").click()
    expect(tab.app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    desk.page.bring_to_front()
    _, name = newcomer(portal, [one for one in portal.state.contacts if one != people[-1]])
    look_again(desk)
    expect(app.locator(f"#record-{number}")).not_to_contain_text(name)
