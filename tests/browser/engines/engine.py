"""What a test does in a browser, whatever protocol drives it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

PATIENCE = 60
"""Seconds until an element is there. The machine may be busy."""

ELEMENTS = {
    "button": "button",
    "combobox": "[role=combobox]",
    "listitem": "li",
    "option": "[role=option]",
    "searchbox": "[type=search]",
    "status": "[role=status], output",
    "textbox": "textarea, [type=text]",
}
"""The elements that may have a role, with which the app's pages are written."""

MAY_BE = """(selector, name) => [...document.querySelectorAll(selector)].filter((one) => {
    const labels = [...one.labels ?? []].map((label) => label.innerText);
    return one.checkVisibility()
        && [one.ariaLabel, one.innerText, ...labels].some((text) => text?.includes(name));
})"""
"""Finds visible elements that may have this accessible name."""


class Engine(Protocol):
    """A browser that shows the portal's page. Elements are looked for in the app's frame."""

    def open(self, url: str) -> None:
        """Load the portal's page."""
        ...

    def texts(self, role: str, name: str | None = None) -> list[str]:
        """Return the texts of the elements with this role and accessible name, in order."""
        ...

    def click(self, role: str, name: str, *, index: int = 0) -> None:
        """Click an element. An option is found by a part of its text."""
        ...

    def type(self, text: str) -> None:
        """Type into whatever has the focus."""
        ...

    def screenshot(self) -> bytes:
        """Return the window as a PNG."""
        ...


def wait_until(seen: Callable[[], bool], what: str) -> None:
    """Look until `seen` is true; raise `AssertionError` with `what` after a minute."""
    end = time.monotonic() + PATIENCE
    while not seen():
        assert time.monotonic() < end, what
        time.sleep(0.05)
