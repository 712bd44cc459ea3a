"""Opening the app outside the portal, with the authorization-code flow."""

from __future__ import annotations

import html
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask.testing import FlaskClient
from markupsafe import escape
from werkzeug.test import TestResponse

from sandbox import Sandbox
from sandbox.portal.portal import Portal
from settings import Settings
from tests.cast import ADMINISTRATOR, REGULAR_USER, SESSION, Cast
from tests.quick_app import quick_app


def authorize(portal: Portal, location: str, user_id: int = REGULAR_USER) -> str:
    """Return where the portal redirects a logged-in browser: to the callback, with a code."""
    cookies = {f"portal_user_{urlsplit(portal.url).port}": str(user_id)}
    answer = requests.get(location, cookies=cookies, allow_redirects=False, timeout=60)
    assert answer.status_code == 302, answer.text[:500]
    back = urlsplit(answer.headers["Location"])
    return f"{back.path}?{back.query}"


def post_session(client: FlaskClient, page: str) -> TestResponse:
    """Post the session, as the script of the page after the callback does."""
    found = SESSION.search(page)
    assert found is not None, page[:500]
    return client.post("/", data={"session": found.group(1)})


def test_a_user_lands_on_a_page_that_works(installed: Cast) -> None:
    client = installed.regular_user.client
    start = client.get(f"/oauth/start?domain={installed.portal.domain}")
    assert start.status_code == 302
    assert start.headers["Location"].startswith(f"{installed.portal.url}/oauth/authorize/?")
    signed_in = client.get(authorize(installed.portal, start.headers["Location"]))
    assert signed_in.status_code == 200
    page = post_session(client, signed_in.text)
    assert page.status_code == 200
    assert page.text.count('role="option"') == len(installed.portal.records)


@pytest.mark.parametrize(("user_id", "offered"), [(ADMINISTRATOR, True), (REGULAR_USER, False)])
def test_an_administrator_is_recognized_outside_the_portal_too(
    installed: Cast, user_id: int, offered: bool
) -> None:
    client = installed.regular_user.client
    start = client.get(f"/oauth/start?domain={installed.portal.domain}")
    back = authorize(installed.portal, start.headers["Location"], user_id)
    installed.portal.faults.add("commercial_plan", "booking.*")
    page = post_session(client, client.get(back).text).text
    assert 'role="alert"' in page
    assert (">Plans</button>" in page) is offered


@pytest.mark.parametrize(
    ("browser", "page_language"),
    [
        ("pt-BR,pt;q=0.9,en;q=0.5", "pt-BR"),
        ("de-AT", "de"),
        ("xx,fr;q=0.8", "fr"),
        ("", "en"),
        ("es-MX,en;q=0.5", "es"),
        ("pt-PT,pt;q=0.9,en-US;q=0.5,en;q=0.3", "pt-BR"),
        ("en;q=0,IT-ch;q=0.1,*;q=0.5", "it"),
    ],
)
def test_outside_a_portal_the_language_is_the_browsers(
    installed: Cast, browser: str, page_language: str
) -> None:
    client, headers = installed.regular_user.client, {"Accept-Language": browser}
    start = client.get(f"/oauth/start?domain={installed.portal.domain}")
    back = authorize(installed.portal, start.headers["Location"])
    signed_in = client.get(back, headers=headers).text
    assert f'<html lang="{page_language}"' in signed_in
    assert f'<html lang="{page_language}"' in post_session(client, signed_in).text
    assert f'<html lang="{page_language}"' in client.get("/", headers=headers).text


def test_a_state_is_valid_once(installed: Cast) -> None:
    client = installed.regular_user.client
    start = client.get(f"/oauth/start?domain={installed.portal.domain}")
    back = authorize(installed.portal, start.headers["Location"])
    assert client.get(back).status_code == 200
    assert client.get(back).status_code == 403


def test_a_state_is_valid_in_its_own_browser_only(installed: Cast) -> None:
    start = installed.regular_user.client.get(f"/oauth/start?domain={installed.portal.domain}")
    back = authorize(installed.portal, start.headers["Location"])
    stranger = installed.stranger.client
    assert stranger.get(back).status_code == 403
    stranger.get(f"/oauth/start?domain={installed.portal.domain}")
    assert stranger.get(back).status_code == 403


def test_a_state_does_not_open_another_portal(installed: Cast, installed_elsewhere: Cast) -> None:
    client = installed.regular_user.client
    start = client.get(f"/oauth/start?domain={installed.portal.domain}")
    state = parse_qs(urlsplit(start.headers["Location"]).query)["state"][0]
    theirs = start.headers["Location"].replace(installed.portal.url, installed_elsewhere.portal.url)
    back = authorize(installed_elsewhere.portal, theirs)
    assert state in back
    assert client.get(back).status_code == 403


