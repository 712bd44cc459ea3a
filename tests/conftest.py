"""The fixed cast of the tests, on portals of the sandbox.

Two portals, `here` and `elsewhere`. On each: Olga the administrator, Raj the regular user, and a
stranger to whom the app is not open. Every route is tried by the stranger and from elsewhere.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

import settings
from app import create_app
from bitrix24.limits import Limits
from sandbox import Sandbox
from sandbox.portal import lifecycle
from sandbox.portal.portal import Portal
from tests.cast import ADMINISTRATOR, REGULAR_USER, STRANGER, Cast, Person
from tests.chromium import browser

FIXTURES = [browser]
"""Fixtures from other modules, which pytest finds here."""


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
    return create_app(config, limits=Limits())


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
