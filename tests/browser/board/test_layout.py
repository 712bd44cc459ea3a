"""The page fits its frame, and works zoomed and by touch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, expect

from sandbox import Sandbox
from tests.browser.desk import Desk, open_desk, sandbox_with_app
from tests.browser.steps import count_contacts

DESKTOPS = [(1280, 720), (1366, 768), (1920, 1080)]
TABLET = {"width": 1180, "height": 820}
PHONE = (390, 844)
ZOOMED = (640, 450)
"""What a window of 1280 by 900 has left at 200 %."""
SCROLLED = """() => {
  const page = document.scrollingElement;
  return [page.scrollWidth - page.clientWidth, page.scrollHeight - page.clientHeight];
}"""
WIDER = """() => [...document.querySelectorAll('body *')]
  .filter((one) => one.checkVisibility() && !one.closest('.unseen, .chips, .ages-words, svg'))
  .filter((one) => {
    const box = one.getBoundingClientRect();
    return box.width > 0 && (box.right > innerWidth + 1 || box.left < -1);
  })
  .map((one) => one.outerHTML.slice(0, 80))"""
SMALL = """() => {
  const size = (one) => {
    const label = one.matches('[type=checkbox], [type=radio]') ? one.closest('label') : null;
    const box = (label ?? one).getBoundingClientRect();
    return [Math.round(box.width), Math.round(box.height)];
  };
  const inText = (one) => one.matches('p a, p .link')
    || (innerWidth >= 900 && one.matches('.customer .lines *') && size(one)[1] >= 24);
  const all = 'a[href], button, input:not([type=hidden]), textarea, select, summary, [role=option]';
  return [...document.querySelectorAll(all)]
    .filter((one) => one.checkVisibility() && !one.classList.contains('unseen') && !inText(one))
    .filter((one) => Math.min(...size(one)) < 44)
    .map((one) => `${size(one).join(' by ')} ${one.outerHTML.slice(0, 90)}`);
}"""


OUTSIDE = """() => {
  const box = document.querySelector('.chips').getBoundingClientRect();
  return [...document.querySelectorAll('.chips .chip')].filter((chip) => {
    const { left, right, top, bottom } = chip.getBoundingClientRect();
    return left < box.left || right > box.right || top < box.top || bottom > box.bottom;
  }).map((chip) => chip.textContent);
}"""
"""The filters that are cut off."""


@pytest.fixture(scope="module")
def layout_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    folder = tmp_path_factory.mktemp("layout")
    with sandbox_with_app(folder, installed=True) as sandbox:
        yield sandbox


def shown(desk: Desk, lang: str = "en") -> None:
    desk.page.goto(f"{desk.portal.url}/?lang={lang}")
    desk.app.locator("#records [role=option]").first.wait_for()
    desk.settle()


@contextmanager
def open_filters(browser: Browser, sandbox: Sandbox, lang: str) -> Iterator[Desk]:
    """Open the main page and wait until all filters are there."""
    with open_desk(browser, sandbox) as desk:
        shown(desk, lang)
        desk.app.locator("#booked:not(.is-waiting)").wait_for()
        yield desk


def widen(desk: Desk, width: int) -> None:
    desk.page.set_viewport_size({"width": width, "height": 768})
    desk.settle()


def edited(desk: Desk) -> None:
    portal = desk.portal
    newest_first = sorted(portal.records, reverse=True)
    number = next(n for n in newest_first if count_contacts(portal.clients(n)) >= 2)
    desk.app.locator(f"#records [value='{number}']").click()
    desk.app.locator(f"#editor[data-record='{number}']").wait_for()
    desk.settle()
    desk.app.locator(".customer .remove").first.click()
    expect(desk.app.locator("#save")).to_be_enabled()


@pytest.mark.parametrize("size", DESKTOPS, ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_frame_has_no_scroll_bars_on_a_desktop(
    browser: Browser, layout_sandbox: Sandbox, size: tuple[int, int]
) -> None:
    viewport = {"width": size[0], "height": size[1]}
    with open_desk(browser, layout_sandbox, viewport=viewport) as desk:
        shown(desk)
        before = desk.settle()
        assert desk.frame.evaluate(SCROLLED) == [0, 0]
        edited(desk)
        desk.settle()
        assert desk.frame.evaluate(SCROLLED) == [0, 0]
        desk.app.locator("#search").fill("nobody has this name")
        assert desk.settle() <= before + 400
        assert desk.frame.evaluate(SCROLLED) == [0, 0]
        desk.shoot(f"desktop-{size[0]}")


@pytest.mark.parametrize("lang", ["en", "ar", "de"])
@pytest.mark.parametrize("size", [PHONE, ZOOMED], ids=["phone", "zoomed"])
def test_nothing_is_wider_than_a_phone_or_than_the_page_at_200_percent(
    browser: Browser, layout_sandbox: Sandbox, size: tuple[int, int], lang: str
) -> None:
    viewport = {"width": size[0], "height": size[1]}
    with open_desk(browser, layout_sandbox, viewport=viewport) as desk:
        shown(desk, lang)
        assert desk.frame.evaluate(WIDER) == []
        edited(desk)
        desk.app.locator("#add-customer").press_sequentially("Oliver")
        desk.app.locator("#hits [role=option]").first.wait_for()
        assert desk.frame.evaluate(WIDER) == []
        desk.shoot(f"narrow-{size[0]}-{lang}")
        desk.app.locator("#add-customer").press("Escape")
        desk.settle()
        desk.app.locator(".back").click()
        dialog = desk.app.locator("dialog#leave")
        dialog.wait_for()
        assert desk.frame.evaluate(WIDER) == []
        dialog.locator("[value=discard]").click()
        expect(desk.app.locator("#records [role=option]").first).to_be_visible()


@pytest.mark.parametrize(
    ("lang", "widths"), [("en", [1162]), ("fr", [1162]), ("pl", [1250]), ("de", [1300, 1366])]
)
def test_filters_are_in_sight_beside_a_narrow_list_and_large_counts_begin_no_other_line(
    browser: Browser, layout_sandbox: Sandbox, lang: str, widths: list[int]
) -> None:
    with open_filters(browser, layout_sandbox, lang) as desk:
        for width in widths:
            widen(desk, width)
            assert desk.frame.evaluate(OUTSIDE) == [], width
        for width in (1280, 1366):
            widen(desk, width)
            before, after = (desk.frame.evaluate(HEIGHT_WITH, text) for text in ("", "1000"))
            assert before == after, width


HEIGHT_WITH = """(text) => {
    for (const count of document.querySelectorAll('.chips .count')) count.textContent = text;
    return document.querySelector('.chips').offsetHeight;
}"""


def test_every_control_is_large_enough_for_touch(browser: Browser, layout_sandbox: Sandbox) -> None:
    with open_desk(browser, layout_sandbox, viewport=TABLET, has_touch=True) as desk:
        shown(desk)
        edited(desk)
        assert desk.frame.evaluate(SMALL) == []
        desk.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        shown(desk)
        assert desk.frame.evaluate(SMALL) == []
        edited(desk)
        assert desk.frame.evaluate(SMALL) == []
        desk.app.locator("#add-customer").press_sequentially("Oliver")
        desk.app.locator("#hits [role=option]").first.wait_for()
        assert desk.frame.evaluate(SMALL) == []
        desk.app.locator("#add-customer").press("Escape")
        desk.portal.faults.add("feature_off", count=1)
        desk.allow("403")
        desk.app.locator("#save").click()
        desk.app.locator("#problem summary").wait_for()
        assert desk.frame.evaluate(SMALL) == []
        desk.app.locator("#save").click()
        desk.app.locator("#status button").wait_for()
        assert desk.frame.evaluate(SMALL) == []


def test_forced_colors_and_reduced_motion_change_nothing_else(
    browser: Browser, layout_sandbox: Sandbox
) -> None:
    options = {"forced_colors": "active", "reduced_motion": "reduce"}
    with open_desk(browser, layout_sandbox, **options) as desk:
        shown(desk)
        edited(desk)
        running = "document.getAnimations().filter((one) => one.playState === 'running').length"
        expect(desk.app.locator("#save")).to_be_visible()
        assert desk.frame.evaluate(running) == 0
        chosen = desk.app.locator("[role=option][aria-selected=true]")
        assert chosen.evaluate("(one) => getComputedStyle(one).outlineStyle") == "solid"
        desk.shoot("forced-colors")
