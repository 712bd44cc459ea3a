"""Calls to customers: two clicks for a result, and colleagues see them by themselves."""

from __future__ import annotations

from datetime import datetime

from playwright.sync_api import Browser, Locator, expect

from tests.browser.axe import violations
from tests.browser.counting import count_effort
from tests.browser.desk import ON_A_PHONE, PHONE, Desk, open_desk
from tests.browser.steps import (
    look_again,
    note_field,
    open_record,
    record_row,
    record_with_three_contacts,
)
from tests.cast import REGULAR_USER

NO_DIALLER = "Failed to launch 'tel:"
PAUSE = 4_000
"""Milliseconds between two questions of an open page."""
NOTE_PAUSES = """() => {
  const { setTimeout } = window;
  window.pauses = [];
  window.setTimeout = (work, pause, ...rest) => {
    window.pauses.push(pause);
    return setTimeout(work, pause, ...rest);
  };
}"""
WAIT_FOR_PAUSE = """(wanted) => new Promise((resolve) => {
  const look = () => (window.pauses.includes(wanted) ? resolve() : requestAnimationFrame(look));
  look();
})"""


def choose(desk: Desk, result: str) -> None:
    desk.settle()
    desk.app.locator("#call summary").click()
    desk.app.get_by_role("button", name=result, exact=True).click()


def state(desk: Desk) -> Locator:
    """What is said of the latest call in the editor."""
    return desk.app.locator(".call-state")


def test_a_result_takes_two_clicks_and_loses_nothing_that_is_typed(installed_desk: Desk) -> None:
    desk = installed_desk
    effort = count_effort(desk.page)
    desk.page.reload()
    number, _ = record_with_three_contacts(desk.portal)
    open_record(desk, number)
    note_field(desk).fill("Typed while calling")
    desk.settle()
    effort.start()
    choose(desk, "No answer")
    expect(state(desk)).to_contain_text("You called: no answer")
    expect(record_row(desk, number)).to_contain_text("no answer")
    assert effort.spent() == (2, 0)
    expect(desk.app.locator("#call summary")).to_be_focused()
    expect(note_field(desk)).to_have_value("Typed while calling")
    choose(desk, "Will come")
    expect(state(desk)).to_contain_text("will come")
    state(desk).get_by_role("button", name="Undo").click()
    expect(state(desk)).to_contain_text("no answer")
    expect(record_row(desk, number)).to_contain_text("no answer")
    desk.app.get_by_role("button", name="Discard").click()
    expect(note_field(desk)).not_to_have_value("Typed while calling")
    expect(state(desk)).to_contain_text("You called: no answer")


def test_a_colleague_sees_who_is_calling_and_what_came_of_it(
    installed_desk: Desk, browser: Browser
) -> None:
    desk = installed_desk
    number, _ = record_with_three_contacts(desk.portal)
    with open_desk(browser, desk.sandbox) as colleague:
        colleague.page.goto(desk.portal.url)
        colleague.log_in(REGULAR_USER)
        open_record(colleague, number)
        look_again(colleague)
        open_record(desk, number)
        desk.allow(NO_DIALLER)
        with desk.page.expect_response("**/call?*"):
            desk.app.locator("#customers a.phone").first.click()
        calling = "Olivia Hartmann is calling"
        # By itself: the page of the colleague is left alone.
        expect(record_row(colleague, number)).to_contain_text(calling, timeout=15_000)
        expect(state(colleague)).to_contain_text(calling)
        choose(desk, "Declined")
        look_again(colleague)
        expect(record_row(colleague, number)).to_contain_text("declined")
        expect(state(colleague)).to_contain_text("Olivia Hartmann called: declined")
        expect(record_row(colleague, number)).not_to_contain_text(calling)
        expect(state(colleague).get_by_role("button", name="Undo")).to_have_count(0)


def test_an_open_page_asks_again_after_four_seconds(installed_desk: Desk) -> None:
    desk = installed_desk
    desk.frame.evaluate(NOTE_PAUSES)
    look_again(desk)
    desk.frame.evaluate(WAIT_FOR_PAUSE, PAUSE)


def test_what_follows_is_one_click_away(installed_desk: Desk) -> None:
    desk, app = installed_desk, installed_desk.app
    number, _ = record_with_three_contacts(desk.portal)
    open_record(desk, number)
    choose(desk, "Declined")
    state(desk).get_by_role("button", name="Remove from the waiting list").click()
    toast = app.locator(".toast")
    expect(toast).to_contain_text("Will be removed in")
    toast.get_by_role("button", name="Undo").click()
    expect(toast).to_have_count(0)
    choose(desk, "Will come")
    state(desk).get_by_role("button", name="Make booking").click()
    expect(app.get_by_role("region", name="Booking")).to_be_visible()
    expect(record_row(desk, number)).to_contain_text("will come")


def test_a_call_back_with_a_to_do_on_a_phone(installed_desk: Desk, browser: Browser) -> None:
    portal = installed_desk.portal
    number, _ = record_with_three_contacts(portal)
    with open_desk(browser, installed_desk.sandbox, **ON_A_PHONE) as desk:
        app = desk.app
        desk.page.goto(portal.url)
        open_record(desk, number)
        app.locator("#call summary").click()
        time = app.get_by_label("Call back at")
        hour = (datetime.now(portal.zone).hour + 1) % 24
        expect(time).to_have_value(f"{hour:02}:00")
        for part in (app.locator("#call .menu-items"), app.get_by_role("region", name="Record")):
            box = desk.box(part)
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= PHONE["width"]
        app.get_by_label("Also as a to-do in CRM").check()
        app.get_by_role("button", name="Call back", exact=True).click()
        day = "" if hour else "tomorrow "
        expect(state(desk)).to_contain_text(f"call back {day}at {hour}:00")
        expect(state(desk)).to_contain_text("The to-do is in CRM.")
        assert len(portal.state.todos) == 1
        assert violations(desk.frame) == []


def test_the_time_of_a_call_back_is_asked_for(installed_desk: Desk) -> None:
    desk = installed_desk
    number, _ = record_with_three_contacts(desk.portal)
    open_record(desk, number)
    desk.app.locator("#call summary").click()
    desk.app.get_by_label("Call back at").fill("")
    desk.app.get_by_role("button", name="Call back", exact=True).click()
    expect(desk.app.locator("#call [name=at]:invalid")).to_be_focused()
    expect(state(desk)).to_be_empty()
    # Other results need no time.
    desk.app.get_by_role("button", name="Declined", exact=True).click()
    expect(state(desk)).to_contain_text("declined")


def test_escape_closes_the_menu_and_gives_the_focus_back(installed_desk: Desk) -> None:
    desk = installed_desk
    number, _ = record_with_three_contacts(desk.portal)
    open_record(desk, number)
    summary = desk.app.locator("#call summary")
    summary.focus()
    summary.press("Enter")
    no_answer = desk.app.get_by_role("button", name="No answer", exact=True)
    no_answer.focus()
    no_answer.press("Escape")
    expect(no_answer).to_be_hidden()
    expect(summary).to_be_focused()
