"""List and editor end where the window ends, whatever stands above the frame."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, expect

from sandbox import Sandbox
from tests.browser.desk import Desk, open_desk, sandbox_with_app
from tests.browser.steps import colleague_sets, wait_until

LAPTOPS = [(1280, 720), (1366, 768)]
IN_A_SLIDER = """async () => {
    const frame = await window.B24Js.initializeB24Frame();
    frame.slider.openSliderAppPage({});
}"""


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with sandbox_with_app(tmp_path_factory.mktemp("sight"), installed=True) as running:
        yield running


def viewport(size: tuple[int, int]) -> dict[str, object]:
    return {"viewport": {"width": size[0], "height": size[1]}}


def open_list(desk: Desk) -> None:
    desk.page.goto(desk.portal.url)
    expect(desk.app.locator("#records [role=option]")).to_have_count(len(desk.portal.records))
    desk.settle()


def record_with(desk: Desk, count: int) -> int:
    """Return the newest record, which gets this many contacts."""
    portal = desk.portal
    number = max(portal.records)
    hidden = {item for user in portal.users for item in user.hidden_contacts}
    people = [id for id in portal.state.contacts if id not in hidden][:count]
    colleague_sets(portal, number, people)
    return number


def open_row(app: FrameLocator, number: int) -> None:
    app.locator(f"#record-{number}").click()
    app.locator(f"#editor[data-record='{number}']").wait_for()


def bottom(desk: Desk, place: Locator) -> float:
    box = desk.box(place)
    return box["y"] + box["height"]


def is_in_sight(desk: Desk, place: Locator) -> bool:
    """Tell whether all of an element is in the window that the user looks at."""
    box, size = desk.box(place), desk.page.viewport_size
    return bool(size and box["y"] >= 0 and box["y"] + box["height"] <= size["height"])


@pytest.mark.parametrize("customers", [1, 8])
@pytest.mark.parametrize("size", LAPTOPS, ids=lambda size: f"{size[0]}x{size[1]}")
def test_save_stands_in_the_window_of_a_laptop(
    browser: Browser, sandbox: Sandbox, size: tuple[int, int], customers: int
) -> None:
    with open_desk(browser, sandbox, **viewport(size)) as desk:
        number = record_with(desk, customers)
        open_list(desk)
        open_row(desk.app, number)
        desk.settle()
        for name in ("Save", "Discard"):
            assert is_in_sight(desk, desk.app.get_by_role("button", name=name))
        assert desk.page.evaluate("scrollY") == 0
        desk.shoot(f"sight-{size[0]}-{customers}")


@pytest.mark.parametrize("size", LAPTOPS, ids=lambda size: f"{size[0]}x{size[1]}")
def test_five_hits_are_in_sight_however_many_customers_are_on_the_record(
    browser: Browser, sandbox: Sandbox, size: tuple[int, int]
) -> None:
    with open_desk(browser, sandbox, **viewport(size)) as desk:
        number = record_with(desk, 8)
        open_list(desk)
        open_row(desk.app, number)
        desk.app.get_by_role("combobox", name="Add a customer").fill("an")
        desk.app.locator("#found [role=option]").nth(5).wait_for()
        expect(desk.app.locator("[data-busy]")).to_have_count(0)
        hits = desk.app.locator("#found [role=option]").all()[:5]
        assert all(is_in_sight(desk, hit) for hit in hits)
        desk.shoot(f"sight-hits-{size[0]}")


def test_save_and_five_hits_are_in_sight_in_a_slider(browser: Browser, sandbox: Sandbox) -> None:
    with open_desk(browser, sandbox, **viewport((1280, 720))) as desk:
        number = record_with(desk, 8)
        open_list(desk)
        wait_until(desk.frame, "() => window.B24Js")
        desk.frame.evaluate(IN_A_SLIDER)
        app = desk.page.frame_locator(".slider iframe")
        open_row(app, number)
        assert is_in_sight(desk, app.get_by_role("button", name="Save"))
        app.get_by_role("combobox", name="Add a customer").fill("an")
        app.locator("#found [role=option]").nth(5).wait_for()
        expect(app.locator("[data-busy]")).to_have_count(0)
        assert all(is_in_sight(desk, hit) for hit in app.locator("#found [role=option]").all()[:5])


def test_a_portal_that_shows_less_of_the_frame_gets_a_lower_page(
    browser: Browser, sandbox: Sandbox
) -> None:
    with open_desk(browser, sandbox, **viewport((1366, 768))) as desk:
        desk.page.goto(desk.portal.url)
        desk.page.add_style_tag(content="main { padding-top: 170px !important }")
        number = record_with(desk, 8)
        desk.app.locator("#records [role=option]").first.wait_for()
        open_row(desk.app, number)
        expect(desk.app.locator("#save")).to_be_in_viewport(ratio=1)
        assert is_in_sight(desk, desk.app.locator("#save"))


def test_the_page_follows_a_window_that_becomes_higher_or_lower(
    browser: Browser, sandbox: Sandbox
) -> None:
    with open_desk(browser, sandbox, **viewport((1280, 720))) as desk:
        open_list(desk)
        low = bottom(desk, desk.app.locator(".list"))
        assert low <= 720
        desk.page.set_viewport_size({"width": 1280, "height": 1000})
        desk.app.locator("#records").hover()
        wait_until(
            desk.frame,
            "height => document.querySelector('.list').getBoundingClientRect().height > height",
            arg=low,
        )
        desk.page.set_viewport_size({"width": 1280, "height": 720})
        wait_until(
            desk.frame,
            "height => document.querySelector('.list').getBoundingClientRect().bottom <= height",
            arg=low,
        )


def test_the_heading_of_a_group_stays_with_its_count(browser: Browser, sandbox: Sandbox) -> None:
    with open_desk(browser, sandbox, **viewport((1280, 720))) as desk:
        open_list(desk)
        oldest = desk.app.locator("#group-older")
        count = oldest.locator("[role=option]").count()
        expect(oldest).to_have_attribute("data-count", str(count))
        oldest.locator("[role=option]").last.scroll_into_view_if_needed()
        top = oldest.evaluate(
            """(group) => {
                const list = group.parentElement.getBoundingClientRect();
                const seen = document.elementFromPoint(list.left + 30, list.top + 5);
                return seen.id;
            }"""
        )
        assert top == "group-older"
        desk.app.locator("#search").fill("#1")
        wait_until(
            desk.frame,
            """() => {
                const rows = [...document.querySelectorAll('#records [role=option]')];
                const shown = rows.filter((row) => row.checkVisibility()).length;
                const counted = Number(document.querySelector('.chip .count').textContent);
                return counted && counted < rows.length && shown === counted;
            }""",
        )
