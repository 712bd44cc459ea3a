"""The fixed cast of the tests, on portals of the sandbox.

Two portals, `here` and `elsewhere`. On each: Olga the administrator, Raj the regular user, and a
stranger to whom the app is not open. Every route is tried by the stranger and from elsewhere.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import settings
from app import create_app
from bitrix24.limits import Limits
from sandbox import Sandbox
from sandbox.portal import lifecycle
from sandbox.portal.launch import Launch
from sandbox.portal.portal import Portal
from tests.chromium import browser
from web.services import EXTENSION, services_of

ADMINISTRATOR, REGULAR_USER, STRANGER = 1, 2, 3
FIXTURES = [browser]
"""Fixtures from other modules, which pytest finds here."""
SESSION = re.compile(r'name="session" value="([^"]+)"')
Fields = Mapping[str, str | Sequence[str]]


@dataclass
class Person:
    """Somebody on a portal, with the app open in a frame."""

    client: FlaskClient
    portal: Portal
    user_id: int
    session: str = ""

    def launch(self, **options: Any) -> Launch:
        """What the portal's page would post now."""
        return self.portal.launch(user_id=self.user_id, **options)

    def post_launch(self, launch: Launch, **changes: str) -> TestResponse:
        """Posts a launch, with some of its fields changed on the way."""
        url = urlsplit(launch.url)
        return self.client.post(f"{url.path}?{url.query}", data={**launch.body, **changes})

    def open(self, **options: Any) -> TestResponse:
        """Opens the app and keeps the session that the page brings."""
        response = self.post_launch(self.launch(**options))
        found = SESSION.search(response.text)
        self.session = found.group(1) if found else ""
        return response

    def post(self, path: str, fields: Fields | None = None) -> TestResponse:
        """Posts as the page's script does."""
        return self.client.post(path, data=fields, headers={"X-Frame-Session": self.session})

    def submit(self, path: str, fields: Fields | None = None) -> TestResponse:
        """Posts as a form without script does."""
        return self.client.post(path, data={**(fields or {}), "session": self.session})


@dataclass
class Cast:
    """The people of one portal."""

    portal: Portal
    administrator: Person
    regular_user: Person
    stranger: Person


@pytest.fixture
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """Two portals; `@pytest.mark.records(49)` says how many records the first one has."""
    marker = request.node.get_closest_marker("records")
    records = marker.args[0] if marker else 137
    app_url = "http://127.0.0.1:5999"
    with Sandbox(app_url=app_url, port=0, portals=2, records=records) as running:
        yield running


@pytest.fixture
def config(sandbox: Sandbox, tmp_path: Path) -> settings.Settings:
    return settings.load(
        {
            **sandbox.environment(),
            "SECRET_KEY": "signs-the-sessions-of-these-tests",
            "TOKEN_KEYS": base64.urlsafe_b64encode(bytes(range(32))).decode(),
            "DATABASE_URL": f"sqlite:///{tmp_path / 'app.db'}",
            "LOG_DIR": str(tmp_path / "log"),
            "B24_TIMEOUT": "5",
        }
    )


@pytest.fixture
def app(config: settings.Settings) -> Flask:
    """Holds nothing back, as these portals limit nothing; test_busy.py has some that do."""
    made = create_app(config)
    made.extensions[EXTENSION] = replace(services_of(made), limits=Limits())
    return made


@pytest.fixture
def here(app: Flask, sandbox: Sandbox) -> Cast:
    """The first portal. The app is not installed yet."""
    return _cast(app, sandbox.portals[0])


@pytest.fixture
def elsewhere(app: Flask, sandbox: Sandbox) -> Cast:
    """The second portal, where the app is not installed yet either."""
    return _cast(app, sandbox.portals[1])


@pytest.fixture
def installed(here: Cast, sandbox: Sandbox) -> Cast:
    """The first portal after its administrator has installed the app."""
    return _install(here, sandbox)


@pytest.fixture
def installed_elsewhere(elsewhere: Cast, sandbox: Sandbox) -> Cast:
    """The second portal after its own administrator has installed the app."""
    return _install(elsewhere, sandbox)


def _cast(app: Flask, portal: Portal) -> Cast:
    people = (
        Person(app.test_client(), portal, user_id)
        for user_id in (ADMINISTRATOR, REGULAR_USER, STRANGER)
    )
    return Cast(portal, *people)


def _install(cast: Cast, sandbox: Sandbox) -> Cast:
    assert cast.administrator.open().status_code == 200
    assert lifecycle.finish_install(cast.portal, ADMINISTRATOR)
    assert sandbox.events.wait_idle()
    cast.administrator.open()
    cast.regular_user.open()
    cast.portal.requests.clear()
    return cast
