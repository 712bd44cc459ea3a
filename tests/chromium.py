"""One Chromium for all browser tests of a process."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

EXECUTABLE = shutil.which("chromium") or shutil.which("google-chrome")
"""The installed Chromium; with None, Playwright takes its own."""
HEADLESS = shutil.which("chromium-headless-shell") or EXECUTABLE
"""Chromium without a user interface. It shows a page in less than half the time."""

SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


PATIENCE = 20_000
"""Milliseconds that `expect` waits. The machine may be busy."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=HEADLESS, args=SWITCHES)
        yield running
        running.close()
