"""The tabs in the CRM cards of customers and deals, and their cost in clicks.

The figures are targets: clicks after the click on the tab, without keys.
"""

from __future__ import annotations

import time
from typing import Literal

import pytest
import time_machine
from playwright.sync_api import Browser, Frame, Locator, ViewportSize, expect

from oauth.frame_sessions import LIFETIME
from sandbox import Sandbox
from sandbox.core.model import ExternalRow
from sandbox.portal.portal import Portal
from tests.browser.axe import OF_COLORS, violations
from tests.browser.counting import Effort, count_effort
from tests.browser.desk import ON_A_PHONE, PHONE, Desk, install, open_desk
from tests.browser.held import HeldRequests
from tests.browser.steps import (
    busy_contact,
    contact_on,
    deal_customers,
    full_deal,
    open_tab,
    records_of,
)
from tests.cast import ADMINISTRATOR, REGULAR_USER

SIZES = [ViewportSize(width=1366, height=900), PHONE]
BOTH = pytest.mark.parametrize("user_id", [ADMINISTRATOR, REGULAR_USER])

NOTE_OFFER = """() => {
    window.offer = [];
    const look = () => {
        const isThere = Boolean(document.getElementById('undo'));
        if (isThere === (window.offer.length % 2 === 0)) window.offer.push(Date.now());
    };
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
}"""
"""Notes when *Undo* appears and when it goes, by the page's clock."""


@pytest.fixture
def effort(unopened_desk: Desk) -> Effort:
    """Count from the next page on, with the portal's limits on."""
    unopened_desk.sandbox.switches.limits = True
    return count_effort(unopened_desk.page)


@pytest.fixture
def portal(unopened_desk: Desk) -> Portal:
    return unopened_desk.portal


def judge(desk: Desk, name: str) -> None:
    """Check that axe finds nothing in light and dark mode, and that nothing overflows.

    Both are looked at on a desktop and on a phone, and screenshots are taken.
    """
    frame = desk.page.frames[-1]
    schemes: dict[Literal["dark", "light"], list[str] | None] = {"dark": OF_COLORS, "light": None}
    for size in SIZES:
        desk.page.set_viewport_size(size)
        for scheme, rules in schemes.items():
            desk.look(scheme)
            desk.settle()
            seen = f"{name}-{size['width']}-{scheme}"
            desk.shoot(seen)
            assert violations(frame, rules) == [], seen
            assert fits(frame), seen
    desk.page.set_viewport_size(SIZES[0])
    desk.settle()


