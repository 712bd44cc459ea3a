"""One Chromium for all browser tests: Playwright runs once in a process."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

EXECUTABLE = shutil.which("chromium") or shutil.which("google-chrome")
"""Chromium as the machine has it; None lets Playwright take the one it brought."""
HEADLESS = shutil.which("chromium-headless-shell") or EXECUTABLE
"""Chromium without the parts that only a window needs: a page takes less than half the time."""

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
"""Milliseconds until what is expected has not come, on a machine that is busy with other things."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=HEADLESS, args=SWITCHES)
        yield running
        running.close()
