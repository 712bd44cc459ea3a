"""Draws the icon of the Market card from its source."""

from __future__ import annotations

from playwright.sync_api import Browser, sync_playwright

from checks.market.card import PICTURES
from tests.chromium import HEADLESS, SWITCHES

ICON = 512


def draw_icon(browser: Browser) -> None:
    """Render `market/icon.svg` as an opaque PNG."""
    page = browser.new_page(viewport={"width": ICON, "height": ICON})
    source = (PICTURES / "icon.svg").read_text()
    page.set_content(f"<style>body {{ margin: 0 }} svg {{ display: block }}</style>{source}")
    page.screenshot(path=PICTURES / "icon.png")
    page.close()


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=HEADLESS, args=SWITCHES)
        draw_icon(browser)
        browser.close()


if __name__ == "__main__":
    main()
