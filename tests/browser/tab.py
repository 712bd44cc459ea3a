"""One browser tab for many tests, as long as they leave it as it was.

A page in a new tab takes half as much processor time again: its processes start, and all scripts of
the app are fetched, read and compiled anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    CDPSession,
    ConsoleMessage,
    Frame,
    Page,
    ViewportSize,
)

SIZE = ViewportSize(width=1366, height=768)
MEDIA: dict[str, Any] = {
    "color_scheme": "light",
    "reduced_motion": "no-preference",
    "forced_colors": "none",
}
KEPT: dict[tuple[Browser, str], Tab] = {}
"""The tabs that no test has at the moment, by their browser and the options of their context."""


class Tab(Page):
    """A page that undoes what a test did to it, or notes that this cannot be undone."""

    changed = False
    touched = False
    undo: ExitStack
    origins: set[str]
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

    def on(self, event: Any, f: Any) -> None:
        super().on(event, f)
        self.undo.callback(self.remove_listener, event, f)

    def route(self, *args: Any, **options: Any) -> Any:
        self.touched = True
        self.undo.callback(self.unroute_all, behavior="ignoreErrors")
        return super().route(*args, **options)

    def add_init_script(self, *args: Any, **options: Any) -> Any:
        self.touched = True
        return self.undo.enter_context(super().add_init_script(*args, **options))

    def expose_binding(self, *args: Any, **options: Any) -> Any:
        self.touched = True
        return self.undo.enter_context(super().expose_binding(*args, **options))

    def emulate_media(self, **options: Any) -> None:
        self.undo.callback(super().emulate_media, **MEDIA)
        super().emulate_media(**options)

    def note_message(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def note_origin(self, frame: Frame) -> None:
        url = urlsplit(frame.url)
        if url.netloc:
            self.origins.add(f"{url.scheme}://{url.netloc}")


def _new_tab(browser: Browser, **options: Any) -> Tab:
    context = browser.new_context(**{**MEDIA, **options})
    page: Any = context.new_page()
    page.__class__ = Tab
    tab: Tab = page
    tab.home, tab.undo, tab.origins = context, ExitStack(), set()
    tab.devtools = context.new_cdp_session(page)
    # These listeners stay with the tab.
    Page.on(tab, "console", tab.note_message)
    Page.on(tab, "pageerror", lambda error: tab.complaints.append(str(error)))
    Page.on(tab, "framenavigated", tab.note_origin)
    return tab


@contextmanager
def lent_tab(browser: Browser, **options: Any) -> Iterator[Tab]:
    """Lend a kept tab whose context has these options, or a new one.

    Its size and the media it emulates are no options of its context.
    """
    size = options.pop("viewport", SIZE)
    media = {name: options.pop(name) for name in MEDIA if name in options}
    kind = browser, repr(sorted(options.items()))
    tab = KEPT.pop(kind, None) or _new_tab(browser, viewport=size, **options)
    tab.changed, tab.complaints = False, []
    if tab.viewport_size != size:
        tab.set_viewport_size(size)
    if media:
        tab.emulate_media(**media)
    yield tab
    if tab.changed or tab.is_closed() or kind in KEPT:
        tab.home.close()
        return
    tab.goto("about:blank")
    # It holds fifty pages at most. A test may count them.
    tab.devtools.send("Page.resetNavigationHistory")
    tab.undo.close()
    for origin in tab.origins:
        what = {"origin": origin, "storageTypes": "local_storage"}
        tab.devtools.send("Storage.clearDataForOrigin", what)
    tab.origins.clear()
    tab.home.clear_cookies()
    KEPT[kind] = tab
