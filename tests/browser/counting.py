"""Counts the clicks and keys of a task.

A click is one press of a pointer, on the portal's page or in the app's frame. A key is one key
press, also of a typed letter; a shortcut such as Ctrl+Enter is one.
"""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page

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
    """The clicks and keys since the last `start`."""

    page: Page
    clicks: int = 0
    keys: int = 0

    def start(self) -> None:
        """Start a task."""
        self._settle()
        self.clicks = self.keys = 0

    def spent(self) -> tuple[int, int]:
        """Return the clicks and keys of the task so far."""
        self._settle()
        return self.clicks, self.keys

    def _settle(self) -> None:
        # Messages of a frame arrive after the action that caused them has returned.
        self.page.wait_for_timeout(50)

    def note(self, kind: str) -> None:
        if kind == "pointerdown":
            self.clicks += 1
        else:
            self.keys += 1


def count_effort(page: Page) -> Effort:
    """Count in every frame that this page opens from now on."""
    effort = Effort(page)
    page.expose_binding(BINDING, lambda _source, kind: effort.note(kind))
    page.add_init_script(COUNTER)
    return effort