def test_a_user_without_access_is_referred_to_the_administrator(installed: Cast) -> None:
    client = installed.stranger.client
    start = client.get(f"/oauth/start?domain={installed.portal.domain}")
    cookies = {f"portal_user_{urlsplit(installed.portal.url).port}": "3"}
    answer = requests.get(
        start.headers["Location"], cookies=cookies, allow_redirects=False, timeout=60
    )
    assert answer.status_code != 302


@pytest.mark.parametrize(
    "domain", ["", "evil.example", "localhost:1", "a b", "//evil.example", "x" * 400]
)
def test_start_redirects_to_known_portals_only(installed: Cast, domain: str) -> None:
    response = installed.regular_user.client.get("/oauth/start", query_string={"domain": domain})
    assert response.status_code == 404
    assert "Location" not in response.headers


OUTSIDE = ["/", "/install", "/card/contact", "/card/deal"]


@pytest.mark.parametrize("path", OUTSIDE)
def test_a_browser_outside_a_portal_is_asked_for_its_address(installed: Cast, path: str) -> None:
    page = installed.stranger.client.get(path)
    assert page.status_code == 200
    assert '<form method="get" action="/oauth/start"' in page.text
    assert '<label for="domain">Address of your Bitrix24</label>' in page.text
    assert 'role="alert"' not in page.text
    # Browsers apply this to the redirect that follows, which leads to a portal.
    assert "form-action 'self' https:" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("a b", "This is not an address."),
        ("https://", "This is not an address."),
        ('"><script>', "This is not an address."),
        ("company@example.com", "This is not an address."),
        ("evil.example", "We don't know this Bitrix24"),
        ("https://nobody.bitrix24.com/crm/", "We don't know this Bitrix24"),
    ],
)
def test_an_address_that_leads_nowhere_can_be_corrected(
    installed: Cast, typed: str, said: str
) -> None:
    page = installed.stranger.client.get("/oauth/start", query_string={"domain": typed})
    assert page.status_code == 404
    assert said in html.unescape(page.text)
    assert 'role="alert"' in page.text
    assert f'value="{escape(typed)}"' in page.text
    assert 'aria-invalid="true" aria-describedby="why"' in page.text


def test_pages_that_do_not_ask_for_an_address_keep_their_forms_to_themselves(
    installed: Cast,
) -> None:
    for response in (
        installed.regular_user.open(),
        installed.stranger.client.get("/oauth/callback"),
    ):
        assert "form-action 'self';" in response.headers["Content-Security-Policy"]


def test_an_unknown_page_is_not_found(installed: Cast) -> None:
    page = installed.stranger.client.get("/no/such/page")
    assert page.status_code == 404
    assert "<h1>Page not found</h1>" in page.text


def test_start_accepts_addresses_as_people_copy_them(installed: Cast) -> None:
    client = installed.regular_user.client
    for domain in (f" {installed.portal.domain.upper()} ", f"{installed.portal.url}/crm/deal/"):
        response = client.get("/oauth/start", query_string={"domain": domain})
        assert response.status_code == 302


def test_over_tls_only_this_host_can_set_the_cookie(
    config: Settings, installed: Cast, sandbox: Sandbox
) -> None:
    """Without the prefix, a neighboring site could plant its own state in a browser."""
    app = quick_app(replace(config, app_url="https://app.example.com"))
    client = app.test_client()
    start = client.get(
        f"/oauth/start?domain={installed.portal.domain}", base_url="https://app.example.com"
    )
    (cookie,) = start.headers.getlist("Set-Cookie")
    name, _, rest = cookie.partition("=")
    assert name == "__Host-waitlist_state"
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(rest.split("; "))
    assert "Domain" not in cookie
    sandbox.state.move_app("https://app.example.com")
    back = authorize(installed.portal, start.headers["Location"])
    planted = app.test_client()
    planted.set_cookie("waitlist_state", rest.partition(";")[0], domain="app.example.com")
    assert planted.get(back, base_url="https://app.example.com").status_code == 403
    signed_in = client.get(back, base_url="https://app.example.com")
    assert signed_in.status_code == 200
    (gone,) = signed_in.headers.getlist("Set-Cookie")
    assert gone.startswith("__Host-waitlist_state=;")
    assert {"Secure", "Max-Age=0", "Path=/"} <= set(gone.split("; "))
