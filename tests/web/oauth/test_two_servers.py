"""With two authorization servers, tokens are verified by the one that issued them."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import time_machine
from flask import Flask

from sandbox import Sandbox
from settings import Settings
from tests.cast import REGULAR_USER, Cast
from tests.quick_app import quick_app
from web.services import services_of

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


@pytest.fixture
def other_server() -> Iterator[Sandbox]:
    """An authorization server that knows no token of the portals."""
    with Sandbox(app_url="http://127.0.0.1:5999", port=0) as sandbox:
        yield sandbox


@pytest.fixture
def app(config: Settings, sandbox: Sandbox, other_server: Sandbox) -> Flask:
    """The other server is configured first."""
    return quick_app(replace(config, oauth_urls=(other_server.oauth_url, sandbox.oauth_url)))


def without_endpoint(cast: Cast) -> dict[str, str]:
    """Return the fields of a launch of the regular user without SERVER_ENDPOINT."""
    launch = cast.regular_user.launch()
    query = {name: value for name, (value,) in parse_qs(urlsplit(launch.url).query).items()}
    fields = {**query, **launch.body}
    del fields["SERVER_ENDPOINT"]
    return fields


def paths(sandbox: Sandbox) -> list[str]:
    return [request.path for request in sandbox.oauth_requests]


def test_a_renewal_asks_the_server_of_the_portal_only(
    installed: Cast, sandbox: Sandbox, other_server: Sandbox
) -> None:
    sandbox.oauth_requests.clear()
    other_server.oauth_requests.clear()
    user = installed.regular_user
    assert user.post("/session", without_endpoint(installed)).status_code == 200
    assert paths(sandbox) == ["/rest/app.info"]
    assert paths(other_server) == []


@pytest.mark.parametrize("path", ["/", "/session", "/card/contact"])
@pytest.mark.parametrize("endpoint", [None, "", "https://evil.example/rest/"])
def test_of_a_new_portal_each_server_is_asked_once(
    here: Cast, sandbox: Sandbox, other_server: Sandbox, path: str, endpoint: str | None
) -> None:
    fields = without_endpoint(here)
    if endpoint is not None:
        fields["SERVER_ENDPOINT"] = endpoint
    answer = here.regular_user.client.post(path, data=fields)
    assert (answer.status_code, bool(answer.text)) == (200, True)
    assert paths(other_server) == paths(sandbox) == ["/rest/app.info"]


def test_a_portal_that_moved_to_another_server_is_found_there(
    app: Flask, installed: Cast, other_server: Sandbox
) -> None:
    tokens = services_of(app).tokens
    token = tokens.find(installed.portal.member_id, REGULAR_USER)
    assert token is not None
    tokens.save_newer(
        replace(token, oauth_url=other_server.oauth_url, expires_at=token.expires_at + 1)
    )
    user = installed.regular_user
    assert user.post("/session", without_endpoint(installed)).status_code == 200


def test_a_server_that_is_away_does_not_hide_the_other(
    here: Cast, sandbox: Sandbox, other_server: Sandbox
) -> None:
    other_server.oauth_faults.add("drop_before", "app.info")
    client = here.regular_user.client
    assert client.post("/", data=without_endpoint(here)).status_code == 200
    sandbox.oauth_faults.add("drop_before", "app.info")
    assert client.post("/", data=without_endpoint(here)).status_code == 503


def test_a_server_that_is_away_makes_a_launch_unverified_not_expired(
    here: Cast, sandbox: Sandbox
) -> None:
    sandbox.oauth_faults.add("drop_before", "app.info", count=1)
    client, fields = here.regular_user.client, without_endpoint(here)
    assert client.post("/", data=fields).status_code == 503
    assert client.post("/", data=fields).status_code == 200


def test_a_launch_that_names_its_server_is_sent_to_no_other(
    installed: Cast, sandbox: Sandbox, other_server: Sandbox
) -> None:
    sandbox.oauth_requests.clear()
    other_server.oauth_requests.clear()
    user = installed.regular_user
    answer = user.post_launch(user.launch(), AUTH_ID="0123456789abcdef" * 4)
    assert answer.status_code == 401
    assert paths(sandbox) == ["/rest/app.info"]
    assert paths(other_server) == []


@pytest.mark.parametrize("path", ["/", "/card/contact"])
def test_an_expired_page_launches_itself_again(
    installed: Cast, sandbox: Sandbox, path: str
) -> None:
    client = installed.regular_user.client
    old = without_endpoint(installed)
    sandbox.expire_access_tokens()
    page = client.post(path, data=old)
    assert page.status_code == 401
    assert client.post(path, data=again(page.text, without_endpoint(installed))).status_code == 200


def again(page: str, launch: Mapping[str, str]) -> dict[str, str]:
    """Return what the script of an expired page posts with fresh tokens."""
    return dict(HIDDEN.findall(page)) | {name: launch[name] for name in ("AUTH_ID", "REFRESH_ID")}


def refused_pages(cast: Cast, page: str, path: str) -> list[str]:
    """Let the page launch itself as often as it does, with tokens unknown everywhere."""
    pages = [page]
    while "expired.js" in pages[-1] and len(pages) < 9:
        unknown = {"AUTH_ID": f"unknown-token-{len(pages)}", "REFRESH_ID": "unknown-token"}
        answer = cast.regular_user.client.post(path, data=again(pages[-1], unknown))
        assert answer.status_code == 401
        pages.append(answer.text)
    return pages


@pytest.mark.parametrize("path", ["/", "/install", "/card/deal"])
def test_a_page_launches_itself_twice_at_most(installed: Cast, sandbox: Sandbox, path: str) -> None:
    old = without_endpoint(installed)
    sandbox.expire_access_tokens()
    page = installed.regular_user.client.post(path, data=old).text
    first, second, last = refused_pages(installed, page, path)
    assert "Logging you in again" in first
    assert "Logging you in again" in second
    assert "Open the app again from the Bitrix24 menu" in last
    assert "<form" not in last


def test_a_page_of_an_old_session_launches_itself_twice_at_most(installed: Cast) -> None:
    user = installed.regular_user
    with time_machine.travel(time.time() + 16 * 60):
        page = user.submit("/").text
        assert len(refused_pages(installed, page, "/")) == 3


@pytest.mark.parametrize(("age", "ended"), [(10, True), (3600, False), (-3600, False)])
def test_a_frame_that_is_reloaded_later_counts_anew(
    installed: Cast, sandbox: Sandbox, age: int, ended: bool
) -> None:
    old = without_endpoint(installed) | {"launched_again": f"2.{int(time.time()) - age}"}
    sandbox.expire_access_tokens()
    page = installed.regular_user.client.post("/", data=old).text
    assert ("Logging you in again" not in page) is ended


@pytest.mark.parametrize("count", ["", "x", "9", "-1.5", "99.1", "9." + "9" * 4000, "\u0663.1"])
def test_a_malformed_count_is_ignored(installed: Cast, sandbox: Sandbox, count: str) -> None:
    old = without_endpoint(installed)
    sandbox.expire_access_tokens()
    answer = installed.regular_user.client.post("/", data={**old, "launched_again": count})
    assert "Logging you in again" in answer.text


def test_a_code_is_traded_at_the_server_that_knows_it(
    installed: Cast, sandbox: Sandbox, other_server: Sandbox
) -> None:
    sandbox.oauth_requests.clear()
    other_server.oauth_requests.clear()
    client = installed.regular_user.client
    start = client.get(f"/oauth/start?domain={installed.portal.domain}")
    cookies = {f"portal_user_{urlsplit(installed.portal.url).port}": str(REGULAR_USER)}
    answer = requests.get(
        start.headers["Location"], cookies=cookies, allow_redirects=False, timeout=60
    )
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    fields = {name: query[name][0] for name in ("code", "state")}
    page = client.get("/oauth/callback", query_string=fields)
    assert page.status_code == 200
    assert paths(sandbox) == ["/oauth/token/", "/rest/app.info"]
    assert paths(other_server) == []
