"""A list of hundreds of records, on a portal whose CRM mirrors none of them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import open_desk, sandbox_with_app

RECORDS = 450


def test_people_read_the_first_records_while_the_others_are_on_their_way(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("long")
    with (
        sandbox_with_app(folder, records=RECORDS, installed=True) as sandbox,
        open_desk(browser, sandbox) as desk,
    ):
        app = desk.app
        sandbox.switches.mirror = "false"
        desk.portal.faults.add("delay", "booking.v1.waitlist.client.list", seconds=2)
        desk.page.goto(desk.portal.url, wait_until="commit")
        first = app.get_by_role("option").first
        expect(first).to_be_visible(timeout=15_000)
        expect(app.get_by_role("option", name=f"#{min(desk.portal.records)}")).to_have_count(0)
        desk.shoot_everywhere("long-list")
        app.get_by_role("searchbox").fill("an")
        everything = app.get_by_role("button", name="All")
        expect(everything).to_contain_text(str(RECORDS), timeout=15_000)
        assert 0 < app.get_by_role("option").count() < RECORDS
