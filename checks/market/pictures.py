"""`make screenshots` for the Market: the icon, and the app in the portal's slider."""

import tempfile
from pathlib import Path

import requests
from playwright.sync_api import Browser, FrameLocator, expect, sync_playwright

from checks.market.card import LARGEST_PICTURE, PICTURES
from checks.market.casts import CASTS
from checks.market.screen import open_slider
from installation.manifest import read_manifest
from sandbox.portal import lifecycle
from sandbox.portal.colleague import link_client
from sandbox.portal.portal import Portal
from tests.browser.desk import Desk, open_desk, sandbox_with_app
from tests.cast import ADMINISTRATOR
from tests.chromium import HEADLESS, PATIENCE, SWITCHES
from web.http.i18n import PORTAL_LANGUAGES

ICON = 512
SIZES = {"records": 14, "contacts": 8, "companies": 3, "deals": 4, "bookings": 40}
NO_SANDBOX = """body > header, body > nav { visibility: hidden }
.slider p button { display: none }"""
"""The rest of the sandbox is not a part of any portal, and speaks English only."""
OPENED = 3
"""Customers of the record that is shown."""


def draw_icon(browser: Browser, path: Path) -> None:
    """Render `market/icon.svg` as an opaque PNG."""
    page = browser.new_page(viewport={"width": ICON, "height": ICON})
    source = (PICTURES / "icon.svg").read_text()
    page.set_content(f"<style>body {{ margin: 0 }} svg {{ display: block }}</style>{source}")
    page.screenshot(path=path)
    page.close()


def take_pictures(browser: Browser, code: str, folder: Path) -> None:
    """Take five pictures in one language, with people who have names in it."""
    folder.mkdir(exist_ok=True)
    width, height = LARGEST_PICTURE
    title = read_manifest().title[code]
    with (
        tempfile.TemporaryDirectory() as name,
        sandbox_with_app(Path(name), title=title, **SIZES) as sandbox,
    ):
        portal = sandbox.portals[0]
        number = give_names(portal, code)
        launch = portal.launch(ADMINISTRATOR)
        requests.post(launch.url, launch.body, timeout=30)
        lifecycle.finish_install(portal, ADMINISTRATOR)
        sandbox.events.wait_idle()
        with open_desk(browser, sandbox, viewport={"width": width, "height": height}) as desk:
            desk.page.goto(f"{portal.url}/?lang={code}")
            desk.page.add_style_tag(content=NO_SANDBOX)
            desk.app.locator("#records [role=option]").first.wait_for()
            open_slider(desk)
            app = desk.page.frame_locator(".slider iframe")
            tag = PORTAL_LANGUAGES.get(code, code).replace("_", "-")
            expect(app.locator("html")).to_have_attribute("lang", tag)
            expect(app.locator("#records [role=option]")).to_have_count(len(portal.records))
            show_all(desk, app, number, CASTS[code][0], folder)


def give_names(portal: Portal, code: str) -> int:
    """Give customers and notes new names, and return a record with several customers."""
    people, companies, notes = CASTS[code]
    for person, contact in zip(people, portal.state.contacts.values(), strict=True):
        first, _, last = person.partition(" ")
        contact.fields |= {"name": first, "lastName": last, "secondName": ""}
    for title, company in zip(companies, portal.state.companies.values(), strict=True):
        company.fields["title"] = title
    for number, record in portal.records.items():
        record.note = notes[number % len(notes)]
    for place, resource in enumerate(portal.state.resources.values(), 1):
        resource.name = f"A{place}"
    number = max(portal.records)
    for contact_id in sorted(portal.state.contacts)[:OPENED]:
        link_client(portal, number, "CONTACT", contact_id)
    link_client(portal, number, "COMPANY", min(portal.state.companies))
    return number


def show_all(
    desk: Desk, app: FrameLocator, number: int, people: tuple[str, ...], folder: Path
) -> None:
    """Go from the list to a booking, and take a picture of each step."""

    def shoot(name: str) -> None:
        desk.page.mouse.move(0, 0)
        desk.page.screenshot(path=folder / f"{name}.png")

    app.locator(f"#records [value='{number}']").click()
    app.locator(f"#editor[data-record='{number}']").wait_for()
    shoot("1-list-and-record")
    app.locator("#search").fill(_first_name(people[0]))
    expect(app.locator("#records [role=option]:visible").first).to_be_visible()
    shoot("2-search")
    app.locator("#search").fill("")
    app.locator("#add-customer").fill(_first_name(people[5]))
    app.locator("#found [role=option]").first.click()
    expect(app.locator("#save")).to_be_enabled()
    shoot("3-new-customer-on-the-record")
    app.locator("#save").click()
    app.locator("#status button").wait_for()
    app.locator("form[action$='/history'] button").click()
    expect(app.locator("dialog[open]")).to_be_visible()
    shoot("4-history")
    app.locator("dialog[open]").press("Escape")
    app.locator("#make-booking button").click()
    app.locator(".booking [role=grid] button:visible").first.wait_for()
    shoot("5-booking")


def _first_name(person: str) -> str:
    return person.partition(" ")[0]


def main() -> None:
    """Draw the icon and take all pictures."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=HEADLESS, args=SWITCHES)
        draw_icon(browser, PICTURES / "icon.png")
        for code in CASTS:
            take_pictures(browser, code, PICTURES / code)
        browser.close()


if __name__ == "__main__":
    main()
