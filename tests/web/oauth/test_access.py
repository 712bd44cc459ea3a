"""Every route without access or session, and with another portal's session."""

from __future__ import annotations

import datetime
import re
from html import unescape

import pytest
import time_machine
from flask import Flask

from tests.cast import Cast
from tests.web.routes import SESSION_ROUTES

LAUNCH_ROUTES = {"/", "/install", "/card/contact", "/card/company", "/card/deal", "/session"}
OPEN_ROUTES = {
    "/healthz",
    "/readyz",
    "/metrics",
    "/legal/license",
    "/legal/privacy",
    "/oauth/start",
    "/oauth/callback",
    "/events",
    "/static/<version>/<path:filename>",
    "/static/<version>/css/page.css",
    "/.well-known/security.txt",
}


def test_the_lists_below_name_every_route(app: Flask) -> None:
    rules = {re.sub("<int:[a-z_]+>", "1", rule.rule) for rule in app.url_map.iter_rules()}
    assert rules == SESSION_ROUTES | LAUNCH_ROUTES | OPEN_ROUTES


@pytest.mark.parametrize("path", sorted(SESSION_ROUTES))
def test_without_a_session_nothing_is_shown(installed: Cast, path: str) -> None:
    user = installed.regular_user
    for session in ("", "x", user.session[:-2], user.session.swapcase()):
        response = user.client.post(path, headers={"X-Frame-Session": session})
        assert response.status_code == 401
        assert "CONTACT:" not in response.text
    assert installed.portal.requests == []


@pytest.mark.parametrize("path", sorted(SESSION_ROUTES))
def test_a_session_in_an_address_is_ignored(installed: Cast, path: str) -> None:
    user = installed.regular_user
    response = user.client.post(f"{path}?session={user.session}")
    assert response.status_code == 401
    assert installed.portal.requests == []


@pytest.mark.parametrize("path", sorted(SESSION_ROUTES))
def test_get_opens_no_address(installed: Cast, path: str) -> None:
    assert installed.regular_user.client.get(path).status_code == 405


@pytest.mark.parametrize("path", sorted(SESSION_ROUTES))
def test_a_form_that_is_sent_without_the_script_changes_nothing(installed: Cast, path: str) -> None:
    """Only forms that load whole pages carry the session in a field."""
    response = installed.regular_user.submit(path)
    assert response.status_code == 401
    assert "<h1>" in response.text
    assert installed.portal.requests == []


@pytest.mark.parametrize("path", sorted(SESSION_ROUTES))
def test_a_session_expires(installed: Cast, path: str) -> None:
    user = installed.regular_user
    with time_machine.travel(datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=16)):
        assert user.post(path).status_code == 401
    assert installed.portal.requests == []


@pytest.mark.parametrize("odd", ["0", "9" * 30, "9" * 5000, "\N{SUPERSCRIPT TWO}", "\0"])
def test_an_impossible_id_is_not_found(installed: Cast, odd: str) -> None:
    user = installed.regular_user
    record = next(iter(installed.portal.records))
    base = [f"{kind}:{id}" for kind, id in installed.portal.clients(record)]
    saved = user.post(f"/records/{record}/save", {"base": base, "customer": [*base, "CONTACT:30"]})
    assert saved.status_code == 200
    for path in SESSION_ROUTES:
        if "/1" in path:
            assert user.post(path.replace("/1", f"/{odd}")).status_code == 404
    for path in ("undo", "put-back"):
        assert user.post(f"/records/{record}/{path}", {"change": odd}).status_code == 404
    fields = {"q": "anna", "record": odd, "draft_kind": "CONTACT", "draft_name": "Anna"}
    for path in ("/customers/search", "/customers/new"):
        assert user.post(path, fields).status_code == 200
    listed = user.submit("/", {"record": odd}).text.count('role="option"')
    assert listed == len(installed.portal.records)


def test_a_session_works_on_its_own_portal_only(installed: Cast, installed_elsewhere: Cast) -> None:
    user = installed.regular_user
    number = next(iter(installed.portal.records))
    before = installed.portal.clients(number)
    mine = installed_elsewhere.regular_user
    mine.post(f"/records/{number}/save", {"customer": ["CONTACT:3"], "base": []})
    assert installed.portal.requests == []
    assert installed.portal.clients(number) == before
    assert user.post(f"/records/{number}").status_code == 200


@pytest.mark.parametrize("way", ["undo", "restore"])
def test_the_history_of_another_portal_cannot_be_undone(
    installed: Cast, installed_elsewhere: Cast, way: str
) -> None:
    number = next(iter(installed.portal.records.keys() & installed_elsewhere.portal.records.keys()))
    base = [f"{kind}:{id}" for kind, id in installed.portal.clients(number)]
    user = installed.regular_user
    saved = user.post(f"/records/{number}/save", {"base": base, "customer": [*base, "CONTACT:30"]})
    assert saved.status_code == 200
    response = installed_elsewhere.regular_user.post(f"/records/{number}/{way}", {"change": "1"})
    assert response.status_code == 404


@pytest.mark.parametrize("path", sorted(LAUNCH_ROUTES))
def test_a_user_without_access_is_referred_to_the_administrator(installed: Cast, path: str) -> None:
    stranger = installed.stranger
    launch = stranger.launch()
    fields = {**launch.body, "DOMAIN": installed.portal.domain}
    response = stranger.client.post(path, data=fields)
    assert response.status_code == 403
    assert "Your administrator hasn't given you access to this app" in unescape(response.text)
    assert 'name="session"' not in response.text


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/legal/license", "/legal/privacy"])
def test_public_pages_need_no_session(here: Cast, path: str) -> None:
    response = here.stranger.client.get(path)
    assert response.status_code == 200


def test_metrics_name_no_portal_and_no_user(installed: Cast) -> None:
    text = installed.stranger.client.get("/metrics").text
    assert "waitlist_request_seconds" in text
    assert installed.portal.member_id not in text
    assert installed.portal.domain not in text
