"""Typing in a long list costs what is seen of it. Counted, because machines differ in seconds."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.desk import Desk
from tests.browser.steps import wait_until

pytestmark = pytest.mark.records(450)

MOST_STEPS, STEPS_OF_A_MOVE = 24, 12
"""As in static/js/board/search/results.js. The last step may be a move."""
MOST_STYLED = 300
"""Elements whose style a browser looks at after one change. A rule that concerns all rows makes it
more than there are records."""
TYPED = ["b", "e", "a", "Backspace", "Backspace", "Backspace", "e", "r", "Escape"]
"""Many are found, then few, then all."""
WATCH = """() => {
    window.parts = [];
    window.turns = new Map();
    const isRow = (node) => node.role === 'option';
    new MutationObserver((changes) => {
        const turned = new Set(), moved = new Set();
        for (const { type, target, addedNodes } of changes) {
            if (type === 'attributes' && isRow(target)) turned.add(target);
            else for (const node of [...addedNodes].filter(isRow)) moved.add(node);
        }
        for (const { id } of turned) turns.set(id, (turns.get(id) ?? 0) + 1);
        if (turned.size + moved.size) parts.push([turned.size, moved.size]);
    }).observe(document.getElementById('records'),
        { childList: true, subtree: true, attributeFilter: ['hidden'] });
}"""
COUNTS = """() => [
    document.querySelectorAll(
        '#records > .group:not([data-count="0"]) > [role=option]:not([hidden])').length,
    Number(document.querySelector('.chip .count').textContent),
]"""
"""The rows that are shown, also those far below, and how many should be."""
FINISHED = f"""async () => {{
    // What was typed is searched when it has been drawn.
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
    const [shown, wanted] = ({COUNTS})();
    return shown === wanted;
}}"""


@pytest.fixture
def search(installed_desk: Desk) -> Locator:
    desk = installed_desk
    rows = desk.app.locator("#records [role=option]")
    expect(rows).to_have_count(len(desk.portal.records))
    # It is loaded after results.js, which it imports.
    with desk.page.expect_request("**/records/search"):
        desk.app.get_by_role("searchbox").fill("warm up")
    desk.app.get_by_role("searchbox").fill("")
    wait_until(desk.frame, FINISHED)
    return desk.app.get_by_role("searchbox")


def type_letters(desk: Desk, search: Locator) -> None:
    search.focus()
    for key in TYPED:
        desk.page.keyboard.press(key)
        wait_until(desk.frame, FINISHED)


def test_a_letter_changes_a_long_list_in_parts(installed_desk: Desk, search: Locator) -> None:
    desk = installed_desk
    desk.frame.evaluate(WATCH)
    search.press("b")
    wait_until(desk.frame, FINISHED)
    assert set(desk.frame.evaluate("[...window.turns.values()]")) == {1}
    search.fill("")
    type_letters(desk, search)
    parts = desk.frame.evaluate("window.parts")
    assert len(parts) > len(TYPED)
    assert max(turned for turned, _ in parts) > 12
    assert max(moved for _, moved in parts) > 1
    for turned, moved in parts:
        assert turned + moved * (STEPS_OF_A_MOVE - 1) <= MOST_STEPS + STEPS_OF_A_MOVE, parts


def test_a_key_of_the_list_finds_it_finished(installed_desk: Desk, search: Locator) -> None:
    desk = installed_desk
    # Nothing is drawn any more, so nothing goes on by itself.
    desk.frame.evaluate("() => { window.requestAnimationFrame = () => 0; }")
    search.press("b")
    expect(desk.app.locator("#group-results [role=option]")).to_have_count(0)
    all_rows = len(desk.portal.records)
    assert desk.frame.evaluate(COUNTS) == [all_rows, all_rows]
    search.press("ArrowDown")
    shown, wanted = desk.frame.evaluate(COUNTS)
    assert shown == wanted < all_rows
    expect(desk.app.locator("#records [role=option]:visible").first).to_be_focused()


def test_a_browser_looks_only_at_what_changes(
    browser: Browser, installed_desk: Desk, search: Locator
) -> None:
    desk = installed_desk
    browser.start_tracing(page=desk.page, categories=["devtools.timeline"])
    try:
        type_letters(desk, search)
    finally:
        events: list[dict[str, Any]] = json.loads(browser.stop_tracing())["traceEvents"]
    styled = [
        event["args"].get("elementCount", 0)
        for event in events
        if event["name"] == "UpdateLayoutTree"
    ]
    assert len(styled) > len(TYPED)
    assert max(styled) <= MOST_STYLED, styled
