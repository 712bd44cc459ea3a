"""Counts what a person does with mouse and keyboard: what a task costs is a figure, not a feeling.

A click is one press of a pointer, on the portal's page or in the app's frame. A key is one key
pressed down, typed letters included, a shortcut such as Ctrl+Enter being one.
"""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import BrowserContext, Page

BINDING = "countEffort"
COUNTER = """
const count = (event) => {
  if (!event.isTrusted || event.repeat) return;
  if (['Control', 'Shift', 'Alt', 'Meta'].includes(event.key)) return;
  window.countEffort(event.type);
};
window.addEventListener('keydown', count, { capture: true, passive: true });
window.addEventListener('pointerdown', count, { passive: true });
"""
"""Presses are counted last: Playwright stops those that would miss, and presses once more."""


@dataclass
class Effort:
    """What has been done since the last `start`."""

    page: Page
    clicks: int = 0
    keys: int = 0

    def start(self) -> None:
        """Begins a task."""
        self._settle()
        self.clicks = self.keys = 0

    def spent(self) -> tuple[int, int]:
        """Clicks and keys of the task so far."""
        self._settle()
        return self.clicks, self.keys

    def _settle(self) -> None:
        # What a frame tells arrives after the action that caused it has returned.
        self.page.wait_for_timeout(50)

    def note(self, kind: str) -> None:
        if kind == "pointerdown":
            self.clicks += 1
        else:
            self.keys += 1


def count_effort(context: BrowserContext, page: Page) -> Effort:
    """Counts in every page and frame that this context opens from now on."""
    effort = Effort(page)
    context.expose_binding(BINDING, lambda _source, kind: effort.note(kind))
    context.add_init_script(COUNTER)
    return effort
