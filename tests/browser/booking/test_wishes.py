"""Wishes in a note: chips in the editor, and times that fit on the page of free times."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.axe import OF_COLORS, violations
from tests.browser.desk import Desk
from tests.browser.steps import open_record


def test_the_first_time_that_fits_the_note_is_one_click_away(installed_desk: Desk) -> None:
    desk, app, portal = installed_desk, installed_desk.app, installed_desk.portal
    number = next(iter(portal.records))
    portal.records[number].note = "Tuesdays or Thursdays from 11:00, room 2"
    open_record(desk, number)
    chips = app.get_by_role("list", name="Wishes in the note").get_by_role("listitem")
    expect(chips).to_have_text(["Room 2", "Tue, Thu from 11:00"])
    note = app.get_by_role("textbox", name="Note")
    note.press("End")
    note.press_sequentially(", or never")
    expect(chips).to_have_count(0)
    app.get_by_role("button", name="Discard").click()
    expect(chips).to_have_count(2)
    app.get_by_role("button", name="Make booking").click()
    first = app.get_by_role("button", name="The first that fits:")
    expect(first).to_have_text(re.compile(r": (Tue|Thu) \d+ \w+ \d+:00 · Room 2$"))
    day = app.get_by_role("radiogroup", name="Day").get_by_role("radio", checked=True)
    expect(day).to_have_accessible_name(re.compile(r"^(Tue|Thu) .* free, \d+ fits? the note$"))
    first.click()
    slot = app.locator("button.slot[aria-pressed=true]")
    expect(slot).to_be_focused()
    expect(slot).to_have_accessible_description("Fits the note")
    expect(app.locator("#summary")).to_contain_text("Room 2")
    found = [f"light: {line}" for line in violations(desk.frame)]
    desk.look("dark")
    found += [f"dark: {line}" for line in violations(desk.frame, OF_COLORS)]
    assert found == []
