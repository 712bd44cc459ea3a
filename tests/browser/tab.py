"""One browser tab for many tests, as long as they leave it as it was.

A page in a new tab takes a quarter more processor time: its processes start, and all scripts of the
app are fetched, read and compiled anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    CDPSession,
    ConsoleMessage,
    Page,
    ViewportSize,
)

SIZE = ViewportSize(width=1366, height=768)
KEPT: dict[Browser, Tab] = {}
"""The tab of each browser that no test has at the moment."""


class Tab(Page):
    """A page that notes when a test does what the next one would feel."""

    changed = False
    home: BrowserContext
    devtools: CDPSession
    complaints: list[str]

    @property
    def context(self) -> BrowserContext:
        self.changed = True
        return super().context

    @property
    def clock(self) -> Any:
        self.changed = True
        return super().clock

    def on(self, *args: Any, **options: Any) -> None:
        self.changed = True
        super().on(*args, **options)

    def add_init_script(self, *args: Any, **options: Any) -> Any:
        self.changed = True
        return super().add_init_script(*args, **options)

    def emulate_media(self, **options: Any) -> None:
        self.changed = True
        super().emulate_media(**options)


def _new_tab(browser: Browser, **options: Any) -> Tab:
    context = browser.new_context(**{"viewport": SIZE, "color_scheme": "light", **options})
    page: Any = context.new_page()
    page.__class__ = Tab
    tab: Tab = page
    tab.home, tab.complaints = context, []
    tab.devtools = context.new_cdp_session(page)

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            tab.complaints.append(message.text)

    tab.on("console", note)
    tab.on("pageerror", lambda error: tab.complaints.append(str(error)))
    return tab


@contextmanager
def lent_tab(browser: Browser, **options: Any) -> Iterator[Tab]:
    """Lend the kept tab, or a new one if there is none or options are given."""
    tab = (None if options else KEPT.pop(browser, None)) or _new_tab(browser, **options)
    tab.changed, tab.complaints = False, []
    yield tab
    if options or tab.changed or tab.is_closed() or browser in KEPT:
        tab.home.close()
        return
    tab.unroute_all(behavior="ignoreErrors")
    origins = {
        f"{url.scheme}://{url.netloc}"
        for url in (urlsplit(one.url) for one in tab.frames)
        if url.netloc
    }
    tab.goto("about:blank")
    for origin in origins:
        what = {"origin": origin, "storageTypes": "local_storage"}
        tab.devtools.send("Storage.clearDataForOrigin", what)
    tab.set_viewport_size(SIZE)
    tab.home.clear_cookies()
    KEPT[browser] = tab
