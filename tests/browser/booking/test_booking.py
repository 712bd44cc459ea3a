"""From waiting to booked, with pointer, keyboard and phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, expect

from sandbox import Sandbox
from sandbox.core.model import Booking
from sandbox.portal.portal import Portal
from tests.browser.counting import count_effort
from tests.browser.desk import ON_A_PHONE, Desk, open_desk
from tests.browser.steps import newcomer, open_record, record_row


def booked(portal: Portal) -> Booking:
    return max(
        (one for one in portal.state.bookings.values() if not one.deleted), key=lambda one: one.id
    )


def a_record(portal: Portal) -> int:
    return next(number for number in portal.records if len(portal.clients(number)) == 2)


def grid(desk: Desk) -> Locator:
    return desk.app.get_by_role("grid", name="Free times")


def open_times(desk: Desk, number: int) -> None:
    """Open the free times of a record."""
    open_record(desk, number)
    desk.app.get_by_role("button", name="Make booking").click()
    expect(desk.app.get_by_role("region", name="Booking")).to_contain_text(f"#{number}")
    desk.settle()


def choose_day(desk: Desk, wanted: str = "Room 2") -> Locator:
    """Choose the last day with such a time, and return the last of them.

    Today Room 2 may be closed already, or all its times taken. Some days it does not open.
    """
    day = desk.app.locator(f".times:has([aria-label$='{wanted}'])").last
    key = (day.get_attribute("id") or "").removeprefix("times-")
    desk.app.locator(f"[name=day][value='{key}']").check(force=True)
    return grid(desk).get_by_role("button", name=wanted).last


def test_a_record_is_booked_in_five_clicks_and_goes_back_in_one(unopened_desk: Desk) -> None:
    desk, app, portal = unopened_desk, unopened_desk.app, unopened_desk.portal
    effort = count_effort(desk.page)
    # The page looks at the booking once more, and it may just have gone back.
    desk.allow("410")
    desk.open()
    number = a_record(portal)
    people = portal.clients(number)
    effort.start()
    open_times(desk, number)
    slot = choose_day(desk)
    name = slot.get_attribute("aria-label") or ""
    slot.click()
    desk.shoot("booking")
    app.get_by_role("button", name="Make booking").click()
    clock, _, resource = name.partition(" ")
    status = app.get_by_role("status").filter(has_text="Booked")
    expect(status).to_contain_text(f"{clock} · {resource}")
    desk.shoot("booked")
    assert effort.spent() == (5, 0)
    booking = booked(portal)
    assert [(row.code, row.id) for row in booking.clients] == people
    expect(record_row(desk, number)).to_be_hidden()
    effort.start()
    app.get_by_role("button", name="Back to the waiting list").click()
    expect(app.get_by_role("region", name="Record")).to_be_visible()
    assert effort.spent() == (1, 0)
    back = max(portal.records)
    expect(app.get_by_role("status").filter(has_text=f"new number {back}")).to_be_visible()
    expect(record_row(desk, back)).to_be_visible()


def test_unsaved_customers_are_saved_first_and_go_along(installed_desk: Desk) -> None:
    desk, app, portal = installed_desk, installed_desk.app, installed_desk.portal
    number = a_record(portal)
    people = [id for kind, id in portal.clients(number) if kind == "CONTACT"]
    added, surname = newcomer(portal, people)
    open_record(desk, number)
    app.get_by_role("combobox", name="Add a customer").fill(surname)
    app.locator(f"#hits [data-key='CONTACT:{added}']").click()
    app.get_by_role("button", name="Make booking").click()
    region = app.get_by_role("region", name="Booking")
    expect(region).to_contain_text("All 3 customers, the note and all links go with the booking.")
    assert ("CONTACT", added) in portal.clients(number)
    grid(desk).get_by_role("button").last.click()
    app.get_by_role("button", name="Make booking").click()
    expect(app.get_by_role("status").filter(has_text="Booked")).to_be_visible()
    assert ("CONTACT", added) in [(row.code, row.id) for row in booked(portal).clients]


def test_the_grid_is_walked_with_arrow_keys_and_the_rest_with_tab(installed_desk: Desk) -> None:
    desk, app, keyboard = installed_desk, installed_desk.app, installed_desk.page.keyboard
    number = a_record(desk.portal)
    open_times(desk, number)
    expect(app.get_by_role("radio", checked=True)).to_be_focused()
    keyboard.press("ArrowRight")
    keyboard.press("Tab")
    if "Later" in app.locator(":focus").text_content():  # type: ignore[operator]
        keyboard.press("Tab")
    first = grid(desk).get_by_role("button").first
    expect(first).to_be_focused()
    for key, back in (("ArrowDown", "ArrowUp"), ("End", "Home")):
        keyboard.press(key)
        keyboard.press(back)
    expect(grid(desk).locator(":focus")).to_have_count(1)
    keyboard.press("ArrowDown")
    chosen = grid(desk).locator(":focus")
    name = chosen.get_attribute("aria-label") or ""
    keyboard.press("Enter")
    expect(grid(desk).get_by_role("button", name=name, exact=True, pressed=True)).to_be_focused()
    keyboard.press("Escape")
    expect(app.get_by_role("region", name="Record")).to_be_visible()


def test_what_is_free_at_the_same_time_can_be_booked_along(installed_desk: Desk) -> None:
    desk, app, portal = installed_desk, installed_desk.app, installed_desk.portal
    portal.state.bookings.clear()
    open_times(desk, a_record(portal))
    choose_day(desk, "12:00 Room 2").click()
    also = app.get_by_role("group", name="Also book for this time")
    names = also.get_by_role("checkbox")
    expect(names.first).to_be_visible()
    also.get_by_role("checkbox", name="Nurse Star").or_(names.first).first.check()
    label = also.locator("label:has(:checked)").text_content() or ""
    expect(app.locator("#summary")).to_contain_text(f"Room 2, {label.strip()}")
    app.get_by_role("button", name="Make booking").click()
    expect(app.get_by_role("status").filter(has_text="Booked")).to_contain_text(label.strip())
    assert len(booked(portal).resource_ids) == 2


def test_an_overlap_of_the_next_moment_is_told_by_itself(installed_desk: Desk) -> None:
    desk, app, portal = installed_desk, installed_desk.app, installed_desk.portal
    open_times(desk, a_record(portal))
    choose_day(desk).click()
    app.get_by_role("button", name="Make booking").click()
    expect(app.get_by_role("status").filter(has_text="Booked")).to_be_visible()
    mine = booked(portal)
    number = portal.state.next_id("booking")
    now = portal.hub.clock.iso()
    portal.state.bookings[number] = Booking(
        number, mine.resource_ids, mine.date_period, created_by=1, created=now
    )
    warning = app.get_by_role("alert").filter(has_text="Another booking has the same time:")
    expect(warning).to_be_visible()
    expect(app.get_by_role("button", name="Back to the waiting list")).to_be_visible()


def test_the_row_of_the_record_leads_back_to_it(installed_desk: Desk) -> None:
    desk, app = installed_desk, installed_desk.app
    number = a_record(desk.portal)
    open_times(desk, number)
    record_row(desk, number).click()
    expect(app.get_by_role("region", name="Record")).to_contain_text(f"#{number}")


@pytest.mark.usefixtures("installed_desk")
def test_on_a_phone_the_button_comes_into_sight_with_the_time(
    browser: Browser, desk_sandbox: Sandbox
) -> None:
    with open_desk(browser, desk_sandbox, **ON_A_PHONE) as desk:
        desk.page.goto(desk.portal.url)
        app, number = desk.app, a_record(desk.portal)
        open_times(desk, number)
        choose_day(desk).click()
        button = app.get_by_role("button", name="Make booking")
        expect(button).to_be_in_viewport()
        button.click()
        expect(app.get_by_role("status").filter(has_text="Booked")).to_be_visible()
