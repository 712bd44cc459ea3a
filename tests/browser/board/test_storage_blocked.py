"""The app needs no cookie and no storage, which browsers may block in frames."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from sandbox import Sandbox
from tests.browser.desk import Desk
from tests.browser.steps import open_record
from tests.chromium import EXECUTABLE, SWITCHES

STORAGE = "() => { try { localStorage.length; return 'open'; } catch { return 'blocked'; } }"


@pytest.mark.parametrize("blocked", [True, False])
def test_a_record_is_saved(
    browser: Browser, desk_sandbox: Sandbox, tmp_path: Path, blocked: bool
) -> None:
    preferences = tmp_path / "profile" / "Default" / "Preferences"
    preferences.parent.mkdir(parents=True)
    settings = {"cookie_controls_mode": int(blocked), "block_third_party_cookies": blocked}
    preferences.write_text(json.dumps({"profile": settings}))
    context = browser.browser_type.launch_persistent_context(
        tmp_path / "profile",
        executable_path=EXECUTABLE,
        # Only the whole browser reads preferences; Playwright brings both.
        channel=None if EXECUTABLE else "chromium",
        args=SWITCHES,
    )
    desk = Desk(context.pages[0], desk_sandbox, [])
    desk.open()
    assert desk.page.frames[-1].evaluate(STORAGE) == ("blocked" if blocked else "open")

    number = next(n for n in desk.portal.records if not desk.portal.clients(n))
    open_record(desk, number)
    desk.app.get_by_role("textbox", name="Note").fill("No cookie was needed")
    desk.save()
    expect(desk.app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    assert desk.portal.records[number].note == "No cookie was needed"
    assert [cookie for cookie in context.cookies() if "127.0.0.1" in str(cookie)] == []
    context.close()
