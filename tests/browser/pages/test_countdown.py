"""The words of the countdown until the page tries again by itself."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.desk import Desk
from tests.browser.steps import open_record

START = """async (seconds) => {
    const old = document.querySelector('[data-countdown]');
    const box = old.cloneNode(true);
    box.dataset.countdown = seconds;
    old.replaceWith(box);
    const script = performance.getEntries().find(({ name }) => name.endsWith('/core/countdown.js'));
    (await import(script.name)).start();
    return box.innerText;
}"""


@pytest.fixture
def busy_desk(installed_desk: Desk) -> Desk:
    """Open a page whose portal refuses a save for some minutes."""
    desk = installed_desk
    open_record(desk, next(iter(desk.portal.records)))
    desk.app.get_by_role("textbox", name="Note").fill("Typed in the rush hour")
    desk.portal.faults.add("OPERATION_TIME_LIMIT", "booking.v1.waitlist.get")
    desk.allow("503")
    desk.save()
    expect(desk.app.locator("#problem .countdown")).to_have_text("Trying again in 10 minutes.")
    return desk


def test_it_counts_minutes_before_the_last_minute(busy_desk: Desk) -> None:
    words = {
        3600: "60 minutes",
        600: "10 minutes",
        61: "2 minutes",
        60: "60 seconds",
        11: "11 seconds",
        1: "1 second",
    }
    for seconds, left in words.items():
        assert busy_desk.frame.evaluate(START, seconds) == f"Trying again in {left}."
