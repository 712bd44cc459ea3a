"""With a path in APP_URL, the app is served there and every link leads there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from sandbox import Sandbox
from sandbox.sandbox import SandboxOptions
from settings import Settings
from tests.cast import Cast
from tests.quick_app import quick_app

PREFIXES = ["/waiting", "/apps/waiting-list", "/card"]
LINK = re.compile(r'(?<!keyshortcuts)="(/(?!crm/)[^"]*)"')
"""An address of the app. Cards of the portal begin with /crm/."""


@pytest.fixture(params=PREFIXES)
def prefix(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def sandbox(prefix: str) -> Iterator[Sandbox]:
    """Portals whose app is registered at an address with a path."""
    options = SandboxOptions(
        app_url=f"http://127.0.0.1:5999{prefix}",
        portals=2,
        client_id="local.0123456789abcd.01234567",
        client_secret="client-secret-of-these-tests",
    )
    with closing(Sandbox(options, port=0).start()) as running:
        yield running


@pytest.fixture
def app(config: Settings) -> Flask:
    """An app of its own, because the path is taken off before an app is asked."""
    return quick_app(config)


def wrong_links(app: Flask, prefix: str, page: TestResponse) -> list[str]:
    """Return the addresses of a page that lead nowhere."""
    links = LINK.findall(page.text)
    assert len(links) > 3
    return [link for link in links if not leads_somewhere(app, prefix, link)]


def leads_somewhere(app: Flask, prefix: str, link: str) -> bool:
    path = urlsplit(link).path
    if not path.startswith(f"{prefix}/"):
        return False
    try:
        app.url_map.bind("").match(
            path.removeprefix(prefix), method="POST" if "static" not in path else "GET"
        )
    except HTTPException:
        return False
    return True


def test_every_link_of_the_pages_leads_there(app: Flask, prefix: str, installed: Cast) -> None:
    user = installed.regular_user
    number = next(iter(installed.portal.records))
    pages = [
        user.open(),
        user.post(f"{prefix}/records/{number}"),
        user.open(placement="CRM_CONTACT_DETAIL_TAB", options={"ID": "1"}),
        user.client.get(f"{prefix}/legal/privacy"),
    ]
    assert [page.status_code for page in pages] == [200] * 4
    assert [wrong_links(app, prefix, page) for page in pages[:3]] == [[]] * 3
    style = next(link for link in LINK.findall(pages[0].text) if link.endswith(".css"))
    assert user.client.get(style).status_code == 200


def test_what_is_bound_and_an_expired_page_lead_there(prefix: str, installed: Cast) -> None:
    state = installed.portal.state
    handlers = [row.handler for row in state.placements]
    handlers += [row.handler for row in state.event_handlers]
    assert {urlsplit(one).path.startswith(f"{prefix}/") for one in handlers} == {True}
    user = installed.regular_user
    refused = user.post_launch(user.launch(), AUTH_ID="an-expired-or-unknown-token")
    assert refused.status_code == 401
    assert f'action="{prefix}/"' in refused.text


def test_a_proxy_may_remove_the_path(prefix: str, installed: Cast) -> None:
    client = installed.stranger.client
    assert client.get("/healthz").status_code == 200
    assert client.get(f"{prefix}/healthz").status_code == 200
    assert client.get(prefix).status_code == 200
    assert client.get(f"{prefix}x/healthz").status_code == 404