def fits(frame: Frame) -> bool:
    """Return whether nothing of a frame is beside its window."""
    return bool(frame.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def waiting(desk: Desk) -> Locator:
    return desk.app.get_by_role("list", name="Records of this customer").get_by_role("listitem")


def expect_saved(desk: Desk, text: str = "Saved") -> None:
    expect(desk.app.get_by_role("status").filter(has_text=text)).to_be_visible()


@BOTH
def test_the_records_of_a_customer_are_one_click_away(
    unopened_desk: Desk, portal: Portal, effort: Effort, user_id: int
) -> None:
    unopened_desk.log_in(user_id)
    open_tab(unopened_desk, "contact", busy_contact(portal), effort)
    expect(waiting(unopened_desk)).to_have_count(3)
    expect(unopened_desk.app.get_by_text("waits on 3 records")).to_be_visible()
    assert effort.spent() == (1, 0)


@BOTH
def test_adding_a_customer_to_a_record_takes_three_clicks(
    unopened_desk: Desk, portal: Portal, effort: Effort, user_id: int
) -> None:
    desk, app = unopened_desk, unopened_desk.app
    desk.log_in(user_id)
    number = contact_on(portal, 0)
    open_tab(desk, "contact", number, effort)
    expect(app.get_by_text("isn't on the waiting list.")).to_be_visible()
    app.get_by_role("button", name="Add to a record").click()
    option = app.get_by_role("listbox", name="Records").get_by_role("option").nth(2)
    record = int(option.get_attribute("value") or 0)
    before = portal.clients(record)
    option.click()
    expect_saved(desk)
    assert effort.spent() == (3, 0)
    expect(waiting(desk)).to_have_count(1)
    assert portal.clients(record) == [*before, ("CONTACT", number)]
    assert portal.records[record].updated_by == user_id

    app.get_by_role("button", name="Undo").click()
    expect_saved(desk, "Undone")
    expect(app.get_by_text("isn't on the waiting list.")).to_be_visible()
    assert portal.clients(record) == before


@BOTH
def test_a_new_record_for_a_customer_takes_three_clicks(
    unopened_desk: Desk, portal: Portal, effort: Effort, user_id: int
) -> None:
    desk, app = unopened_desk, unopened_desk.app
    desk.log_in(user_id)
    number, before = contact_on(portal, 0), set(portal.records)
    open_tab(desk, "contact", number, effort)
    app.get_by_role("button", name="New record").click()
    app.get_by_role("button", name="Create").click()
    expect_saved(desk)
    assert effort.spent() == (3, 0)
    (record,) = set(portal.records) - before
    assert portal.clients(record) == [("CONTACT", number)]
    expect(waiting(desk)).to_have_count(1)
    expect(app.get_by_text("waits on 1 record")).to_be_visible()

    app.get_by_role("button", name="Undo").click()
    expect_saved(desk, "Undone")
    assert set(portal.records) == before


@BOTH
def test_removing_a_customer_from_a_record_takes_two_clicks(
    unopened_desk: Desk, portal: Portal, effort: Effort, user_id: int
) -> None:
    desk, app = unopened_desk, unopened_desk.app
    desk.log_in(user_id)
    number = busy_contact(portal)
    open_tab(desk, "contact", number, effort)
    record = int(waiting(desk).nth(1).get_attribute("data-record") or 0)
    before = portal.clients(record)
    waiting(desk).nth(1).get_by_role("button", name="Remove from this record").click()
    expect_saved(desk)
    assert effort.spent() == (2, 0)
    expect(waiting(desk)).to_have_count(2)
    assert ("CONTACT", number) not in portal.clients(record)

    app.get_by_role("button", name="Undo").click()
    expect_saved(desk, "Undone")
    expect(waiting(desk)).to_have_count(3)
    assert set(portal.clients(record)) == set(before)


def test_an_expired_session_is_renewed_in_the_tab(unopened_desk: Desk, portal: Portal) -> None:
    desk, number = unopened_desk, busy_contact(portal)
    open_tab(desk, "contact", number)
    record = int(waiting(desk).first.get_attribute("data-record") or 0)
    desk.allow("401")
    with time_machine.travel(time.time() + LIFETIME + 1):
        waiting(desk).first.get_by_role("button", name="Remove from this record").click()
        expect_saved(desk)
    assert ("CONTACT", number) not in portal.clients(record)


def test_a_portal_error_is_shown_and_can_be_retried(unopened_desk: Desk, portal: Portal) -> None:
    desk, number = unopened_desk, busy_contact(portal)
    open_tab(desk, "contact", number)
    portal.faults.add("feature_off", "booking.v1.waitlist.client.*", feature="booking")
    desk.allow("403")
    waiting(desk).first.get_by_role("button", name="Remove from this record").click()
    expect(desk.app.get_by_role("alert").filter(has_text="plan")).to_be_visible()
    expect(waiting(desk)).to_have_count(3)
    portal.faults.clear()
    waiting(desk).first.get_by_role("button", name="Remove from this record").click()
    expect_saved(desk)
    expect(desk.app.get_by_role("alert").filter(has_text="plan")).to_have_count(0)


def test_undo_is_offered_for_ten_seconds(unopened_desk: Desk, portal: Portal) -> None:
    desk = unopened_desk
    desk.page.clock.install()
    open_tab(desk, "contact", busy_contact(portal))
    desk.frame.evaluate(NOTE_OFFER)
    waiting(desk).first.get_by_role("button", name="Remove from this record").click()
    # A row under the pointer is not removed.
    desk.page.mouse.move(0, 0)
    undo = desk.app.get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    desk.page.clock.run_for(11_000)
    expect(undo).to_have_count(0)
    shown, gone = desk.frame.evaluate("window.offer")
    assert 9_900 <= gone - shown <= 12_000


def test_a_record_is_found_and_chosen_by_keyboard(unopened_desk: Desk, portal: Portal) -> None:
    desk, app = unopened_desk, unopened_desk.app
    number = contact_on(portal, 0)
    open_tab(desk, "contact", number)
    app.get_by_role("button", name="Add to a record").click()
    field = app.get_by_role("combobox", name="Search the waiting list")
    expect(field).to_be_focused()
    field.press_sequentially("Polish")
    options = app.get_by_role("listbox", name="Records").get_by_role("option")
    expect(options.first).to_contain_text("Polish")
    count = options.count()
    assert 0 < count < 40
    field.press("Enter")
    assert records_of(portal, "CONTACT", number) == []
    field.press("ArrowDown")
    field.press("Enter")
    expect_saved(desk)
    assert len(records_of(portal, "CONTACT", number)) == 1


def test_a_company_adds_its_selected_contacts(unopened_desk: Desk, portal: Portal) -> None:
    desk, app = unopened_desk, unopened_desk.app
    contact = next(item for item in portal.state.contacts.values() if item.fields["companyId"])
    before = set(portal.records)
    open_tab(desk, "company", contact.fields["companyId"])
    group = app.get_by_role("group", name="Add these contacts too")
    expect(group.locator("label").first).to_contain_text(contact.fm[0].value)
    expect(group.locator("label:not([translate=no])")).to_have_count(0)
    group.get_by_role("checkbox").first.check()
    app.get_by_role("button", name="New record").click()
    desk.shoot_everywhere("company-tab")
    app.get_by_role("button", name="Create").click()
    expect_saved(desk)
    (record,) = set(portal.records) - before
    assert [kind for kind, _ in portal.clients(record)] == ["CONTACT", "COMPANY"]


@BOTH
def test_a_deal_gets_a_new_record_in_two_clicks(
    unopened_desk: Desk, portal: Portal, effort: Effort, user_id: int
) -> None:
    desk, app = unopened_desk, unopened_desk.app
    desk.log_in(user_id)
    deal, before = full_deal(portal), set(portal.records)
    open_tab(desk, "deal", deal, effort)
    boxes = app.get_by_role("group", name="Customers of this deal").get_by_role("checkbox")
    expect(boxes).to_have_count(3)
    assert all(box.is_checked() for box in boxes.all())
    expect(app.get_by_role("combobox", name="Record")).to_have_accessible_description("New record")
    app.get_by_role("button", name="Put on the waiting list").click()
    expect_saved(desk)
    assert effort.spent() == (2, 0)
    (record,) = set(portal.records) - before
    assert portal.clients(record) == deal_customers(portal, deal)
    assert portal.records[record].external == [ExternalRow("crm", "DEAL", str(deal))]
    assert portal.records[record].updated_by == user_id
    expect(app.get_by_text("already on this record").first).to_be_visible()
    expect(app.get_by_role("button", name="Put on the waiting list")).to_be_disabled()

    app.get_by_role("button", name="Undo").click()
    expect_saved(desk, "Undone")
    assert set(portal.records) == before
    expect(app.get_by_role("combobox", name="Record")).to_have_accessible_description("New record")


@BOTH
def test_a_deal_is_added_to_a_record_in_three_clicks(
    unopened_desk: Desk, portal: Portal, effort: Effort, user_id: int
) -> None:
    desk, app = unopened_desk, unopened_desk.app
    desk.log_in(user_id)
    deal = full_deal(portal)
    open_tab(desk, "deal", deal, effort)
    choosing = app.get_by_role("listbox", name="Records")
    choosing.hover()
    option = choosing.get_by_role("option").nth(3)
    record = int(option.get_attribute("value") or 0)
    before = portal.clients(record)
    option.click()
    app.get_by_role("button", name="Put on the waiting list").click()
    expect_saved(desk)
    assert effort.spent() == (3, 0)
    assert set(portal.clients(record)) == {*before, *deal_customers(portal, deal)}

    app.get_by_role("button", name="Undo").click()
    expect_saved(desk, "Undone")
    assert portal.clients(record) == before


@BOTH
def test_a_deal_is_added_to_a_record_in_three_taps(
    browser: Browser, desk_sandbox: Sandbox, user_id: int
) -> None:
    with open_desk(browser, desk_sandbox, **ON_A_PHONE) as desk:
        app, portal = desk.app, desk.portal
        install(desk_sandbox)
        desk.log_in(user_id)
        desk_sandbox.switches.limits = True
        effort, deal = count_effort(desk.page), full_deal(portal)
        desk.page.goto(f"{portal.url}/crm/deal/details/{deal}/")
        effort.start()
        desk.page.get_by_role("tab", name="Waiting list").tap()
        options = app.get_by_role("listbox", name="Records").get_by_role("option")
        expect(options).to_have_count(len(portal.records) + 1, timeout=15_000)
        desk.settle()
        desk.shoot("deal-tab-before-a-tap")
        record = int(options.nth(2).get_attribute("value") or 0)
        before = portal.clients(record)
        options.nth(2).tap()
        app.get_by_role("button", name="Put on the waiting list").tap()
        expect_saved(desk)
        assert effort.spent() == (3, 0)
        assert set(portal.clients(record)) == {*before, *deal_customers(portal, deal)}
        desk.shoot("deal-tab-after-three-taps")


def test_with_a_mouse_the_list_is_read_only_when_pointed_at(
    unopened_desk: Desk, portal: Portal
) -> None:
    desk, deal = unopened_desk, full_deal(portal)
    portal.requests.clear()
    open_tab(desk, "deal", deal)
    expect(desk.app.get_by_role("combobox", name="Record")).to_have_accessible_description(
        "New record"
    )
    desk.page.wait_for_timeout(300)
    assert not any("booking.v1.waitlist.list" in request.methods for request in portal.requests)
    desk.app.get_by_role("listbox", name="Records").hover()
    expect(desk.app.get_by_role("option")).to_have_count(len(portal.records) + 1)


def test_a_tap_before_a_busy_portal_has_answered_reads_the_list(
    browser: Browser, desk_sandbox: Sandbox
) -> None:
    with open_desk(browser, desk_sandbox, **ON_A_PHONE) as desk:
        install(desk_sandbox)
        desk.allow("503")
        desk.page.route(
            "**/card/deal/records",
            lambda route: route.fulfill(status=503, body="", content_type="text/html"),
            times=1,
        )
        with desk.page.expect_response("**/card/deal/records"):
            open_tab(desk, "deal", full_deal(desk.portal))
        expect(desk.app.get_by_role("alert").filter(has_text="Bitrix24")).to_have_count(0)
        desk.app.locator("#pick-new").tap()
        expect(desk.app.get_by_role("option")).to_have_count(len(desk.portal.records) + 1)


def test_a_deal_replaces_customers_only_when_replace_is_on(
    unopened_desk: Desk, portal: Portal
) -> None:
    desk, app = unopened_desk, unopened_desk.app
    deal = full_deal(portal)
    record = next(n for n, item in portal.records.items() if len(item.clients) == 2)
    open_tab(desk, "deal", deal)
    field = app.get_by_role("combobox", name="Record")
    field.click()
    app.locator(f"#pick-{record}").click()
    expect(field).not_to_have_accessible_description("New record")
    app.get_by_role("switch", name="Remove everyone else from the record").check()
    app.get_by_role("button", name="Put on the waiting list").click()
    expect_saved(desk)
    assert portal.clients(record) == deal_customers(portal, deal)


@pytest.mark.parametrize("kind", ["contact", "deal"])
def test_what_is_typed_before_the_script_is_ready_is_searched(
    unopened_desk: Desk, portal: Portal, kind: str
) -> None:
    desk, app = unopened_desk, unopened_desk.app
    name = "record-picker" if kind == "contact" else "deal"
    script = HeldRequests(desk, f"**/js/cards/{name}.js")
    open_tab(desk, kind, contact_on(portal, 0) if kind == "contact" else full_deal(portal))
    if kind == "contact":
        app.get_by_role("button", name="Add to a record").click()
    field = app.locator("#pick")
    field.press_sequentially("nobody at all")
    expect(app.get_by_text("No matching records.")).to_be_hidden()
    script.release()
    expect(app.get_by_text("No matching records.")).to_be_visible()
    expect(field).to_have_value("nobody at all")


def test_the_tab_of_a_contact_fits_and_is_accessible(unopened_desk: Desk, portal: Portal) -> None:
    desk, app = unopened_desk, unopened_desk.app
    desk.page.set_viewport_size(SIZES[0])
    desk.log_in(REGULAR_USER)
    number = busy_contact(portal)
    open_tab(desk, "contact", number)
    expect(waiting(desk)).to_have_count(3)
    judge(desk, "contact-tab")
    waiting(desk).first.get_by_role("button", name="Remove from this record").click()
    expect_saved(desk)
    judge(desk, "contact-tab-removed")
    app.get_by_role("button", name="Add to a record").click()
    expect(app.get_by_role("listbox", name="Records")).to_be_visible()
    judge(desk, "contact-tab-adding")
    app.get_by_role("button", name="Cancel").click()
    app.get_by_role("button", name="New record").click()
    judge(desk, "contact-tab-new")


def test_the_tab_of_a_deal_fits_and_is_accessible(unopened_desk: Desk, portal: Portal) -> None:
    desk, app = unopened_desk, unopened_desk.app
    desk.page.set_viewport_size(SIZES[0])
    desk.log_in(REGULAR_USER)
    deal = full_deal(portal)
    portal.state.deals[deal].fields["contactIds"].append(
        portal.user(REGULAR_USER).hidden_contacts[0]
    )
    open_tab(desk, "deal", deal)
    app.get_by_role("combobox", name="Record").click()
    expect(app.get_by_role("listbox", name="Records").get_by_role("option")).not_to_have_count(1)
    judge(desk, "deal-tab")
    record = next(n for n, item in portal.records.items() if len(item.clients) == 2)
    app.locator(f"#pick-{record}").click()
    judge(desk, "deal-tab-chosen")
    app.get_by_role("button", name="Put on the waiting list").click()
    expect_saved(desk)
    judge(desk, "deal-tab-saved")


def test_a_deals_new_record_gets_a_note_and_no_link_if_unwanted(
    unopened_desk: Desk, portal: Portal
) -> None:
    app, deal, before = unopened_desk.app, full_deal(portal), set(portal.records)
    open_tab(unopened_desk, "deal", deal)
    app.get_by_role("textbox", name="Note").fill("After 16:00")
    app.get_by_role("checkbox", name="Link this deal").uncheck()
    app.get_by_role("button", name="Put on the waiting list").click()
    expect_saved(unopened_desk)
    (record,) = set(portal.records) - before
    assert portal.records[record].note == "After 16:00"
    assert portal.records[record].external == []
    expect(app.get_by_role("textbox", name="Note")).to_be_hidden()
    expect(app.locator(f"#pick-{record}")).to_have_attribute("aria-checked", "true")


@pytest.mark.records(137)
@pytest.mark.parametrize("kind", ["contact", "deal"])
def test_a_tab_is_as_high_as_its_content_and_shows_no_heading(
    unopened_desk: Desk, portal: Portal, kind: str
) -> None:
    desk = unopened_desk
    open_tab(desk, kind, busy_contact(portal) if kind == "contact" else full_deal(portal))
    bottoms = "all => all.map(one => one.getBoundingClientRect().bottom)"
    lowest = max(desk.app.locator("#app :is(li, button)").evaluate_all(bottoms))
    height = desk.app.locator("#app").evaluate("app => app.offsetHeight")
    assert 0 < height - lowest < 24
    heading = desk.app.get_by_role("heading", name="Waiting list")
    expect(heading).to_have_css("clip-path", "inset(50%)")
    colors = "e => [document.body, e].map(one => getComputedStyle(one).backgroundColor)"
    assert desk.app.locator("#app").evaluate(colors) == ["rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"]


def test_the_actions_of_a_record_stand_in_one_row(unopened_desk: Desk, portal: Portal) -> None:
    desk = unopened_desk
    open_tab(desk, "contact", busy_contact(portal))
    for width in (1366, 390):
        desk.page.set_viewport_size({"width": width, "height": 768})
        desk.settle()
        buttons = waiting(desk).first.get_by_role("button")
        tops = buttons.evaluate_all("all => all.map(one => one.getBoundingClientRect().top)")
        assert len(tops) == 3
        assert len(set(tops)) == 1


def test_the_tabs_read_from_right_to_left(unopened_desk: Desk, portal: Portal) -> None:
    desk = unopened_desk
    for kind, number in (("contact", busy_contact(portal)), ("deal", full_deal(portal))):
        desk.page.goto(f"{portal.url}/crm/{kind}/details/{number}/?lang=ar")
        desk.page.get_by_role("tab").last.click()
        expect(desk.app.locator("html[dir=rtl] h1")).to_be_visible()
        desk.settle()
        desk.shoot_everywhere(f"{kind}-tab-rtl")
        assert fits(desk.frame), kind


def test_a_link_that_may_not_be_copied_is_selected_and_leads_to_the_record(
    unopened_desk: Desk, portal: Portal
) -> None:
    desk, app = unopened_desk, unopened_desk.app
    desk.page.add_init_script("document.execCommand = () => false")
    desk.open()
    record = min(portal.records)
    app.locator(f"[role=option][value='{record}']").click()
    app.locator("#record .menu summary").click()
    app.get_by_role("button", name="Copy link").click()
    address = app.get_by_role("textbox", name="Address")
    expect(address).to_be_focused()
    desk.shoot_everywhere("link")
    selected = address.evaluate("e => e.value.slice(e.selectionStart, e.selectionEnd)")
    assert selected == address.input_value()
    desk.page.goto(selected)
    expect(app.get_by_role("region", name="Record")).to_contain_text(f"#{record}")
    expect(app.get_by_role("option").first).to_be_visible()


@pytest.mark.parametrize("kind", ["contact", "deal"])
def test_a_click_before_the_script_has_loaded_is_carried_out_later(
    unopened_desk: Desk, portal: Portal, kind: str
) -> None:
    desk = unopened_desk
    script = HeldRequests(desk, f"**/js/cards/{'customer' if kind == 'contact' else 'deal'}.js")
    open_tab(desk, kind, contact_on(portal, 0) if kind == "contact" else full_deal(portal))
    name = "New record" if kind == "contact" else "Put on the waiting list"
    desk.app.get_by_role("button", name=name).click()
    script.release()
    if kind == "contact":
        expect(desk.app.get_by_role("textbox", name="Note")).to_be_focused()
    else:
        expect_saved(desk)
