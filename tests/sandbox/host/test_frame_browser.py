"""The portal's page in a browser: what it answers to the frame, and what not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Frame, Page

from sandbox import Sandbox
from sandbox.portal.portal import Portal
from tests.chromium import PATIENCE
from tests.sandbox.host.frame_app import frame_app


@pytest.fixture
def portal() -> Iterator[Portal]:
    with frame_app() as app_url, Sandbox(port=0, app_url=app_url) as running:
        yield running.portals[0]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    page.close()
    assert complaints == []


def frame(page: Page, selector: str = ".appframe iframe") -> Frame:
    inside = page.wait_for_selector(selector)
    assert inside
    found = inside.content_frame()
    assert found
    found.wait_for_function("typeof send === 'function'", timeout=30_000)
    return found


def test_after_the_installer_the_frame_opens_the_application(page: Page, portal: Portal) -> None:
    page.goto(portal.url)
    installer = frame(page)
    assert installer.inner_text("h1") == "/install"
    assert installer.inner_text("#posted").startswith("AUTH_ID,AUTH_EXPIRES,REFRESH_ID,")
    init = installer.evaluate("send('getInitData')")
    assert (init["INSTALL"], init["FIRST_RUN"], init["IS_ADMIN"]) == (True, True, True)
    assert init["DOMAIN"] == portal.domain
    assert installer.evaluate("send('setInstall', {install: true})") == {"install": True}
    installer.evaluate("void send('setInstallFinish', {})")
    page.wait_for_url("**/?install_finished=Y")
    app = frame(page)
    assert (app.inner_text("h1"), portal.installed) == ("/", True)
    init = app.evaluate("send('getInitData')")
    assert (init["INSTALL"], init["FIRST_RUN"]) == (False, False)


def test_a_regular_user_gets_the_application_after_the_installation(
    page: Page, portal: Portal
) -> None:
    page.goto(portal.url)
    page.get_by_label("Logged in as").select_option("2")
    page.get_by_role("alert").get_by_text(portal.administrator.full_name).wait_for()
    portal.installed = True
    page.reload()
    assert frame(page).evaluate("send('getInitData')")["IS_ADMIN"] is False


def test_unknown_denied_and_foreign_messages_get_no_answer(page: Page, portal: Portal) -> None:
    portal.installed = True
    page.goto(f"{portal.url}/?mute=refreshAuth")
    app = frame(page)
    silent = app.evaluate(
        """Promise.all([
          patient(send('noSuchCommand')),
          patient(send('getInitData', undefined, 'text', '0'.repeat(32))),
          patient(send('placementBindEvent', {event: 'x'})),
          patient(send('reloadData', {})),
          patient(send('refreshAuth')),
          patient(send('openPath', {path: '/crm/deal/list/'})),
        ])"""
    )
    assert silent == [None] * 6
    assert app.evaluate("answers") == []
    assert app.evaluate("send('openPath', {path: 'http://evil.example/'})") == {
        "result": "error",
        "errorCode": "PATH_NOT_AVAILABLE",
    }


def test_both_message_forms_set_titles_and_refresh_tokens(page: Page, portal: Portal) -> None:
    portal.installed = True
    page.goto(portal.url)
    app = frame(page)
    title = 'A: "b" {c}'
    assert app.evaluate("t => send('setTitle', {title: t})", title) == {"title": title}
    assert page.inner_text("#pagetitle") == title
    first = app.evaluate("send('getInitData', undefined, 'object')")["AUTH_ID"]
    fresh = app.evaluate("send('refreshAuth')")
    assert set(fresh) == {"AUTH_ID", "AUTH_EXPIRES", "REFRESH_ID"}
    assert app.evaluate("send('getInitData')")["AUTH_ID"] == fresh["AUTH_ID"] != first
    size = app.evaluate("send('resizeWindow', {width: '100%', height: 900})")
    assert size["height"] == 900


def test_sliders_answer_when_closed_and_cannot_be_resized(page: Page, portal: Portal) -> None:
    portal.installed = True
    page.goto(portal.url)
    app = frame(page)
    app.evaluate(
        "void send('openApplication', {bx24_title: 'Part', id: 7}).then((r) => window.end = [r])"
    )
    part = frame(page, ".slider iframe")
    init = part.evaluate("send('getInitData')")
    assert init["PLACEMENT_OPTIONS"] == {"id": "7", "IFRAME": "Y"}
    assert part.evaluate("patient(send('resizeWindow', {width: 100, height: 100}))") is None
    part.evaluate("void send('closeApplication')")
    app.wait_for_function("window.end")
    assert app.evaluate("end") == [""]
    app.evaluate(
        "void send('openPath', {path: '/x/../crm/contact/details/5/'}).then((r) => window.path = r)"
    )
    page.frame_locator(".slider iframe").get_by_role("tab", name="General").wait_for()
    page.get_by_role("button", name="Close").click()
    app.wait_for_function("window.path")
    assert app.evaluate("path") == {"result": "close"}


def test_a_canceled_dialog_sends_nothing_and_a_selection_is_grouped_by_type(
    page: Page, portal: Portal
) -> None:
    portal.installed = True
    page.goto(portal.url)
    app = frame(page)
    wish = "{entityType: ['contact'], multiple: true}"
    ask = f"void send('selectCRM', {wish}).then((r) => window.got = r)"
    app.evaluate(ask)
    page.get_by_role("button", name="Cancel").click()
    assert (
        app.evaluate("patient(new Promise((d) => setTimeout(() => d(window.got ?? null), 200)))")
        is None
    )
    app.evaluate(ask)
    name = portal.state.contacts[7].title
    page.get_by_label("Find").fill(name)
    page.get_by_role("checkbox", name=name).first.check()
    page.get_by_role("button", name="Select").click()
    app.wait_for_function("window.got")
    assert app.evaluate("got.contact.map((row) => row.id)") == ["C_7"]


def test_a_tab_of_a_card_opens_its_handler_with_the_id(page: Page, portal: Portal) -> None:
    portal.installed = True
    page.goto(portal.url)
    app_url = portal.hub.registration.url
    token = portal.launch(1).access_token
    fields = {
        "auth": token,
        "PLACEMENT": "CRM_CONTACT_DETAIL_TAB",
        "HANDLER": f"{app_url}/tab",
        "TITLE": "Waiting list",
    }
    assert page.request.post(f"{portal.client_endpoint}placement.bind", data=fields).ok
    page.goto(f"{portal.url}/crm/contact/details/5/")
    page.get_by_role("tab", name="Waiting list").click()
    tab = frame(page)
    assert tab.inner_text("h1") == "/tab"
    init = tab.evaluate("send('getInitData')")
    assert init["PLACEMENT_OPTIONS"] == {"ID": "5", "URI": "/crm/contact/details/5/"}
    assert tab.evaluate("patient(send('setTitle', {title: 'x'}))") is None
    assert tab.evaluate("send('reloadData', {isRawValue: false})") == []
