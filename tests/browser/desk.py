"""The portal's page in a browser, with the app in its frame on another site."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import requests
from flask import Flask
from playwright.sync_api import (
    Browser,
    FloatRect,
    Frame,
    FrameLocator,
    Locator,
    Page,
    ViewportSize,
)

import settings
from sandbox import Sandbox
from sandbox.portal import lifecycle
from sandbox.portal.portal import Portal
from tests.browser.app_server import reserve_port, served
from tests.browser.tab import lent_tab
from tests.cast import ADMINISTRATOR
from tests.quick_app import copied_app, migrated_database

ARTIFACTS = Path(__file__).parents[2] / "artifacts"
WITH_SCREENSHOTS = bool(os.environ.get("SCREENSHOTS"))
"""Set by `make screenshots`. They take a tenth of the browser's time and are no part of a test."""

RECORDS = 40
"""As many as most tests need. A page with a hundred more takes a third more processor time."""

PHONE = ViewportSize(width=390, height=844)

ON_A_PHONE = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
SETTLED_HEIGHT = """() => new Promise((resolve) => {
    const wanted = () => {
        const bottoms = [...document.querySelectorAll('[data-overlay]:not([hidden])')].map(
            (overlay) => overlay.getBoundingClientRect().bottom + scrollY + 16);
        const app = document.querySelector('#app') || document.body;
        return Math.ceil(Math.max(app.getBoundingClientRect().height, ...bottoms));
    };
    let last = '', same = 0;
    const look = () => {
        const height = wanted();
        same = last === `${height} ${innerHeight}` ? same + 1 : 0;
        last = `${height} ${innerHeight}`;
        const fits = Math.abs(Math.max(height, 600) - innerHeight) < 2;
        same >= (fits ? 3 : 40) ? resolve(innerHeight) : setTimeout(look, 20);
    };
    look();
})"""
"""The app tells the portal its height, and the portal's page resizes the frame, to no less than 600
pixels. A frame that keeps another height for 0.8 seconds, as in a slider, has settled, too."""


@dataclass
class Desk:
    """The portal's page in a browser tab, and the app in its frame."""

    page: Page
    sandbox: Sandbox
    complaints: list[str]
    allowed: list[str] = field(default_factory=list)

    @property
    def portal(self) -> Portal:
        return self.sandbox.portals[0]

    @property
    def app(self) -> FrameLocator:
        return self.page.frame_locator("iframe[name*='|']")

    @property
    def frame(self) -> Frame:
        return next(frame for frame in self.page.frames if "|" in frame.name)

    def settle(self) -> int:
        """Wait until the frame is as high as its content, and return its height.

        A click that is on its way while the frame grows or shrinks lands somewhere else.
        """
        return int(self.frame.evaluate(SETTLED_HEIGHT))

    def box(self, place: Locator) -> FloatRect:
        """Wait until the frame has settled, and return where an element is in the window."""
        self.settle()
        box = place.bounding_box()
        assert box
        return box

    def save(self) -> None:
        """Click *Save*, which moves with the end of the frame."""
        self.settle()
        self.app.get_by_role("button", name="Save").click()

    def open(self) -> None:
        """Open the portal's page and wait until the list is there and stands still."""
        self.page.goto(self.portal.url)
        self.app.get_by_role("option").first.wait_for()
        self.settle()

    def log_in(self, user_id: int) -> None:
        """Change the user: with the portal's switch, after which the page is loaded anew.

        Where no page is open yet, none is opened.
        """
        if self.page.url == "about:blank":
            form: dict[str, bool | float | str] = {"user": str(user_id)}
            self.page.request.post(f"{self.portal.url}/_portal/login", form=form, max_redirects=0)
            return
        self.page.wait_for_load_state()
        with self.page.expect_navigation():
            self.page.get_by_label("Logged in as").select_option(str(user_id))

    def allow(self, text: str) -> None:
        """Allow console messages with this text: browsers report every answer above 399."""
        self.allowed.append(text)

    def check_messages(self) -> None:
        """Fail if a console message came that is not allowed."""
        unexpected = [
            text for text in self.complaints if not any(ok in text for ok in self.allowed)
        ]
        assert not unexpected, unexpected

    def shoot(self, name: str) -> None:
        """Save a screenshot in `artifacts/`, if screenshots are wanted."""
        if not WITH_SCREENSHOTS:
            return
        ARTIFACTS.mkdir(exist_ok=True)
        self.page.screenshot(path=ARTIFACTS / f"{name}.png")

    def shoot_everywhere(self, name: str) -> None:
        """Save screenshots in light and dark mode, on a desktop and on a phone, if wanted."""
        if not WITH_SCREENSHOTS:
            return
        size = self.page.viewport_size
        assert size
        for suffix, viewport in (("", size), ("-phone", PHONE)):
            if viewport is not size:
                self.page.set_viewport_size(viewport)
                self.settle()
            self.shoot(f"{name}{suffix}")
            self.look("dark")
            self.shoot(f"{name}{suffix}-dark")
            self.look("light")
        self.page.set_viewport_size(size)
        self.settle()

    def look(self, scheme: Literal["light", "dark"], frame: Frame | None = None) -> None:
        """Show the portal's page and the app in it light or dark.

        In a portal, the app looks as its user has chosen, not as the device does.
        """
        self.page.emulate_media(color_scheme=scheme)
        app = frame or self.frame
        app.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", scheme)


@contextmanager
def sandbox_with_app(folder: Path, **options: Any) -> Iterator[Sandbox]:
    """Start a sandbox and the app, each on its own port."""
    with sandbox_and_app(folder, **options) as (sandbox, _app):
        yield sandbox


@contextmanager
def sandbox_and_app(folder: Path, **options: Any) -> Iterator[tuple[Sandbox, Flask]]:
    """Start a sandbox and the app, to look into both."""
    reserved = reserve_port()
    port = reserved.getsockname()[1]
    app_url = f"http://127.0.0.1:{port}"
    with Sandbox(app_url=app_url, port=0, **{"records": RECORDS, **options}) as sandbox:
        (folder / "app.db").write_bytes(migrated_database())
        app = copied_app(
            settings.load(
                {
                    **sandbox.environment(),
                    "SECRET_KEY": "signs-the-sessions-of-these-tests",
                    "TOKEN_KEYS": base64.urlsafe_b64encode(os.urandom(32)).decode(),
                    "DATABASE_URL": f"sqlite:///{folder / 'app.db'}",
                    "LOG_DIR": str(folder / "log"),
                }
            )
        )
        with served(app, reserved):
            yield sandbox, app


def install(sandbox: Sandbox) -> None:
    """Let the administrator of the first portal install the app, without a browser."""
    portal = sandbox.portals[0]
    launch = portal.launch(ADMINISTRATOR)
    assert requests.post(launch.url, launch.body, timeout=30).status_code == 200
    assert lifecycle.finish_install(portal, ADMINISTRATOR)
    assert sandbox.events.wait_idle()


@contextmanager
def open_desk(browser: Browser, sandbox: Sandbox, **options: Any) -> Iterator[Desk]:
    """Open the portal's page as an administrator, in a context with these options.

    A console message of the app fails the test."""
    with lent_tab(browser, **options) as tab:
        running = Desk(tab, sandbox, tab.complaints)
        yield running
    running.check_messages()
