"""Fixtures: a real browser on the sandbox's page, with the app in its frame on another site."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from sandbox import Sandbox
from tests.browser.desk import RECORDS, Desk, install, open_desk, sandbox_with_app
from tests.browser.tidy import tidied


def wanted_records(request: pytest.FixtureRequest) -> int:
    marker = request.node.get_closest_marker("records")
    return int(marker.args[0]) if marker else RECORDS


def only_looks(request: pytest.FixtureRequest) -> bool:
    return request.node.get_closest_marker("looks") is not None


@pytest.fixture(scope="module")
def shared_sandbox(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sandbox]:
    """Start one sandbox with the app for the tests of a file that only look."""
    folder = tmp_path_factory.mktemp("shared")
    with sandbox_with_app(folder, records=wanted_records(request)) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def shared_desk(browser: Browser, shared_sandbox: Sandbox) -> Iterator[Desk]:
    """Open the portal's page once for the tests of a file that only look."""
    install(shared_sandbox)
    with open_desk(browser, shared_sandbox) as opened:
        opened.open()
        yield opened


@pytest.fixture
def desk_sandbox(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sandbox]:
    """Start a sandbox with the app. `@pytest.mark.records(300)` sets the number of records."""
    if only_looks(request):
        yield request.getfixturevalue("shared_sandbox")
        return
    with sandbox_with_app(tmp_path, records=wanted_records(request)) as sandbox:
        yield sandbox


@pytest.fixture
def desk(browser: Browser, desk_sandbox: Sandbox) -> Iterator[Desk]:
    with open_desk(browser, desk_sandbox) as opened:
        yield opened


@pytest.fixture
def unopened_desk(desk: Desk) -> Desk:
    """Install the app, and open no page yet."""
    install(desk.sandbox)
    return desk


@pytest.fixture
def installed_desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    """Open the portal's page with the app installed by an administrator.

    Lend it as it was when it was opened to a test marked with `@pytest.mark.looks`.
    """
    if only_looks(request):
        with tidied(request.getfixturevalue("shared_desk")) as desk:
            yield desk
        return
    opened: Desk = request.getfixturevalue("unopened_desk")
    opened.open()
    yield opened


@pytest.fixture
def clock(desk: Desk) -> None:
    """Let a test move the page's clock. List it in `usefixtures`, so that it comes first."""
    desk.page.clock.install()
