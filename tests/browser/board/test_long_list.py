"""A list of hundreds of records on a portal without a CRM mirror."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.desk import Desk, open_desk, sandbox_with_app
from tests.browser.steps import wait_until

RECORDS = 600
LIST = "booking.v1.waitlist.list"
CUSTOMERS = "booking.v1.waitlist.client.list"


def test_the_list_can_be_searched_while_the_rest_is_loading(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("long")
    with (
        sandbox_with_app(folder, records=RECORDS, installed=True) as sandbox,
        open_desk(browser, sandbox) as desk,
    ):
        app, portal = desk.app, desk.portal
        sandbox.switches.mirror = "false"
        # Eleven requests for customers bring the first rows. The next waits until they are seen.
        portal.faults.add("delay", CUSTOMERS, seconds=60, probability=0.085)
        desk.page.goto(portal.url, wait_until="commit")
        options, search = app.get_by_role("option"), app.get_by_role("searchbox")
        everything = app.get_by_role("button", name="All")
        expect(options.first).to_be_visible(timeout=15_000)
        expect(desk.page.get_by_role("heading", name="Waiting list", exact=True)).to_be_visible()
        wait_until(desk.frame, "document.documentElement.scrollHeight <= innerHeight")
        expect(everything).not_to_contain_text(str(RECORDS))
        desk.shoot_everywhere("long-list")
        search.fill("nobody is called so")
        expect(app.get_by_text("No matching records.")).to_be_visible()
        search.fill("")
        chosen = options.nth(2)
        chosen.click()
        expect(chosen).to_have_attribute("aria-selected", "true")
        expect(everything).not_to_contain_text(str(RECORDS))

        portal.faults.clear()
        expect(everything).to_contain_text(str(RECORDS))
        expect(app.get_by_role("combobox", name="Add a customer")).to_be_focused()
        assert editor_of(desk) == chosen.get_attribute("id")
        first_pages = [
            call
            for request in portal.requests
            for call in request.calls
            if call.method.lower() == LIST
            and "filter" not in call.params
            and str(call.params.get("start")) == "0"
        ]
        assert len(first_pages) == 1


def editor_of(desk: Desk) -> str:
    return f"record-{desk.app.locator('#editor').get_attribute('data-record')}"
