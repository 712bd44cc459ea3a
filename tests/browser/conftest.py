"""Fixtures: a real browser on the sandbox's page, with the app in its frame on another site."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from sandbox import Sandbox
from tests.browser.desk import RECORDS, Desk, install, open_desk, sandbox_with_app


@pytest.fixture
def desk_sandbox(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sandbox]:
    """Start a sandbox with the app. `@pytest.mark.records(300)` sets the number of records."""
    marker = request.node.get_closest_marker("records")
    with sandbox_with_app(tmp_path, records=marker.args[0] if marker else RECORDS) as sandbox:
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
def installed_desk(unopened_desk: Desk) -> Desk:
    """Open the portal's page with the app installed by an administrator."""
    unopened_desk.open()
    return unopened_desk


@pytest.fixture
def clock(desk: Desk) -> None:
    """Let a test move the page's clock. List it in `usefixtures`, so that it comes first."""
    desk.page.clock.install()
