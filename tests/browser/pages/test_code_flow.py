"""Signing in outside the portal, in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from sandbox import Sandbox
from tests.browser.axe import violations
from tests.browser.desk import install, open_desk

BOX = "(place) => place.getBoundingClientRect().toJSON()"


@pytest.mark.parametrize("script", [True, False])
def test_signing_in_opens_the_main_page_without_the_code_in_its_address(
    desk_sandbox: Sandbox, browser: Browser, script: bool
) -> None:
    app_url = f"{desk_sandbox.hub.registration.url}/"
    start = f"{app_url}oauth/start?domain={desk_sandbox.portals[0].domain}"
    with open_desk(browser, desk_sandbox, java_script_enabled=script) as desk:
        install(desk_sandbox)
        desk.page.goto(desk.portal.url)
        desk.page.goto(start)
        if not script:
            desk.page.get_by_role("button", name="Open the waiting list").click()
        desk.page.get_by_role("option").first.wait_for()
        assert desk.page.url == app_url


def test_the_address_of_a_portal_leads_there_and_back_with_the_list(
    desk_sandbox: Sandbox, browser: Browser
) -> None:
    app_url = f"{desk_sandbox.hub.registration.url}/"
    with open_desk(browser, desk_sandbox) as desk:
        install(desk_sandbox)
        desk.page.goto(desk.portal.url)
        desk.page.goto(app_url)
        field = desk.page.get_by_label("Address of your Bitrix24")
        expect(field).to_be_focused()
        desk.allow("404")
        field.fill("not there")
        field.press("Enter")
        expect(desk.page.get_by_role("alert")).to_contain_text("This is not an address.")
        expect(field).to_have_value("not there")
        field.fill(f"  {desk.portal.url}/crm/  ")
        field.press("Enter")
        desk.page.get_by_role("option").first.wait_for()
        assert desk.page.url == app_url


@pytest.mark.parametrize("path", ["", "no/such/page", "legal/license", "legal/privacy"])
@pytest.mark.parametrize("size", [(1366, 768), (390, 844)], ids=["desk", "phone"])
def test_cards_outside_a_portal_are_centered_and_at_most_640_pixels_wide(
    desk_sandbox: Sandbox, browser: Browser, path: str, size: tuple[int, int]
) -> None:
    app_url = f"{desk_sandbox.hub.registration.url}/"
    viewport = {"width": size[0], "height": size[1]}
    with open_desk(browser, desk_sandbox, viewport=viewport) as desk:
        desk.allow("404")
        desk.page.goto(f"{app_url}{path}")
        # Nothing moves here: no frame, and no script that changes the page.
        box = desk.page.locator(".card").evaluate(BOX)
        assert box["width"] <= min(640, size[0] - 20)
        assert abs(box["x"] * 2 + box["width"] - desk.page.evaluate("innerWidth")) <= 16
        if not path.startswith("legal"):
            assert abs(box["y"] * 2 + box["height"] - size[1]) <= 16
        heading = desk.page.get_by_role("heading").first.evaluate(BOX)
        assert heading["x"] - box["x"] >= 16
        assert violations(desk.page.main_frame) == []
        desk.shoot(f"outside-{path.replace('/', '-') or 'start'}-{size[0]}")
