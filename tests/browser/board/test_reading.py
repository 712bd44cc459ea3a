"""The page is readable in every way: printed, translated by a browser, in large letters."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.desk import Desk
from tests.browser.steps import open_record, record_with_three_contacts

LARGE = """() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('* { font-size: max(24px, 1em) !important; }');
    document.adoptedStyleSheets = [sheet];
}"""
OVERLAPS = """() => [...document.querySelectorAll('.option, .customer')]
    .filter((row) => row.checkVisibility())
    .filter((row) => {
        const boxOf = (one) => row.querySelector(one)?.getClientRects()[0];
        const [name, sub] = ['.name', '.sub'].map(boxOf);
        return name && sub && sub.height && name.bottom > sub.bottom - sub.height * 0.75;
    })
    .map((row) => row.textContent)"""


def test_the_whole_list_is_printed_without_the_tools(installed_desk: Desk) -> None:
    desk = installed_desk
    expect(desk.app.locator("#records [role=option]")).to_have_count(len(desk.portal.records))
    desk.page.emulate_media(media="print")
    for place in ("#search", "#new-record", ".side", "#more"):
        expect(desk.app.locator(place)).to_be_hidden()
    cut = "(list) => list.scrollHeight - list.clientHeight"
    assert desk.app.locator("#records").evaluate(cut) == 0
    assert desk.app.locator("#app").evaluate(cut) == 0
    assert desk.app.locator("#records [role=option]:visible").count() == len(desk.portal.records)


def test_names_and_notes_are_not_translated_by_a_browser(installed_desk: Desk) -> None:
    desk = installed_desk
    number, _ = record_with_three_contacts(desk.portal)
    open_record(desk, number)
    desk.app.get_by_role("combobox", name="Add a customer").fill("an")
    desk.app.locator("#found [role=option]").first.wait_for()
    # The last hit is a sentence of the app.
    names = desk.app.locator(":is(.option, .hit:not(#hit-new)) :is(.name, .sub), #record-title")
    assert names.evaluate_all("(all) => all.filter((one) => one.translate).length") == 0


@pytest.mark.parametrize("note", ["يفضل المساء", "שלום", "Hello"])
def test_a_note_is_written_in_its_own_direction(installed_desk: Desk, note: str) -> None:
    desk = installed_desk
    open_record(desk, max(desk.portal.records))
    field = desk.app.get_by_role("textbox", name="Note")
    field.fill(note)
    wanted = "ltr" if note.isascii() else "rtl"
    assert field.evaluate("(one) => getComputedStyle(one).direction") == wanted


def test_large_letters_do_not_overlap(installed_desk: Desk) -> None:
    desk = installed_desk
    number, _ = record_with_three_contacts(desk.portal)
    open_record(desk, number)
    desk.frame.evaluate(LARGE)
    desk.settle()
    assert desk.frame.evaluate(OVERLAPS) == []
    heading = """(group) => {
        const row = group.querySelector('[role=option]').getBoundingClientRect();
        return row.top - group.getBoundingClientRect().top;
    }"""
    assert desk.app.locator(".group:visible").first.evaluate(heading) >= 24
    desk.shoot("large-letters")
