"""A page whose tokens are refused for good stops and says what to do."""

from __future__ import annotations

import re
from collections import deque
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Route, expect

from tests.browser.desk import Desk
from tests.browser.steps import countdown
from web.http import skeleton

TOKEN = re.compile(r"\bAUTH_ID=[^&]*")
FINAL = "Your session has ended. Open the app again from the Bitrix24 menu."


def refuse_tokens(desk: Desk) -> deque[str]:
    """Let each launch arrive with another unknown token. Returns the paths of the launches."""
    launches = deque[str]()

    def spoil(route: Route) -> None:
        fields = route.request.post_data or ""
        if route.request.method != "POST" or "AUTH_ID" not in fields:
            route.continue_()
            return
        launches.append(urlsplit(route.request.url).path)
        route.continue_(post_data=TOKEN.sub(f"AUTH_ID=unknown-token-{len(launches)}", fields))

    desk.page.route(f"{desk.sandbox.hub.registration.url}/**", spoil)
    desk.allow("401")
    return launches


@pytest.mark.parametrize("place", ["/", "/crm/contact/details/1/"])
@pytest.mark.parametrize("patience", [0.0, 60.0], ids=["after its skeleton", "in time"])
def test_a_page_launches_itself_again_at_most_twice(
    unopened_desk: Desk, place: str, patience: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(skeleton, "PATIENCE", patience)
    desk = unopened_desk
    launches = refuse_tokens(desk)
    desk.page.goto(f"{desk.portal.url.rstrip('/')}{place}")
    if place != "/":
        desk.page.get_by_role("tab", name="Waiting list").or_(
            desk.page.get_by_role("link", name="Waiting list", exact=True)
        ).first.click()
    expect(desk.app.get_by_role("alert")).to_have_text(FINAL)
    desk.page.wait_for_load_state("networkidle")
    last = "/" if place == "/" else "/card/contact"
    assert list(launches)[-3:] == [last] * 3
    assert len(launches) <= 6
    assert desk.app.get_by_role("option").count() == 0


def test_a_later_reload_tries_again_and_works(installed_desk: Desk) -> None:
    desk = installed_desk
    launches = refuse_tokens(desk)
    desk.frame.evaluate("location.reload()")
    expect(desk.app.get_by_role("alert")).to_have_text(FINAL)
    assert list(launches) == ["/"] * 3
    desk.page.unroute_all()
    desk.page.reload()
    expect(desk.app.get_by_role("option")).to_have_count(len(desk.portal.records))


def test_a_page_that_a_busy_portal_refuses_opens_by_itself_later(installed_desk: Desk) -> None:
    desk, portal = installed_desk, installed_desk.portal
    desk.allow("503")
    desk.page.clock.install()
    portal.faults.add("OPERATION_TIME_LIMIT", "profile")
    desk.page.reload()
    expect(countdown(desk)).to_have_text(re.compile(r"Trying again in \d+ \w+\."))
    portal.faults.clear()
    desk.page.clock.fast_forward(11 * 60_000)
    desk.app.get_by_role("option").first.wait_for()
