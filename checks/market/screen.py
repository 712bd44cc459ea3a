"""Rules about what moderators see in a browser: a frame of the portal, its slider and its tabs."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import requests
from playwright.sync_api import Frame, Request, TimeoutError, expect

from checks.market.rules import Broken, Rule, require, require_none
from checks.market.scene import Scene
from tests.browser.desk import PHONE, Desk, open_desk
from tests.browser.steps import contact_on, full_deal, open_record, open_tab
from tests.cast import REGULAR_USER

SIZES = {"1280": (1280, 720), "1366": (1366, 768), "1920": (1920, 1080)}
SCROLL_BARS = """() => {
  const page = document.scrollingElement;
  return [page.scrollWidth - page.clientWidth, page.scrollHeight - page.clientHeight];
}"""
NO_SCROLL_BARS = [0, 0]
PATIENCE = 5_000
"""Milliseconds in which a frame has to get its height."""
ABORTED = "net::ERR_ABORTED"
"""A search that the next letter replaces is given up by the page itself."""
OPEN_SLIDER = """async () => {
  const frame = await window.B24Js.initializeB24Frame();
  frame.slider.openSliderAppPage({});
}"""
LINKS = "() => [...document.querySelectorAll('a[href]')].map((one) => one.href)"
FILES = """() => [...document.querySelectorAll('[src], link[href]')]
  .map((one) => one.src || one.href)"""
WIDTHS = "() => [document.scrollingElement.scrollWidth, innerWidth]"


@contextmanager
def desk_of(scene: Scene, **options: Any) -> Iterator[Desk]:
    """Open the portal's page. What the console says is for the rule about it."""
    if scene.browser is None:
        raise Broken("no browser")
    with open_desk(scene.browser, scene.sandbox, **options) as desk:
        desk.allow("")
        desk.page.goto(desk.portal.url)
        desk.app.locator("#records [role=option]").first.wait_for()
        desk.settle()
        yield desk


def installs_by_itself(scene: Scene) -> str:
    """Open a portal that has just got the app. No click is needed until the list is there."""
    require(not scene.portal.installed, "the app is installed already")
    with desk_of(scene) as desk:
        rows = desk.app.locator("#records [role=option]")
        expect(rows).to_have_count(len(scene.portal.records))
    require(scene.portal.installed, "installFinish was not called")
    return f"without a click to the page with {len(scene.portal.records)} records"


def no_scroll_bars(name: str, scene: Scene) -> str:
    width, height = SIZES[name]
    found = {}
    with desk_of(scene, viewport={"width": width, "height": height}) as desk:
        found["page"] = _scroll_bars(desk.frame)
        open_record(desk, _busy_record(desk))
        desk.settle()
        found["record"] = _scroll_bars(desk.frame)
        found["slider"] = _scroll_bars(open_slider(desk))
        for kind, number in _cards(desk).items():
            open_tab(desk, kind, number)
            desk.settle()
            found[f"{kind} tab"] = _scroll_bars(desk.frame)
    bars = {place: bar for place, bar in found.items() if bar != NO_SCROLL_BARS}
    require_none(bars, "wider and higher than the frame, in pixels")
    return f"none in {', '.join(found)}"


def fits_phone(scene: Scene) -> str:
    with desk_of(scene, viewport=PHONE, has_touch=True, is_mobile=True) as desk:
        wanted, there = desk.frame.evaluate(WIDTHS)
        require(wanted <= there, f"{wanted} pixels wide on a screen with {there}")
        return f"{wanted} of {there} pixels wide"


def work_quietly(scene: Scene) -> str:
    """Do what people do, and look at the console, the requests and the addresses."""
    failed: list[str] = []
    addresses: list[str] = []
    with desk_of(scene) as desk:
        page = desk.page
        page.on("request", lambda request: addresses.append(request.url))
        page.on("requestfailed", lambda one: failed.extend(_failure_of(one)))
        page.on("response", lambda one: failed.extend([one.url] * (one.status >= 400)))
        for user in (1, REGULAR_USER):
            desk.log_in(user)
            desk.app.locator("#records [role=option]").first.wait_for()
            _save_and_undo(desk)
            for kind, number in _cards(desk).items():
                open_tab(desk, kind, number)
            page.goto(desk.portal.url)
            desk.app.locator("#records [role=option]").first.wait_for()
        addresses += [frame.url for frame in page.frames]
        complaints = list(desk.complaints)
    require_none(complaints, "in the console")
    require_none(failed, "requests that failed")
    tokens = scene.sandbox.state.oauth
    secrets = {*tokens.access, *tokens.refresh, scene.portal.application_token}
    told = [one for one in addresses if any(secret in one for secret in secrets)]
    require_none(told, "tokens in addresses")
    return f"{len(addresses)} requests: none failed, no word in the console, no token in an address"


