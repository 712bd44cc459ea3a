"""Work on one record: removal, moving customers, history, and the same on a phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from sandbox import Sandbox
from sandbox.portal.colleague import link_client
from tests.browser.counting import Effort, count_effort
from tests.browser.desk import ON_A_PHONE, PHONE, Desk, open_desk
from tests.browser.steps import (
    colleague_sets,
    count_contacts,
    delayed,
    hold_time,
    open_record,
    pass_countdown,
    record_row,
    record_with_three_contacts,
)


@pytest.fixture
def effort(unopened_desk: Desk) -> Effort:
    counted = count_effort(unopened_desk.page)
    unopened_desk.open()
    return counted


def menu(desk: Desk) -> Locator:
    return desk.app.locator(".menu summary")


def begin_to_remove(desk: Desk) -> None:
    hold_time(desk)
    menu(desk).click()
    desk.app.get_by_role("button", name="Remove from the waiting list").click()
    expect(desk.app.get_by_text("Will be removed in")).to_be_visible()


def test_a_record_is_removed_with_two_clicks_after_some_seconds(desk: Desk, effort: Effort) -> None:
    portal = desk.portal
    number, people = record_with_three_contacts(portal)
    open_record(desk, number)
    hold_time(desk)
    effort.start()
    menu(desk).click()
    desk.shoot_everywhere("record-menu")
    desk.app.get_by_role("button", name="Remove from the waiting list").click()
    expect(desk.app.get_by_text("Will be removed in")).to_be_visible()
    assert effort.spent() == (2, 0)
    expect(record_row(desk, number)).to_be_focused()
    expect(record_row(desk, number)).to_have_class("option is-pending-removal")
    desk.shoot("removal-countdown")
    desk.look("dark")
    desk.shoot("removal-countdown-dark")
    desk.look("light")
    assert number in portal.records

    pass_countdown(desk)
    expect(desk.app.get_by_role("heading", name="Removed.")).to_be_focused()
    assert number not in portal.records
    expect(record_row(desk, number)).to_be_hidden()
    desk.shoot_everywhere("removal-done")

    desk.app.get_by_role("button", name="New record with these customers").click()
    expect(desk.app.get_by_role("combobox", name="Add a customer")).to_be_focused()
    expect(desk.app.get_by_role("list", name="Customers").get_by_role("listitem")).to_have_count(3)
    before = set(portal.records)
    desk.save()
    expect(desk.app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    (new,) = set(portal.records) - before
    assert portal.clients(new) == [("CONTACT", person) for person in people]


@pytest.mark.parametrize("by", ["click", "keys"])
def test_a_removal_is_undone_during_its_countdown(desk: Desk, effort: Effort, by: str) -> None:
    portal = desk.portal
    number, _ = record_with_three_contacts(portal)
    open_record(desk, number)
    begin_to_remove(desk)
    effort.start()
    if by == "click":
        desk.app.get_by_role("button", name="Undo").click()
    else:
        desk.page.keyboard.press("Control+z")
    expect(desk.app.get_by_text("Will be removed in")).to_have_count(0)
    assert sum(effort.spent()) == 1
    expect(menu(desk)).to_be_focused()
    expect(record_row(desk, number)).to_have_class("option")
    pass_countdown(desk)
    desk.page.wait_for_timeout(300)
    assert number in portal.records


def test_closing_the_page_during_a_countdown_removes_nothing(installed_desk: Desk) -> None:
    desk, portal = installed_desk, installed_desk.portal
    number, _ = record_with_three_contacts(portal)
    open_record(desk, number)
    begin_to_remove(desk)
    desk.page.reload()
    desk.app.get_by_role("option").first.wait_for()
    pass_countdown(desk)
    desk.page.wait_for_timeout(300)
    assert number in portal.records


def test_another_record_opened_during_a_removal_stays_open(installed_desk: Desk) -> None:
    desk, portal = installed_desk, installed_desk.portal
    number, _ = record_with_three_contacts(portal)
    other = next(n for n in portal.records if n != number)
    open_record(desk, number)
    begin_to_remove(desk)
    open_record(desk, other)
    expect(desk.app.get_by_text("Will be removed in")).to_be_visible()
    desk.app.get_by_role("textbox", name="Note").fill("Typed meanwhile")
    pass_countdown(desk)
    expect(record_row(desk, number)).to_be_hidden()
    assert number not in portal.records
    expect(desk.app.get_by_role("textbox", name="Note")).to_have_value("Typed meanwhile")


def test_a_record_changed_by_a_colleague_is_removed_only_after_a_question(
    installed_desk: Desk,
) -> None:
    desk, portal = installed_desk, installed_desk.portal
    number, people = record_with_three_contacts(portal)
    open_record(desk, number)
    begin_to_remove(desk)
    colleague_sets(portal, number, people[:2])
    desk.allow("409")
    dialog = desk.app.get_by_role(
        "dialog", name="A colleague has changed this record in the meantime"
    )
    pass_countdown(desk)
    expect(dialog).to_be_visible()
    desk.shoot_everywhere("removal-changed")
    assert number in portal.records
    dialog.get_by_role("button", name="Remove anyway").click()
    expect(desk.app.get_by_role("heading", name="Removed.")).to_be_visible()
    assert number not in portal.records


def test_a_failed_removal_can_be_retried(installed_desk: Desk) -> None:
    desk, portal = installed_desk, installed_desk.portal
    number, _ = record_with_three_contacts(portal)
    open_record(desk, number)
    portal.faults.add("error", "booking.v1.waitlist.delete", code="1036", count=1)
    begin_to_remove(desk)
    desk.allow("409")
    alert = desk.app.get_by_role("alert").filter(has_text="could not be removed")
    pass_countdown(desk)
    expect(alert).to_be_visible()
    alert.get_by_role("button", name="Try again").click()
    expect(desk.app.get_by_role("heading", name="Removed.")).to_be_visible()
    assert number not in portal.records


def test_the_undo_key_does_not_stop_a_removal_already_sent(
    installed_desk: Desk,
) -> None:
    desk, portal = installed_desk, installed_desk.portal
    number, _ = record_with_three_contacts(portal)
    open_record(desk, number)
    begin_to_remove(desk)
    with delayed(desk, "booking.v1.waitlist.delete"):
        pass_countdown(desk)
        expect(desk.app.get_by_role("button", name="Undo")).to_be_disabled()
        desk.page.keyboard.press("Control+z")
        expect(desk.app.get_by_text("Will be removed in")).to_be_visible()
    expect(desk.app.get_by_role("heading", name="Removed.")).to_be_visible()
    assert number not in portal.records


def test_unsaved_changes_are_asked_about_before_a_removal(installed_desk: Desk) -> None:
    desk, portal = installed_desk, installed_desk.portal
    number, _ = record_with_three_contacts(portal)
    open_record(desk, number)
    desk.app.get_by_role("textbox", name="Note").fill("Not saved")
    menu(desk).click()
    desk.app.get_by_role("button", name="Remove from the waiting list").click()
    dialog = desk.app.get_by_role("dialog", name="Save your changes?")
    dialog.get_by_role("button", name="Stay").click()
    expect(desk.app.get_by_text("Will be removed in")).to_have_count(0)
    menu(desk).click()
    desk.app.get_by_role("button", name="Remove from the waiting list").click()
    dialog.get_by_role("button", name="Discard").click()
    expect(desk.app.get_by_text("Will be removed in")).to_be_visible()
    desk.app.get_by_role("button", name="Undo").click()
    expect(desk.app.get_by_role("textbox", name="Note")).not_to_have_value("Not saved")


def test_the_menu_works_with_the_keyboard(installed_desk: Desk) -> None:
    desk, portal = installed_desk, installed_desk.portal
    number, _ = record_with_three_contacts(portal)
    open_record(desk, number)
    item = desk.app.get_by_role("button", name="Remove from the waiting list")
    menu(desk).press("Enter")
    expect(item).to_be_visible()
    menu(desk).press("Escape")
    expect(item).to_be_hidden()
    expect(menu(desk)).to_be_focused()
    menu(desk).press("Enter")
    menu(desk).press("Tab")
    expect(desk.app.get_by_role("button", name="Copy link")).to_be_focused()
    desk.page.keyboard.press("Tab")
    expect(item).to_be_focused()
    item.press("Enter")
    expect(desk.app.get_by_text("Will be removed in")).to_be_visible()


def names_of(desk: Desk) -> list[str]:
    items = desk.app.get_by_role("list", name="Customers").get_by_role("listitem")
    return [str(item.get_attribute("data-name")) for item in items.all()]


def middle(desk: Desk, locator: Locator, *, scroll: bool = True) -> tuple[float, float]:
    """Return the middle of an element in the window."""
    if scroll:
        locator.scroll_into_view_if_needed()
    box = desk.box(locator)
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def comes_to(page: Page, place: Callable[[], bool]) -> None:
    """Wait until `place` returns true."""
    for _ in range(50):
        page.wait_for_timeout(100)
        if place():
            return
    assert place()


def test_customers_are_dragged_to_another_place(installed_desk: Desk) -> None:
    desk, portal, mouse = installed_desk, installed_desk.portal, installed_desk.page.mouse
    number, (first, second, third) = record_with_three_contacts(portal)
    open_record(desk, number)
    desk.settle()
    names = names_of(desk)
    handles = desk.app.locator(".customer .handle")
    x, y = middle(desk, handles.last)
    _, top = middle(desk, handles.first)
    mouse.move(x, y)
    mouse.down()
    mouse.move(x, y - 20, steps=4)
    mouse.move(x, top, steps=8)
    expect(desk.app.locator(".is-dragged")).to_have_count(1)
    desk.shoot("dragging")
    mouse.up()
    assert names_of(desk) == [names[2], names[0], names[1]]
    expect(desk.app.locator(".customer").first).to_contain_text("Main customer")
    expect(desk.app.locator("#said")).to_have_text(f"{names[2]} moved to place 1.")
    desk.save()
    expect(desk.app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    assert portal.clients(number) == [("CONTACT", id) for id in (third, first, second)]


def test_escape_cancels_a_drag(installed_desk: Desk) -> None:
    desk, mouse = installed_desk, installed_desk.page.mouse
    open_record(desk, record_with_three_contacts(desk.portal)[0])
    desk.settle()
    names = names_of(desk)
    handles = desk.app.locator(".customer .handle")
    (x, y), (_, bottom) = middle(desk, handles.first), middle(desk, handles.last)
    mouse.move(x, y)
    mouse.down()
    mouse.move(x, bottom, steps=8)
    assert names_of(desk) == [names[1], names[2], names[0]]
    desk.page.keyboard.press("Escape")
    assert names_of(desk) == names
    mouse.up()
    expect(desk.app.get_by_role("button", name="Save")).to_be_disabled()


def test_a_company_is_not_dragged_before_the_contacts(installed_desk: Desk) -> None:
    desk, portal, mouse = installed_desk, installed_desk.portal, installed_desk.page.mouse
    number = next(
        n for n in portal.records if 0 < count_contacts(portal.clients(n)) < len(portal.clients(n))
    )
    open_record(desk, number)
    desk.settle()
    names = names_of(desk)
    handles = desk.app.locator(".customer .handle")
    (x, y), (_, top) = middle(desk, handles.last), middle(desk, handles.first)
    mouse.move(x, y)
    mouse.down()
    mouse.move(x, top, steps=8)
    mouse.up()
    if len(portal.clients(number)) - count_contacts(portal.clients(number)) == 1:
        assert names_of(desk) == names
    kinds = [
        str(item.get_attribute("data-key"))[:7] for item in desk.app.locator(".customer").all()
    ]
    assert kinds == sorted(kinds, reverse=True)


def test_the_history_shows_the_users_local_time(browser: Browser, desk_sandbox: Sandbox) -> None:
    with open_desk(browser, desk_sandbox, timezone_id="Asia/Tokyo", locale="en") as desk:
        desk.page.goto(desk.portal.url)
        number, _ = record_with_three_contacts(desk.portal)
        open_record(desk, number)
        desk.app.get_by_role("button", name="Remove").last.click()
        desk.save()
        expect(desk.app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
        desk.app.get_by_role("button", name="History").click()
        time = desk.app.get_by_role("dialog", name="History").locator("time")
        moment = datetime.fromisoformat(str(time.get_attribute("datetime")))
        local = moment.astimezone(ZoneInfo("Asia/Tokyo"))
        expect(time).to_contain_text(f"{local:%b} {local.day}, {local.year}")
        expect(time).to_contain_text(f"{local.hour % 12 or 12}:{local:%M}")


def test_a_record_is_removed_on_a_phone(browser: Browser, desk_sandbox: Sandbox) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    with open_desk(browser, desk_sandbox, **phone) as desk:
        desk.page.goto(desk.portal.url)
        number, _ = record_with_three_contacts(desk.portal)
        open_record(desk, number)
        desk.settle()
        desk.shoot("handles-phone")
        hold_time(desk)
        menu(desk).tap()
        desk.shoot("record-menu-phone")
        desk.app.get_by_role("button", name="Remove from the waiting list").tap()
        countdown = desk.app.get_by_text("Will be removed in")
        expect(countdown).to_be_visible()
        desk.shoot("removal-countdown-phone")
        desk.app.get_by_role("button", name="Back to the list").tap()
        expect(record_row(desk, number)).to_have_class("option is-pending-removal")
        expect(countdown).to_be_visible()
        record_row(desk, number).tap()
        expect(desk.app.get_by_role("region", name="Record")).to_contain_text(f"#{number}")
        desk.settle()
        desk.app.get_by_role("button", name="Undo").tap()
        expect(countdown).to_have_count(0)
        assert number in desk.portal.records


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_undo_of_a_removal_is_in_view_wherever_a_phone_scrolls(
    browser: Browser, desk_sandbox: Sandbox, scheme: str
) -> None:
    with open_desk(browser, desk_sandbox, **ON_A_PHONE, color_scheme=scheme) as desk:
        desk.page.goto(desk.portal.url)
        number, _ = record_with_three_contacts(desk.portal)
        open_record(desk, number)
        desk.settle()
        begin_to_remove(desk)
        desk.app.get_by_role("button", name="Back to the list").tap()
        undo, height = desk.app.get_by_role("button", name="Undo"), PHONE["height"]

        def waits_for_a_thumb() -> None:
            """Wait until *Undo* stands near the end of the window."""
            comes_to(
                desk.page, lambda: height - 100 < middle(desk, undo, scroll=False)[1] < height - 20
            )

        waits_for_a_thumb()
        _, y = middle(desk, record_row(desk, number), scroll=False)
        assert 0 < y < middle(desk, undo, scroll=False)[1] - 60
        desk.shoot(f"removal-list-390-{scheme}")
        desk.page.evaluate("scrollTo(0, 700)")
        waits_for_a_thumb()
        desk.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        waits_for_a_thumb()
        _, y = middle(desk, desk.app.get_by_role("option").last, scroll=False)
        assert y < middle(desk, undo, scroll=False)[1] - 60
        desk.shoot(f"removal-list-end-390-{scheme}")
        undo.tap()
        expect(undo).to_have_count(0)
        assert number in desk.portal.records


def test_a_record_that_was_not_removed_is_told_in_view_on_a_phone(
    browser: Browser, desk_sandbox: Sandbox
) -> None:
    with open_desk(browser, desk_sandbox, **ON_A_PHONE) as desk:
        desk.page.goto(desk.portal.url)
        number, _ = record_with_three_contacts(desk.portal)
        open_record(desk, number)
        begin_to_remove(desk)
        desk.open()
        told = desk.app.get_by_role("alert").filter(has_text="Not removed")
        for way_down in (0, 700):
            desk.page.evaluate("(way) => scrollTo(0, way)", way_down)
            comes_to(
                desk.page,
                lambda: PHONE["height"] / 2 < middle(desk, told, scroll=False)[1] < PHONE["height"],
            )
        desk.shoot("not-removed-390")
        told.get_by_role("button", name="Remove now").tap()
        list_of_records = desk.app.get_by_role("list", name="Records to remove")
        expect(list_of_records.get_by_role("listitem")).to_have_count(1)


def test_a_countdown_covers_no_record_on_a_phone(browser: Browser, desk_sandbox: Sandbox) -> None:
    with open_desk(browser, desk_sandbox, **ON_A_PHONE) as desk:
        desk.page.goto(desk.portal.url)
        number, _ = record_with_three_contacts(desk.portal)
        open_record(desk, number)
        desk.settle()
        begin_to_remove(desk)
        desk.app.get_by_role("button", name="Back to the list").tap()
        desk.settle()
        other = next(one for one in desk.portal.records if one != number)
        record_row(desk, other).click()
        expect(desk.app.locator(f"#editor[data-record='{other}']")).to_be_visible()
        desk.settle()
        undo, title = desk.app.get_by_role("button", name="Undo"), desk.app.locator("#record-title")
        _, above = middle(desk, undo, scroll=False)
        _, below = middle(desk, title, scroll=False)
        assert 0 < above < below - 20
        desk.shoot("removal-other-390")
        desk.app.get_by_role("button", name="Undo").tap()
        expect(undo).to_have_count(0)


def test_customers_are_dragged_with_a_finger(browser: Browser, desk_sandbox: Sandbox) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    with open_desk(browser, desk_sandbox, **phone) as desk:
        desk.page.goto(desk.portal.url)
        open_record(desk, record_with_three_contacts(desk.portal)[0])
        desk.settle()
        names = names_of(desk)
        handles = desk.app.locator(".customer .handle")
        (x, y), (_, top) = middle(desk, handles.last), middle(desk, handles.first)
        finger = desk.page.context.new_cdp_session(desk.page)

        def touch(kind: str, *at: float) -> None:
            points = [{"x": x, "y": y} for y in at]
            finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        touch("touchStart", y)
        for step in range(1, 9):
            touch("touchMove", y + (top - y) * step / 8)
            desk.page.wait_for_timeout(30)
        touch("touchEnd")
        assert names_of(desk) == [names[2], names[0], names[1]]
        expect(desk.app.locator(".is-dragged")).to_have_count(0)


def test_save_is_in_view_wherever_a_phone_scrolls(browser: Browser, desk_sandbox: Sandbox) -> None:
    with open_desk(browser, desk_sandbox, **ON_A_PHONE) as desk:
        portal, app, page = desk.portal, desk.app, desk.page
        page.goto(portal.url)
        number, people = record_with_three_contacts(portal)
        for contact in [one for one in portal.state.contacts if one not in people][:14]:
            link_client(portal, number, "CONTACT", contact)
        page.reload()
        open_record(desk, number)
        desk.settle()
        save, height = app.get_by_role("button", name="Save"), PHONE["height"]
        _, y = middle(desk, save, scroll=False)
        assert y > height
        remove = app.get_by_role("button", name="Remove").nth(2)
        remove.tap()

        def is_at_hand() -> None:
            """Wait until *Save* stands at the end of the window."""
            comes_to(page, lambda: height - 60 < middle(desk, save, scroll=False)[1] < height)
            expect(app.locator("#app.is-lifted:not(.is-scrolled)")).to_have_count(1)

        is_at_hand()
        desk.shoot("save-at-hand-390")
        page.evaluate("scrollBy(0, 250)")
        is_at_hand()
        page.emulate_media(color_scheme="dark")
        desk.shoot("save-at-hand-390-dark")

        note = app.get_by_role("textbox", name="Note")
        note.scroll_into_view_if_needed()
        note.tap()
        page.keyboard.type("Nothing of this is covered")

        def covers_nothing() -> bool:
            field, bar = desk.box(note), desk.box(app.locator(".editor-foot"))
            return field["y"] + field["height"] <= bar["y"]

        comes_to(page, covers_nothing)
        desk.shoot("save-below-note-390")

        page.evaluate("scrollTo(0, 0)")
        note.blur()
        is_at_hand()
        save.tap()
        expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
        undo = app.get_by_role("button", name="Undo")
        comes_to(page, lambda: 0 < middle(desk, undo, scroll=False)[1] < height)
        desk.shoot("saved-at-hand-390")
        assert len(portal.clients(number)) == 16


def test_the_save_bar_is_fixed_only_with_unsaved_changes(
    browser: Browser, desk_sandbox: Sandbox
) -> None:
    with open_desk(browser, desk_sandbox, **ON_A_PHONE) as desk:
        desk.page.goto(desk.portal.url)
        open_record(desk, record_with_three_contacts(desk.portal)[0])
        desk.settle()
        foot, note = desk.app.locator(".editor-foot"), desk.app.get_by_role("textbox", name="Note")
        desk.page.evaluate("scrollTo(0, 0)")
        _, own = middle(desk, foot, scroll=False)
        note.fill("Typed")
        expect(desk.app.locator("#app[style*=window-end]")).to_have_count(1)
        desk.app.get_by_role("button", name="Discard").tap()
        expect(desk.app.locator("#app[style*=window-end]")).to_have_count(0)
        desk.page.evaluate("scrollTo(0, 0)")
        desk.settle()
        assert abs(middle(desk, foot, scroll=False)[1] - own) < 2
