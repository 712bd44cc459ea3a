"""Measures how long typing in the search of the main page holds a browser up."""

import json
from collections import defaultdict

from playwright.sync_api import Browser, Frame, Page

from benchmarks.page_table import SLOWER

WORDS = ("be", "anna", "0177", "er", "room")
"""Many records are found, some, or none."""
BETWEEN_LETTERS, BETWEEN_WORDS = 120, 800
"""Milliseconds."""


def measure_longest_task(browser: Browser, page: Page, app: Frame) -> float:
    """Type words in the search, and return the longest task of the app's page.

    In ms of processor time on a slow processor, so that other work of this machine counts little.
    """
    search = app.get_by_role("searchbox")
    with page.expect_request("**/records/search"):
        # All that belongs to the search is loaded now.
        search.fill("warm up")
    search.fill("")
    page.wait_for_timeout(BETWEEN_WORDS)
    page.context.new_cdp_session(app).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    search.focus()
    browser.start_tracing(page=page, categories=["toplevel", "__metadata"])
    for word in WORDS:
        page.keyboard.type(word, delay=BETWEEN_LETTERS)
        page.wait_for_timeout(BETWEEN_WORDS)
        page.keyboard.press("Escape")
        page.wait_for_timeout(BETWEEN_WORDS)
    return _longest(json.loads(browser.stop_tracing())["traceEvents"])


def _longest(events: list[dict[str, object]]) -> float:
    """Return the longest task of the thread that worked most, which is that of the frame."""
    main = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"] == {"name": "CrRendererMain"}
    }
    tasks: dict[object, list[float]] = defaultdict(list)
    for event in events:
        thread = event["pid"], event["tid"]
        if event["name"] == "ThreadControllerImpl::RunTask" and thread in main:
            tasks[thread].append(float(str(event.get("tdur", 0))) / 1000)
    return max(max(tasks.values(), key=sum))
