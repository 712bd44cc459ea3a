"""On a phone and at 200 % zoom, what is needed next stands in the window."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from sandbox import Sandbox
from tests.browser.desk import ON_A_PHONE, PHONE, Desk, open_desk, sandbox_with_app
from tests.browser.steps import (
    busy_contact,
    colleague_sets,
    open_record,
    record_with_three_contacts,
)

ZOOMED = {"viewport": {"width": 683, "height": 384}}
"""What a window of 1366 by 768 has left at 200 %."""
SCREENS = [pytest.param(ON_A_PHONE, id="phone"), pytest.param(ZOOMED, id="zoomed")]
IN_WINDOW = """(one) => new Promise((resolve) => new IntersectionObserver(([entry], observer) => {
  observer.disconnect();
  resolve(entry.intersectionRatio);
}).observe(one))"""
"""How much of an element the window shows, across frames."""
TORN = """(all) => all
  .filter((one) => one.offsetHeight > 1.5 * parseFloat(getComputedStyle(one).lineHeight))
  .map((one) => one.textContent)"""
"""What stands on more than one line."""
NAMES_AND_NUMBERS = [
    ("Camille Lefèvre", "+33 1 99 00 00 37"),
    ("Northwind Dental", "+44 20 7946 0800"),
    ("Mehmet Şahin", "+49 30 23125 0901"),
]
PRESSED = """(one) => {
  const { x, y, width, height } = one.getBoundingClientRect();
  return one.contains(document.elementFromPoint(x + width / 2, y + height / 2));
}"""
"""Whether a press on the middle of an element reaches it."""


@pytest.fixture(scope="module")
def small_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with sandbox_with_app(tmp_path_factory.mktemp("small"), installed=True) as sandbox:
        yield sandbox


@pytest.fixture(params=SCREENS)
def desk(
    request: pytest.FixtureRequest, browser: Browser, small_sandbox: Sandbox
) -> Iterator[Desk]:
    with open_desk(browser, small_sandbox, **request.param) as desk:
        show(desk, request.getfixturevalue("lang") if "lang" in request.fixturenames else "en")
        yield desk


def show(desk: Desk, lang: str = "en") -> None:
    desk.page.goto(f"{desk.portal.url}/?lang={lang}")
    desk.app.locator("#records [role=option]").first.wait_for()
    desk.settle()


def expect_in_window(desk: Desk, place: Locator) -> None:
    """Wait until the window shows all of an element."""
    for _ in range(100):
        if place.evaluate(IN_WINDOW) > 0.99:
            return
        desk.page.wait_for_timeout(50)
    raise AssertionError(f"not in sight: {place}")


@pytest.mark.parametrize("lang", ["en", "ar", "de"])
@pytest.mark.usefixtures("lang")
def test_the_menus_of_the_list_are_in_sight(desk: Desk) -> None:
    for button in ("#order", "#more"):
        desk.app.locator(button).click()
        menu = desk.app.locator(f"{button}-menu")
        expect(menu).to_be_visible()
        width = desk.frame.evaluate("innerWidth")
        left, right = menu.evaluate(
            "(one) => (({left, right}) => [left, right])(one.getBoundingClientRect())"
        )
        assert left >= 0
        assert right <= width
        desk.page.keyboard.press("Escape")


def test_save_is_in_sight_once_there_is_something_to_save(desk: Desk) -> None:
    number, _people = record_with_three_contacts(desk.portal)
    open_record(desk, number)
    desk.app.locator(".customer .remove").first.click()
    expect_in_window(desk, desk.app.get_by_role("button", name="Save"))
    desk.app.get_by_role("button", name="Discard").click()


def test_an_error_on_opening_a_record_is_in_sight(desk: Desk) -> None:
    desk.allow("502")
    last = desk.app.locator("#records [role=option]").last
    desk.portal.faults.add("server_error", count=4)
    last.click()
    alert = desk.app.get_by_role("alert").filter(has_text="Bitrix24 did not answer properly.")
    expect_in_window(desk, alert.get_by_text("Bitrix24 did not answer properly."))
    desk.portal.faults.clear()
    alert.get_by_role("button", name="Try again").click()
    expect(desk.app.locator("#editor")).to_be_visible()


def test_the_form_for_a_new_customer_opens_in_sight_with_its_field(desk: Desk) -> None:
    number, _people = record_with_three_contacts(desk.portal)
    open_record(desk, number)
    desk.app.locator("#add-customer").press_sequentially("Zzyzx Quux")
    desk.app.locator("#hit-new").click()
    dialog = desk.app.get_by_role("dialog", name="New customer")
    expect(dialog.get_by_label("Phone")).to_be_focused()
    expect_in_window(desk, dialog)
    expect_in_window(desk, dialog.get_by_label("Phone"))
    dialog.get_by_role("button", name="Create", exact=True).last.scroll_into_view_if_needed()
    expect_in_window(desk, dialog.get_by_role("button", name="Create", exact=True).last)


def test_a_conflict_begins_with_what_happened_and_breaks_long_words(desk: Desk) -> None:
    number, (first, _, third) = record_with_three_contacts(desk.portal)
    open_record(desk, number)
    colleague_sets(desk.portal, number, [third, first])
    desk.app.locator(".customer .make-main >> visible=true").first.click()
    desk.app.get_by_role("textbox", name="Note").fill("x" * 90)
    desk.allow("409")
    desk.save()
    dialog = desk.app.get_by_role("dialog", name="Changed by someone else")
    expect(dialog.get_by_text("Two of you changed this record")).to_be_visible()
    expect_in_window(desk, dialog)
    expect_in_window(desk, dialog.get_by_text("Two of you changed this record"))
    wider = "(all) => all.filter((one) => one.scrollWidth > one.clientWidth).length"
    assert dialog.locator(".choice").evaluate_all(wider) == 0
    lines = "(all) => new Set(all.map((one) => one.offsetTop)).size"
    is_phone = desk.frame.evaluate("innerWidth < 600")
    assert (dialog.locator(".choice").evaluate_all(lines) == 1) != is_phone
    dialog.get_by_role("button", name="Back to editing").click()
    desk.app.get_by_role("button", name="Discard").click()


@pytest.mark.parametrize("desk", [ON_A_PHONE], indirect=True)
def test_a_record_has_its_history_in_its_menu_and_long_names_break_there(desk: Desk) -> None:
    number, _people = record_with_three_contacts(desk.portal)
    open_record(desk, number)
    history = desk.app.get_by_role("button", name="History")
    expect(history).to_have_count(0)
    desk.app.locator("#customers .remove").first.click()
    desk.save()
    expect(desk.app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    desk.app.locator("#record .menu summary").click()
    history.click()
    dialog = desk.app.get_by_role("dialog", name="History")
    expect_in_window(desk, dialog)
    change = dialog.locator(".change bdi").first
    change.evaluate("(one) => { one.textContent = 'Wolfeschlegelsteinhausen'.repeat(5); }")
    assert dialog.evaluate("(one) => one.scrollWidth <= one.clientWidth")
    dialog.get_by_role("button", name="Close").click()


def test_a_number_stands_beside_a_short_name(desk: Desk) -> None:
    number, people = record_with_three_contacts(desk.portal)
    open_record(desk, number)
    row = desk.app.locator(f".customer[data-key='CONTACT:{people[0]}']")
    phone = row.get_by_role("link").first
    phone.evaluate("(one) => { one.textContent = '+1 212 555 01'; }")
    row.locator(".name bdi").evaluate("(one) => { one.textContent = 'Ann Lee'; }")
    middles = [desk.box(one) for one in (row.locator(".name"), phone)]
    ends = [(box["y"] + box["height"] / 2, box["height"]) for box in middles]
    assert ends[0] == pytest.approx(ends[1], abs=1)
    assert ends[0][1] >= 44


@pytest.mark.parametrize("desk", [ON_A_PHONE], indirect=True)
def test_a_star_takes_no_room_from_a_name_and_its_number(desk: Desk) -> None:
    record, people = record_with_three_contacts(desk.portal)
    open_record(desk, record)
    row = desk.app.locator(f".customer[data-key='CONTACT:{people[1]}']")
    phone, shown = row.get_by_role("link").first, row.locator(".name")
    star, cross = row.locator(".make-main"), row.locator(".remove")
    for name, number in NAMES_AND_NUMBERS:
        phone.evaluate("(one, text) => { one.textContent = text; }", number)
        shown.locator("bdi").evaluate("(one, text) => { one.textContent = text; }", name)
        middles = [box["y"] + box["height"] / 2 for box in map(desk.box, (shown, phone))]
        assert middles[0] == pytest.approx(middles[1], abs=1), name
        boxes = [desk.box(one) for one in (star, cross)]
        assert min(min(box["width"], box["height"]) for box in boxes) >= 44, name
        assert [one.evaluate(PRESSED) for one in (star, cross)] == [True, True], name


@pytest.mark.parametrize("desk", [ZOOMED], indirect=True)
def test_the_mark_of_the_main_customer_takes_no_line_where_there_is_room(desk: Desk) -> None:
    number, people = record_with_three_contacts(desk.portal)
    open_record(desk, number)
    row = desk.app.locator(f".customer[data-key='CONTACT:{people[0]}']")
    pill, name = desk.box(row.locator(".pill.is-main")), desk.box(row.locator(".lines"))
    assert name["y"] <= pill["y"] <= name["y"] + name["height"]
    assert pill["x"] > name["x"] + name["width"] - 1


def test_numbers_and_days_of_hits_are_not_torn(desk: Desk) -> None:
    number, _people = record_with_three_contacts(desk.portal)
    open_record(desk, number)
    field = desk.app.get_by_role("combobox", name="Add a customer")
    for typed in ("Schmidt", "2312", "Oliver"):
        field.fill(typed)
        expect(desk.app.locator("#found mark", has_text=typed).first).to_be_visible()
        details = desk.app.locator("#found [role=option]:has(mark) .sub > bdi")
        details.first.wait_for()
        assert details.evaluate_all(TORN) == [], typed


def test_the_menu_of_calls_is_in_sight(desk: Desk) -> None:
    open_record(desk, min(desk.portal.records))
    desk.app.locator("#call summary").click()
    results = desk.app.locator("#call-results")
    ends = "(({ left, right }) => [left, innerWidth - right])(one.getBoundingClientRect())"
    assert min(results.evaluate(f"(one) => {ends}")) >= 0


@pytest.mark.parametrize("lang", ["en", "de", "pl"])
def test_the_buttons_of_a_tabs_row_stand_in_one_line(
    browser: Browser, small_sandbox: Sandbox, lang: str
) -> None:
    with open_desk(browser, small_sandbox, **{**ON_A_PHONE, "viewport": PHONE}) as desk:
        contact = busy_contact(desk.portal)
        desk.page.goto(f"{desk.portal.url}/crm/contact/details/{contact}/?lang={lang}")
        desk.page.get_by_role("tab").last.click()
        row = desk.app.locator("#waiting > li").first
        row.wait_for()
        desk.settle()
        tops = row.locator(".buttons button").evaluate_all(
            "(all) => all.map((one) => Math.round(one.getBoundingClientRect().top))"
        )
        assert len(tops) == 3
        assert len(set(tops)) == 1
        names = row.get_by_role("button", name=re.compile("."))
        expect(names).to_have_count(3)
