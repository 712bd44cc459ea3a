"""A place came free: three clicks to a booking, told to open pages, hidden when dismissed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, expect

from sandbox import Sandbox
from sandbox.core.model import Booking
from tests.browser.counting import count_effort
from tests.browser.desk import ON_A_PHONE, Desk, open_desk
from tests.browser.held import HeldRequests
from tests.browser.steps import call_portal, look_again
from tests.web.booking.steps import coming_booking


def freed(desk: Desk) -> Locator:
    return desk.app.get_by_role("region", name="Times that came free")


def open_and_look(desk: Desk) -> None:
    with desk.page.expect_response("**/bookings/freed"):
        desk.open()


def cancel(desk: Desk, resource: int = 2) -> Booking:
    """Cancel a booking outside the app."""
    booking = coming_booking(desk.portal, resource)
    call_portal(desk.portal, "booking.v1.booking.delete", {"id": booking.id})
    return booking


def free_a_time(desk: Desk) -> Booking:
    """Cancel a booking that the app has seen, and open the page."""
    open_and_look(desk)
    booking = cancel(desk)
    open_and_look(desk)
    freed(desk).wait_for()
    desk.settle()
    return booking


def booked(desk: Desk) -> Booking:
    return max(desk.portal.state.bookings.values(), key=lambda one: one.id)


def fitting(desk: Desk) -> Locator:
    return desk.app.get_by_role("list", name="Records that fit").get_by_role("button")


@pytest.mark.records(137)
def test_a_time_that_came_free_is_booked_with_three_clicks(installed_desk: Desk) -> None:
    desk, app = installed_desk, installed_desk.app
    effort = count_effort(desk.page)
    wishing = sorted(desk.portal.records)[40]
    desk.portal.records[wishing].note = "Room 2 would be best"
    gone = free_a_time(desk)
    expect(freed(desk)).to_contain_text("A place came free:")
    expect(freed(desk)).to_contain_text("Room 2")
    desk.shoot_everywhere("freed")
    effort.start()
    freed(desk).get_by_role("button", name="Who fits?").click()
    expect(fitting(desk).first).to_contain_text("note says")
    expect(fitting(desk)).to_have_count(10)
    desk.settle()
    desk.shoot_everywhere("fits")
    fitting(desk).first.click()
    expect(app.locator("#summary")).to_contain_text("Room 2")
    desk.settle()
    app.get_by_role("button", name="Make booking").click()
    expect(app.get_by_role("status").filter(has_text="Booked")).to_contain_text("Room 2")
    assert effort.spent() == (3, 0)
    made = booked(desk)
    assert wishing not in desk.portal.records
    assert (made.start, made.end, made.resource_ids) == (gone.start, gone.end, [2])
    expect(freed(desk)).to_have_count(0)


def test_an_open_page_is_told_and_keeps_the_focus(
    installed_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("waitlist.booking.freed.PAUSE", 0)
    desk = installed_desk
    open_and_look(desk)
    search = desk.app.get_by_role("searchbox")
    search.fill("ro")
    cancel(desk)
    look_again(desk)
    expect(freed(desk).get_by_role("button", name="Who fits?")).to_have_count(1)
    expect(search).to_be_focused()
    freed(desk).get_by_role("button", name="Dismiss").focus()
    cancel(desk, 1)
    with desk.page.expect_response("**/news*"):
        look_again(desk)
    expect(freed(desk).get_by_role("button", name="Dismiss")).to_be_focused()
    search.focus()
    look_again(desk)
    expect(freed(desk).get_by_role("button", name="Who fits?")).to_have_count(2)


def test_a_slow_look_is_not_followed_by_another(installed_desk: Desk) -> None:
    desk = installed_desk
    open_and_look(desk)
    cancel(desk)
    looks = HeldRequests(desk, "**/bookings/freed")
    desk.page.goto(desk.portal.url)
    first = looks[0]
    for _ in range(3):
        with desk.page.expect_response("**/news*"):
            look_again(desk)
    assert len(looks) == 1
    first.continue_()
    freed(desk).wait_for()


def test_a_dismissed_time_stays_hidden(installed_desk: Desk) -> None:
    desk = installed_desk
    free_a_time(desk)
    freed(desk).get_by_role("button", name="Dismiss").click()
    expect(freed(desk)).to_be_hidden()
    expect(desk.app.get_by_role("searchbox")).to_be_focused()
    open_and_look(desk)
    expect(desk.app.locator("#freed form")).to_have_count(1)
    expect(freed(desk)).to_be_hidden()


@pytest.mark.usefixtures("installed_desk")
def test_on_a_phone_back_leads_from_the_records_that_fit_to_the_list(
    browser: Browser, desk_sandbox: Sandbox
) -> None:
    with open_desk(browser, desk_sandbox, **ON_A_PHONE) as desk:
        free_a_time(desk)
        freed(desk).get_by_role("button", name="Who fits?").click()
        fitting(desk).first.wait_for()
        expect(freed(desk)).to_be_hidden()
        expect(desk.app.get_by_role("searchbox")).to_be_hidden()
        # Only a frame goes back, which Playwright's own way does not notice.
        desk.page.evaluate("history.back()")
        expect(desk.app.get_by_role("searchbox")).to_be_visible()
        freed(desk).get_by_role("button", name="Who fits?").click()
        fitting(desk).first.click()
        desk.settle()
        expect(desk.app.locator("#record .slot[aria-pressed=true]")).to_be_in_viewport(ratio=1)
        button = desk.app.get_by_role("button", name="Make booking")
        expect(button).to_be_in_viewport()
        button.click()
        expect(desk.app.get_by_role("status").filter(has_text="Booked")).to_be_visible()
