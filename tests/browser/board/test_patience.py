"""What a hurried user does is kept: presses, letters and words, even without a script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Request, Route, expect

from tests.browser.desk import Desk
from tests.browser.held import HeldRequests
from tests.browser.steps import (
    look_again,
    open_record,
    record_row,
    record_with_three_contacts,
)

pytestmark = pytest.mark.records(137)
"""More than the two pages of records that the app reads first."""


def picker(desk: Desk) -> Locator:
    return desk.app.get_by_role("combobox", name="Add a customer")


def requests_for(desk: Desk, number: int) -> list[Request]:
    """Return the list that the requests for a record are put into."""
    asked: list[Request] = []

    def note(request: Request) -> None:
        if request.url.endswith(f"/records/{number}"):
            asked.append(request)

    desk.page.on("request", note)
    return asked


@pytest.mark.parametrize("place", [0, 2])
def test_a_hit_that_is_pressed_while_new_hits_come_is_added(
    installed_desk: Desk, place: int
) -> None:
    desk = installed_desk
    number, _ = record_with_three_contacts(desk.portal)
    open_record(desk, number)
    picker(desk).fill("an")
    hits = desk.app.locator("#found [role=option]:not([aria-disabled])")
    hits.nth(4).wait_for()
    expect(desk.app.locator("[data-busy]")).to_have_count(0)
    searches = HeldRequests(desk, "**/customers/search")
    picker(desk).press_sequentially("n")
    hit = hits.nth(place)
    hit.hover()
    name = hit.locator(".name").inner_text()
    desk.page.mouse.down()
    search = searches[0]
    with desk.page.expect_response("**/customers/search"):
        search.continue_()
    desk.page.wait_for_timeout(50)
    desk.page.mouse.up()
    expect(desk.app.get_by_role("list", name="Customers")).to_contain_text(name)


def test_a_row_that_is_pressed_while_it_is_replaced_is_opened(installed_desk: Desk) -> None:
    desk, portal = installed_desk, installed_desk.portal
    number, _ = record_with_three_contacts(portal)
    look_again(desk)
    answers = HeldRequests(desk, "**/records/news*")
    portal.records[number].note = "Changed in the meantime"
    look_again(desk)
    answer = answers[0]
    row = record_row(desk, number)
    row.hover()
    desk.page.mouse.down()
    copy = str(row.evaluate("(row) => row.outerHTML"))
    answer.fulfill(status=200, content_type="text/html", body=copy)
    desk.page.wait_for_timeout(100)
    desk.page.mouse.up()
    expect(desk.app.locator(f"#editor[data-record='{number}']")).to_be_visible()


def test_a_picker_that_did_not_come_is_tried_again_at_a_new_address(unopened_desk: Desk) -> None:
    desk = unopened_desk
    addresses: list[str] = []

    def refuse(route: Route) -> None:
        addresses.append(route.request.url)
        route.abort()

    desk.allow("ERR_FAILED")
    desk.page.route("**/picker/combobox.js", refuse)
    number, _ = record_with_three_contacts(desk.portal)
    desk.page.goto(desk.portal.url)
    open_record(desk, number)
    problem = desk.app.get_by_role("alert").filter(has_text="No connection")
    expect(problem).to_be_visible()
    picker(desk).fill("an")
    desk.page.on("request", lambda request: addresses.append(request.url))
    problem.get_by_role("button", name="Try again").click()
    expect(desk.app.locator("#found [role=option]").first).to_be_visible()
    expect(problem).to_have_count(0)
    again = [address for address in addresses if "combobox.js" in address]
    assert len(set(again)) == 2


@pytest.mark.parametrize("script", ["record/editor.js", "board/list.js", "core/request.js"])
def test_a_page_whose_script_does_not_come_says_so(unopened_desk: Desk, script: str) -> None:
    desk = unopened_desk
    desk.allow("ERR_FAILED")
    desk.page.route(f"**/{script}", lambda route: route.abort())
    desk.page.goto(desk.portal.url)
    problem = desk.app.get_by_role("alert").filter(has_text="No connection")
    expect(problem).to_be_visible()
    desk.page.unroute_all()
    problem.get_by_role("button", name="Try again").click()
    expect(problem).to_have_count(0)
    number = max(desk.portal.records)
    open_record(desk, number)


def test_letters_typed_while_a_script_is_on_its_way_are_searched(unopened_desk: Desk) -> None:
    desk = unopened_desk
    scripts = HeldRequests(desk, "**/picker/combobox.js")
    lists = HeldRequests(desk, "**/board/list.js")
    desk.page.goto(desk.portal.url)
    desk.app.locator("#records [role=option]").first.wait_for()
    desk.app.locator("#search").fill("no such name at all")
    lists.release()
    expect(desk.app.get_by_text("No matching records.")).to_be_visible()
    desk.app.locator("#search").fill("")
    open_record(desk, max(desk.portal.records))
    picker(desk).fill("ann")
    scripts.release()
    expect(desk.app.locator("#found [role=option]").first).to_be_visible()


def test_a_record_chosen_before_the_script_has_come_opens_with_it(unopened_desk: Desk) -> None:
    desk = unopened_desk
    number = min(desk.portal.records)
    scripts = [HeldRequests(desk, f"**/board/{name}.js") for name in ("list", "page")]
    desk.page.goto(desk.portal.url)
    row = record_row(desk, number)
    row.wait_for()
    launches: list[str] = []
    desk.page.on("request", lambda request: launches.append(request.url.partition("?")[0]))
    row.click()
    for script in scripts:
        script.release()
    expect(desk.app.locator(f"#editor[data-record='{number}']")).to_be_visible()
    assert desk.frame.url.partition("?")[0] not in launches


@pytest.mark.parametrize("by_key", [False, True])
def test_a_record_chosen_between_two_scripts_is_asked_for_once(
    unopened_desk: Desk, by_key: bool
) -> None:
    desk = unopened_desk
    scripts = HeldRequests(desk, "**/board/page.js")
    desk.page.goto(desk.portal.url)
    # The script of the list says which row Tab reaches.
    desk.app.locator("#records [tabindex='0']").wait_for()
    row = desk.app.locator("#records [role=option]").first
    number = int(row.get_attribute("value") or 0)
    asked = requests_for(desk, number)
    if by_key:
        desk.app.locator("#search").press("Enter")
    else:
        row.click()
    expect(row).to_have_attribute("aria-selected", "true")
    scripts.release()
    expect(desk.app.locator(f"#editor[data-record='{number}'][data-discard-url]")).to_be_visible()
    expect(picker(desk)).to_be_focused()
    assert len(asked) == 1


def test_words_typed_for_a_new_customer_survive_escape(installed_desk: Desk) -> None:
    desk = installed_desk
    open_record(desk, max(desk.portal.records))
    dialog = desk.app.get_by_role("dialog", name="New customer")
    phone = dialog.get_by_label("Phone")

    def open_form() -> None:
        picker(desk).fill("Zzyzx Unheard")
        desk.app.locator("#hit-new").click()
        expect(dialog).to_be_visible()

    open_form()
    phone.fill("+1 555 0100")
    phone.press("Escape")
    expect(dialog).to_have_count(0)
    open_form()
    expect(phone).to_have_value("+1 555 0100")
    dialog.get_by_role("button", name="Cancel").click()
    open_form()
    expect(phone).to_have_value("")


def test_a_new_day_loads_the_list_anew_unless_words_would_be_lost(installed_desk: Desk) -> None:
    desk = installed_desk
    number, _ = record_with_three_contacts(desk.portal)
    open_record(desk, number)
    days = ["2030-01-01", "2030-01-01", "2030-01-02"]

    def answer(route: Route) -> None:
        day = days.pop(0) if len(days) > 1 else days[0]
        route.fulfill(status=204, headers={"X-Portal-Day": day})

    desk.page.route("**/records/news*", answer)
    desk.frame.evaluate("window.stays = true")
    desk.app.get_by_role("textbox", name="Note").fill("Typed before midnight")
    for _ in range(4):
        with desk.page.expect_response("**/records/news*"):
            look_again(desk)
        desk.page.wait_for_timeout(50)
    expect(desk.app.get_by_role("textbox", name="Note")).to_have_value("Typed before midnight")
    with desk.page.expect_event("framenavigated"):
        desk.app.get_by_role("button", name="Discard").click()
        desk.frame.evaluate("dispatchEvent(new Event('focus'))")
    assert desk.frame.evaluate("window.stays") is None
    expect(desk.app.locator(f"#editor[data-record='{number}']")).to_be_visible()
