"""Signing in outside the portal, in a browser."""

from __future__ import annotations

from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser

from tests.browser.desk import Desk, open_desk


@pytest.mark.parametrize("script", [True, False])
def test_signing_in_opens_the_main_page_without_the_code_in_its_address(
    installed_desk: Desk, browser: Browser, script: bool
) -> None:
    app_url = urljoin(installed_desk.frame.url, "/")
    start = f"{app_url}oauth/start?domain={installed_desk.portal.domain}"
    with open_desk(browser, installed_desk.sandbox, java_script_enabled=script) as desk:
        desk.page.goto(installed_desk.portal.url)
        desk.page.goto(start)
        if not script:
            desk.page.get_by_role("button", name="Open the waiting list").click()
        desk.page.get_by_role("option").first.wait_for()
        assert desk.page.url == app_url