def no_dead_links(scene: Scene) -> str:
    """Follow every link of the app's pages, those of the legal pages too."""
    pages = ("/", "/legal/license", "/legal/privacy")
    with desk_of(scene) as desk:
        open_record(desk, _busy_record(desk))
        links = set(desk.frame.evaluate(LINKS))
        for path in pages:
            desk.page.goto(f"{scene.settings.app_url}{path}")
            links |= set(desk.page.evaluate(LINKS))
    followed = {link for link in links if urlsplit(link).scheme.startswith("http")}
    answers = {link: requests.get(link, timeout=20).status_code for link in followed}
    require_none({link: code for link, code in answers.items() if code != 200}, "dead links")
    return f"{len(followed)} links lead somewhere"


def no_missing_file(scene: Scene) -> str:
    """Load every style, script and picture that a page names."""
    with desk_of(scene) as desk:
        files = set(desk.frame.evaluate(FILES))
    files = {one for one in files if one.startswith("http")}
    answers = {one: requests.get(one, timeout=20) for one in files}
    missing = {one: it.status_code for one, it in answers.items() if not it.ok or not it.content}
    require_none(missing, "missing")
    return f"{len(files)} styles, scripts and pictures"


def _failure_of(request: Request) -> list[str]:
    return [] if request.failure == ABORTED else [f"{request.failure} {request.url}"]


def _scroll_bars(frame: Frame) -> list[int]:
    """Return how much wider and higher than its frame a settled page is."""
    with suppress(TimeoutError):
        frame.wait_for_function(f"() => String(({SCROLL_BARS})()) === '0,0'", timeout=PATIENCE)
    return list(frame.evaluate(SCROLL_BARS))


def _save_and_undo(desk: Desk) -> None:
    portal = desk.portal
    number = next(n for n in sorted(portal.records) if not portal.clients(n))
    open_record(desk, number)
    picker = desk.app.get_by_role("combobox", name="Add a customer")
    picker.fill("Oliver")
    desk.app.locator("#found [role=option]").first.click()
    desk.app.get_by_role("button", name="Save").click()
    status = desk.app.get_by_role("status").filter(has_text="Saved")
    expect(status).to_be_visible()
    desk.app.get_by_role("button", name="Undo").click()
    expect(desk.app.get_by_role("button", name="Redo")).to_be_visible()


def open_slider(desk: Desk) -> Frame:
    """Open the app in the portal's slider, and return its frame."""
    desk.frame.wait_for_function("() => window.B24Js")
    desk.frame.evaluate(OPEN_SLIDER)
    slider = desk.page.locator(".slider iframe")
    handle = slider.element_handle()
    frame = handle.content_frame() if handle else None
    if frame is None:
        raise Broken("no slider")
    frame.locator("#records [role=option]").first.wait_for()
    return frame


def _busy_record(desk: Desk) -> int:
    return max(desk.portal.records, key=lambda number: len(desk.portal.clients(number)))


def _cards(desk: Desk) -> dict[str, int]:
    portal = desk.portal
    companies = (
        id for number in portal.records for kind, id in portal.clients(number) if kind == "COMPANY"
    )
    return {
        "contact": contact_on(portal, 1),
        "company": next(companies),
        "deal": full_deal(portal, linked=True),
    }


RULES = (
    Rule("After the installation the portal opens the app by itself", installs_by_itself),
    *(
        Rule(f"No scroll bar in the frame at {name} pixels", partial(no_scroll_bars, name))
        for name in SIZES
    ),
    Rule("On a phone the page is not wider than the screen", fits_phone),
    Rule("No error or warning in the console, no token in an address", work_quietly),
    Rule("No link is dead", no_dead_links),
    Rule("No style, script or picture is missing", no_missing_file),
)
"""The first of these rules installs the app."""
