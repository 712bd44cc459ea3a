"""The fixed cast of the tests, on portals of the sandbox.

Two portals, `here` and `elsewhere`. On each: Olga the administrator, Raj the regular user, and a
stranger to whom the app is not open. Every route is tried by the stranger and from elsewhere.
"""

from __future__ import annotations

import base64
import itertools
import secrets
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import CodeType

import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache

import settings
from app import create_app
from bitrix24.limits import Limits
from sandbox import Sandbox
from sandbox.net.server import PortUnavailable
from sandbox.portal.portal import Portal
from sandbox.sandbox import SandboxOptions
from store.engine import migrate, open_engine
from tests.cast import ADMINISTRATOR, REGULAR_USER, STRANGER, Cast, Person
from tests.chromium import browser
from tests.installed import Snapshot, install

FIXTURES = [browser]
"""Fixtures from other modules, which pytest finds here."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need a browser."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


class CompiledTemplates(BytecodeCache):
    """Keeps templates compiled for the next app of this process."""

    def __init__(self) -> None:
        self.codes: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.codes[bucket.key, bucket.checksum] = bucket.code


COMPILED_TEMPLATES = CompiledTemplates()
SNAPSHOTS: dict[tuple[int, int], Snapshot] = {}
"""By the number of records and the port of the portal, which stands in what it keeps."""
PORTS = itertools.count(20_000 + 2 * secrets.randbelow(6_000), 2)
"""Below those that a system gives out by itself; several test runs may share a machine."""


@pytest.fixture(scope="session")
def ports() -> list[int]:
    """The port of the first portal: the same in each test, unless somebody else takes it."""
    return [next(PORTS)]


@pytest.fixture
def sandbox(request: pytest.FixtureRequest, ports: list[int]) -> Iterator[Sandbox]:
    """Two portals; `@pytest.mark.records(49)` says how many records the first one has."""
    marker = request.node.get_closest_marker("records")
    options = SandboxOptions(
        app_url="http://127.0.0.1:5999",
        portals=2,
        records=marker.args[0] if marker else 137,
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


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database with all tables."""
    path = tmp_path_factory.mktemp("database") / "app.db"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture
def config(sandbox: Sandbox, tmp_path: Path, empty_database: Path) -> settings.Settings:
    shutil.copy(empty_database, tmp_path / "app.db")
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
    made = create_app(config, limits=Limits())
    made.jinja_env.bytecode_cache = COMPILED_TEMPLATES
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
