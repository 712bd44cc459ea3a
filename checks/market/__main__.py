"""`make market-check`: a line for each rule of the Market, and what was seen of it."""

import logging
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from checks.market import answers, card, installation, screen, usage
from checks.market.rules import Result, apply
from checks.market.scene import set_scene
from tests.chromium import HEADLESS, PATIENCE, SWITCHES

WITHOUT_BROWSER = (
    *card.RULES,
    *answers.PUBLIC,
    *installation.RULES,
    *usage.RULES,
    *answers.INSIDE,
    *installation.REMOVAL,
)


def results() -> Iterator[Result]:
    """Apply all rules, those of the browser on a portal of their own."""
    with tempfile.TemporaryDirectory() as name, set_scene(Path(name)) as scene:
        for rule in (*card.MADE, *WITHOUT_BROWSER):
            yield apply(rule, scene)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        browser = playwright.chromium.launch(executable_path=HEADLESS, args=SWITCHES)
        with set_scene(Path(name), browser) as scene:
            for rule in screen.RULES:
                yield apply(rule, scene)
        browser.close()


def main() -> int:
    """Print the rules, and return 1 if one is broken."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    started, red, count = time.monotonic(), 0, 0
    for result in results():
        print(result, flush=True)
        count, red = count + 1, red + (not result.kept)
    print(f"\n{count} rules, {red} red, in {time.monotonic() - started:.0f} s")
    return 1 if red else 0


if __name__ == "__main__":
    sys.exit(main())
