"""Two portals of the sandbox, and users that every test knows.

Two portals, `here` and `elsewhere`. On each: Olga the administrator, Raj the regular user, and a
stranger to whom the app is not open. Every route is tried by the stranger and from elsewhere.
"""

from __future__ import annotations

import base64
import gc
import itertools
import os
import secrets
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import is_hypothesis_test

import settings
from bitrix24.isolation import browser_request
from sandbox import Sandbox
from sandbox.net.server import PortUnavailable
from sandbox.portal.portal import Portal
from sandbox.sandbox import SandboxOptions
from tests.cast import ADMINISTRATOR, REGULAR_USER, STRANGER, Cast, Person
from tests.chromium import browser
from tests.held_launches import verified
from tests.installed import Snapshot, install
from tests.quick_app import copied_app, migrated_database
from tests.quick_sandbox import quick_sandboxes
from web.http import skeleton

FIXTURES = [browser, quick_sandboxes, verified]
"""Fixtures of other modules, for pytest to find."""

skeleton.PATIENCE = 60.0
"""Answers keep their statuses on a slow machine, too. The tests of late answers wait for less."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need a browser, and those that `make test-fast` leaves out."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if "browser" in fixtures:
            item.add_marker(pytest.mark.browser)
        if "workers" in fixtures or is_hypothesis_test(getattr(item, "function", None)):
            item.add_marker(pytest.mark.thorough)
    # So tests of a room in the browser stand beside others of the room. A browser test waits for
    # half of its time, in which workers with other tests use the cores. The longest tests come
    # first: at the end, one of them would keep a single worker busy.
    items.sort(key=lambda item: (not item.get_closest_marker("thorough"), item.path.parent.name))


def pytest_xdist_auto_num_workers() -> int:
    """Take two workers more than there are cores: browser tests wait for half of their time."""
    return min(os.cpu_count() or 1, 4) + 2


def pytest_collection_finish() -> None:
    """Let the garbage collector skip what was imported. It would look through it in every test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


RECORDS = 60
"""A list of two pages. A page with 137 records takes a sixth more processor time per test."""

SNAPSHOTS: dict[tuple[int, int], Snapshot] = {}
"""One per number of records and port. The port is part of the stored addresses."""
PORTS = itertools.count(20_000 + 2 * secrets.randbelow(6_000), 2)
"""Below the range of automatic ports. The start is random: test runs may share a machine."""


@pytest.fixture(scope="session")
def ports() -> list[int]:
    """The port of the first portal. It changes only when another program takes it."""
    return [next(PORTS)]


@pytest.fixture
def sandbox(request: pytest.FixtureRequest, ports: list[int]) -> Iterator[Sandbox]:
    """Two portals; `@pytest.mark.records(49)` sets the number of records on the first."""
    marker = request.node.get_closest_marker("records")
    options = SandboxOptions(
        app_url="http://127.0.0.1:5999",
        portals=2,
        records=marker.args[0] if marker else RECORDS,
        client_id="local.0123456789abcd.01234567",
        client_secret="client-secret-of-these-tests",
    )
    while True:
        try:
            running = Sandbox(options, port=ports[0]).start()
            break
        except PortUnavailable:
            ports[0] = next(PORTS)
    with closing(running):
        yield running


@pytest.fixture
def config(sandbox: Sandbox, tmp_path: Path) -> settings.Settings:
    (tmp_path / "app.db").write_bytes(migrated_database())
    return settings.load(
        {
            **sandbox.environment(),
            "SECRET_KEY": "signs-the-sessions-of-these-tests",
            "TOKEN_KEYS": base64.urlsafe_b64encode(bytes(range(32))).decode(),
            "DATABASE_URL": f"sqlite:///{tmp_path / 'app.db'}",
            "LOG_DIR": str(tmp_path / "log"),
            "B24_TIMEOUT": "60",
        }
    )


@pytest.fixture
def app(config: settings.Settings) -> Iterator[Flask]:
    """Holds nothing back, as these portals limit nothing. test_busy.py has some that do."""
    yield copied_app(config)
    # A test client does not close a page that was sent as a stream.
    browser_request.end()


@pytest.fixture
def here(app: Flask, sandbox: Sandbox) -> Cast:
    """The first portal. The app is not installed yet."""
    return _cast(app, sandbox.portals[0])


@pytest.fixture
def elsewhere(app: Flask, sandbox: Sandbox) -> Cast:
    """The second portal, where the app is not installed yet either."""
    return _cast(app, sandbox.portals[1])


@pytest.fixture
def installed(app: Flask, here: Cast, sandbox: Sandbox) -> Cast:
    """The first portal after its administrator has installed the app."""
    key = sandbox.options.records, here.portal.port
    kept = SNAPSHOTS.get(key)
    if sandbox.portals[1].app.installed:
        install(here, sandbox)
    elif kept and kept.is_fresh():
        kept.restore(app, here, sandbox)
    else:
        install(here, sandbox)
        SNAPSHOTS[key] = Snapshot.take(app, here, sandbox)
    return here


@pytest.fixture
def installed_elsewhere(elsewhere: Cast, sandbox: Sandbox) -> Cast:
    """The second portal after its own administrator has installed the app."""
    install(elsewhere, sandbox)
    return elsewhere


def _cast(app: Flask, portal: Portal) -> Cast:
    people = (
        Person(app.test_client(), portal, user_id)
        for user_id in (ADMINISTRATOR, REGULAR_USER, STRANGER)
    )
    return Cast(portal, *people)
