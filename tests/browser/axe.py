"""Runs axe in the app's frame: what a program can check of WCAG 2.2 AA and good practice."""

from __future__ import annotations

import json
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
from playwright.sync_api import Frame, Page

RULES = [
    "wcag2a",
    "wcag2aa",
    "wcag21a",
    "wcag21aa",
    "wcag22aa",
    "best-practice",
]
OF_COLORS = ["color-contrast", "link-in-text-block"]
"""The rules that look at colors. The others find the same in dark mode as in light mode."""
OF_PLACES = ["color-contrast", "scrollable-region-focusable", "target-size"]
"""The rules that look at where things are. The others find the same from right to left."""


def violations(page: Page | Frame, only: list[str] | None = None) -> list[str]:
    """Return one line for each element that breaks a rule, or one of these rules."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    options = {"runOnly": only or RULES, "resultTypes": ["violations"]}
    found: list[dict[str, Any]] = page.evaluate(
        f"axe.run({json.dumps(options)}).then((results) => results.violations)"
    )
    return [
        f"{rule['id']} ({rule['impact']}): {' '.join(map(str, node['target']))}: "
        f"{node['failureSummary'].splitlines()[-1].strip()}"
        for rule in found
        for node in rule["nodes"]
    ]
