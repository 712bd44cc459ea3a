"""The main page tells an administrator where the installation differs."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.desk import Desk
from tests.cast import REGULAR_USER


def test_an_administrator_updates_the_installation_with_one_click(unopened_desk: Desk) -> None:
    desk, places = unopened_desk, unopened_desk.portal.state.placements
    wanted = len(places)
    del places[0]
    desk.open()
    notice = desk.app.locator("#installation")
    expect(notice).to_contain_text("The installation differs: Tab in companies (missing)")
    desk.settle()
    desk.shoot("installation")
    desk.app.get_by_role("button", name="Update the installation").click()
    expect(notice).to_have_text("The installation is up to date.")
    assert len(desk.portal.state.placements) == wanted
    # The list and the record stay as they were.
    expect(desk.app.get_by_role("option")).to_have_count(len(desk.portal.records))
    desk.log_in(REGULAR_USER)
    desk.app.get_by_role("option").first.wait_for()
    expect(notice).to_have_count(0)
