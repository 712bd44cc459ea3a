"""Only the verified portal may frame a page, and only our own scripts run in it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from settings import Settings
from tests.cast import Cast
from tests.quick_app import quick_app
from web.http.headers import HSTS_SECONDS

NONCE = re.compile(r"'nonce-([^']+)'")


def policy_of(headers: object) -> dict[str, str]:
    text = headers["Content-Security-Policy"]  # type: ignore[index]
    return dict(part.split(" ", 1) for part in text.split("; "))


def test_a_page_may_be_framed_by_its_own_portal_only(
    installed: Cast, installed_elsewhere: Cast
) -> None:
    for cast in (installed, installed_elsewhere):
        policy = policy_of(cast.regular_user.open().headers)
        assert policy["frame-ancestors"] == cast.portal.url
        fragment = cast.regular_user.post("/records/1")
        assert policy_of(fragment.headers)["frame-ancestors"] == cast.portal.url


@pytest.mark.parametrize("path", ["/", "/install", "/nothing", "/legal/privacy", "/oauth/start"])
def test_a_page_without_a_portal_cannot_be_framed(here: Cast, path: str) -> None:
    response = here.stranger.client.get(path)
    assert policy_of(response.headers)["frame-ancestors"] == "'none'"


def test_a_forged_launch_cannot_choose_the_framing_portal(installed: Cast) -> None:
    user = installed.regular_user
    launch = user.launch()
    response = user.client.post("/?DOMAIN=evil.example", data=launch.body)
    assert policy_of(response.headers)["frame-ancestors"] == "'none'"


def test_scripts_and_styles_need_the_nonce_of_the_response(installed: Cast) -> None:
    first, second = (installed.regular_user.open() for _ in range(2))
    policy = policy_of(first.headers)
    assert policy["default-src"] == "'none'"
    for directive in ("script-src", "style-src"):
        found = NONCE.fullmatch(policy[directive])
        assert found
        assert f'nonce="{found.group(1)}"' in first.text
        assert found.group(1) not in second.text
    assert "unsafe" not in first.headers["Content-Security-Policy"]
    assert " style=" not in first.text
    assert not re.search(r"\son[a-z]+=", first.text)


def test_every_response_has_the_headers(installed: Cast) -> None:
    response = installed.regular_user.open()
    assert "X-Frame-Options" not in response.headers
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("path", ["/", "/nothing", "/healthz", "/legal/privacy", "/oauth/start"])
def test_over_tls_browsers_remember_to_use_nothing_else(config: Settings, path: str) -> None:
    over_tls = quick_app(replace(config, app_url="https://app.example.com"))
    headers = over_tls.test_client().get(path).headers
    assert headers["Strict-Transport-Security"] == f"max-age={HSTS_SECONDS}"


def test_without_tls_browsers_are_told_nothing_of_it(here: Cast) -> None:
    assert "Strict-Transport-Security" not in here.stranger.client.get("/").headers
