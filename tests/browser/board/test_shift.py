"""Nothing jumps: what is on the screen stays at its place while the rest arrives."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Response

from sandbox import Sandbox
from tests.browser.desk import ON_A_PHONE, Desk, install, open_desk
from tests.browser.steps import busy_contact, full_deal, open_tab

pytestmark = pytest.mark.records(137)
"""More than the two pages of records that the app reads first."""

MOST = 0.02
OBSERVE = """
    window.shifts = [];
    let width = innerWidth;
    let widened = -Infinity;
    addEventListener('resize', ({ timeStamp }) => {
        if (innerWidth !== width) widened = timeStamp;
        width = innerWidth;
    }, { capture: true });
    new PerformanceObserver((list) => {
        for (const { value, hadRecentInput, sources, startTime } of list.getEntries()) {
            if (hadRecentInput || Math.abs(startTime - widened) < 100) continue;
            const places = (rect) => [rect.x, rect.y, rect.width, rect.height].map(Math.round);
            const moves = sources.map(({ node, previousRect: from, currentRect: to }) =>
                [node?.outerHTML?.slice(0, 40), places(from), places(to)].join(' '));
            window.shifts.push([value, innerWidth, ...moves]);
        }
    }).observe({ type: 'layout-shift', buffered: true });
"""
"""A frame in a process of its own may get its width after the first layout; that is no shift."""
NEXT_FRAME = "() => new Promise((next) => requestAnimationFrame(() => setTimeout(next)))"
"""What was painted last is reported with the next frame."""
SIZES = [
    pytest.param({"viewport": {"width": 1366, "height": 768}}, id="laptop"),
    pytest.param({"viewport": {"width": 1920, "height": 1080}}, id="desktop"),
    pytest.param(ON_A_PHONE, id="phone"),
]
by_size = pytest.mark.parametrize("options", SIZES)


def expect_calm(desk: Desk) -> None:
    """Expect that what the frame has shown so far has not moved."""
    desk.settle()
    desk.frame.evaluate(NEXT_FRAME)
    shifts = desk.frame.evaluate("window.shifts")
    moved = "\n".join(map(str, shifts))
    assert sum(value for value, *_ in shifts) <= MOST, moved


@by_size
@pytest.mark.parametrize("latency", [0, 0.4])
def test_the_main_page_does_not_jump_while_the_list_arrives(
    browser: Browser, desk_sandbox: Sandbox, options: dict[str, object], latency: float
) -> None:
    with open_desk(browser, desk_sandbox, **options) as desk:
        desk_sandbox.switches.latency = latency
        desk.page.add_init_script(OBSERVE)
        desk.page.goto(desk.portal.url)
        desk.app.locator("#ages").wait_for()
        expect_calm(desk)


SCRIPT = re.compile(r"<script\b.*?</script>", re.DOTALL)
ARRIVE = """async (pieces) => {
    const isHigh = (one) => one.getBoundingClientRect().height > 0;
    const isBesideBones = () => ['.loading', '.loading ~ *'].every(
        (all) => [...document.querySelectorAll(all)].some(isHigh));
    const places = () => [...document.querySelectorAll('.head *')].map((one) => {
        const { x, y, width, height } = one.getBoundingClientRect();
        return one.checkVisibility({ visibilityProperty: true }) && [x, y, width, height].join(' ');
    });
    document.open();
    document.write(pieces.shift());
    for (const sheet of document.querySelectorAll('link[rel=stylesheet]')) {
        if (!sheet.sheet) await new Promise((loaded) => { sheet.onload = loaded; });
    }
    const beside = [];
    const arriving = pieces.map((piece) => {
        document.write(piece);
        if (isBesideBones()) beside.push(piece);
        return places();
    });
    document.close();
    const last = places();
    const moved = arriving.flatMap((some, piece) => some.flatMap((place, at) => {
        return place && place !== last[at] ? `${pieces[piece]}: ${place}, then ${last[at]}` : [];
    }));
    return [last.filter(Boolean).length, moved, beside];
}"""
"""A browser may draw a page after any of its pieces."""


def pieces_of(answer: Response, begin: str) -> list[str]:
    """Return a page in pieces, without its script: its head, and the tags from `begin` on."""
    head, begin, body = SCRIPT.sub("", answer.text()).partition(begin)
    assert begin
    return [head, *re.split("(?<=>)", begin + body)][:400]


@by_size
def test_the_tools_stay_where_they_are_first_drawn(
    browser: Browser, desk_sandbox: Sandbox, options: dict[str, object]
) -> None:
    install(desk_sandbox)
    with open_desk(browser, desk_sandbox, **options) as desk:
        with desk.page.expect_response(
            lambda one: one.request.method == "POST" and "/?DOMAIN=" in one.url
        ) as launched:
            desk.open()
        pieces = pieces_of(launched.value, '<header class="head">')
        shown, moved, _beside = desk.frame.evaluate(ARRIVE, pieces)
    assert shown > 10
    assert not moved


@pytest.mark.parametrize("kind", ["contact", "deal"])
def test_the_skeleton_of_a_tab_goes_when_the_tab_begins_to_arrive(
    browser: Browser, desk_sandbox: Sandbox, kind: str
) -> None:
    install(desk_sandbox)
    with open_desk(browser, desk_sandbox) as desk:
        number = busy_contact(desk.portal) if kind == "contact" else full_deal(desk.portal)
        with desk.page.expect_response(f"**/card/{kind}?*") as launched:
            open_tab(desk, kind, number)
        pieces = pieces_of(launched.value, '<div class="loading">')
        assert len(pieces) > 20
        _shown, _moved, beside = desk.frame.evaluate(ARRIVE, pieces)
    assert not beside


@by_size
@pytest.mark.parametrize("kind", ["contact", "deal"])
def test_a_tab_does_not_jump_while_it_opens(
    browser: Browser, desk_sandbox: Sandbox, options: dict[str, object], kind: str
) -> None:
    with open_desk(browser, desk_sandbox, **options) as desk:
        # The tab reads the main page's list ahead on touch.
        install(desk_sandbox)
        desk.open()
        desk.page.add_init_script(OBSERVE)
        number = busy_contact(desk.portal) if kind == "contact" else full_deal(desk.portal)
        open_tab(desk, kind, number)
        if kind == "deal":
            desk.app.get_by_role("listbox", name="Records").hover()
            desk.app.locator("#more-picks").wait_for(state="detached")
        expect_calm(desk)
