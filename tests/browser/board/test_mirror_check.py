"""A long list is shown at once from the CRM mirror and corrected afterwards."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from sandbox.portal.colleague import link_client
from tests.browser.desk import Desk

pytestmark = pytest.mark.records(300)


def test_rows_are_corrected_while_the_user_works(installed_desk: Desk) -> None:
    desk, portal = installed_desk, installed_desk.portal
    desk.sandbox.switches.mirror = "late"
    newest = sorted((n for n, item in portal.records.items() if item.clients), reverse=True)
    changed, opened, gone = newest[0], newest[1], newest[2]
    link_client(portal, changed, "COMPANY", 33)
    link_client(portal, opened, "COMPANY", 34)
    portal.records[gone].deleted = True
    desk.page.clock.install()
    desk.page.reload()
    rows = desk.app.get_by_role("listbox", name="Records")
    rows.get_by_role("option").first.wait_for()
    desk.app.locator(f"#record-{opened}").click()
    expect(desk.app.locator("#customers")).to_contain_text(company(desk, 34))
    unverified = rows.locator("[data-unverified]")
    while unverified.count():
        desk.page.clock.fast_forward(2_000)
        desk.page.wait_for_timeout(100)
    expect(desk.app.locator(f"#record-{changed}")).to_contain_text(company(desk, 33))
    expect(desk.app.locator(f"#record-{opened}")).to_contain_text(company(desk, 34))
    expect(desk.app.locator(f"#record-{opened}")).to_have_attribute("aria-selected", "true")
    expect(desk.app.locator(f"#record-{gone}")).to_be_hidden()
    expect(rows.locator("[role=option]")).to_have_count(len(portal.records))
    expect(desk.app.locator(f"#record-{changed} .age")).to_be_visible()


def test_a_hidden_page_compares_nothing(installed_desk: Desk) -> None:
    desk = installed_desk
    desk.page.add_init_script(
        "Object.defineProperty(document, 'visibilityState', "
        "{ get: () => window.looking ? 'visible' : 'hidden' })"
    )
    desk.page.clock.install()
    desk.page.reload()
    desk.app.get_by_role("option").first.wait_for()
    desk.page.wait_for_load_state("networkidle")
    desk.portal.requests.clear()
    desk.page.clock.fast_forward(10_000)
    desk.page.wait_for_timeout(300)
    assert desk.portal.requests == []
    frame = desk.page.frames[1]
    unverified = desk.app.locator("[data-unverified]")
    before = unverified.count()
    frame.evaluate("window.looking = true; document.dispatchEvent(new Event('visibilitychange'))")
    expect(unverified).to_have_count(before - 50)


def company(desk: Desk, number: int) -> str:
    return str(desk.portal.state.companies[number].fields["title"])
