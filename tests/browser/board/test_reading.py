"""The page is readable in every way: printed, translated by a browser, in large letters."""

from __future__ import annotations

from itertools import islice

import pytest
from playwright.sync_api import expect

from sandbox.core.model import Multifield
from tests.browser.desk import Desk
from tests.browser.steps import (
    colleague_sets,
    hold_time,
    open_record,
    record_row,
    record_with_three_contacts,
    wait_for_module,
)

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


def translated(desk: Desk, names: list[str]) -> list[str]:
    """Return what holds one of these names alone and would be translated."""
    return list(
        desk.frame.evaluate(
            """(names) => [...document.querySelectorAll('#app *')]
                .filter((one) => !one.childElementCount && one.translate)
                .filter((one) => names.includes(one.textContent.trim()))
                .map((one) => one.outerHTML)""",
            names,
        )
    )


def test_names_in_what_changes_are_not_translated_by_a_browser(installed_desk: Desk) -> None:
    desk = installed_desk
    number, _ = record_with_three_contacts(desk.portal)
    open_record(desk, number)
    rows = desk.app.get_by_role("list", name="Customers").get_by_role("listitem")
    names = [str(row.get_attribute("data-name")) for row in rows.all()]
    desk.app.get_by_role("button", name=f"Remove {names[2]}").click()
    expect(desk.app.locator("#summary .change")).to_be_visible()
    assert translated(desk, names) == []
    desk.save()
    expect(desk.app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    desk.app.get_by_role("button", name="History").click()
    history = desk.app.get_by_role("dialog", name="History")
    expect(history.get_by_text(names[2]).first).to_be_visible()
    assert translated(desk, [*names, ", ".join(names)]) == []
    history.get_by_role("button", name="Close").click()
    wait_for_module(desk, "bulk/gestures.js")
    hold_time(desk)
    record_row(desk, number).press("Delete")
    expect(desk.app.locator("#toasts .toast strong")).to_have_text(names[0])
    assert translated(desk, names) == []


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


FORWARD = """(place, number) => {
    const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
    const letters = [];
    while (walker.nextNode()) {
        const node = walker.currentNode;
        for (let at = 0; at < node.length; at += 1) letters.push([node, at]);
    }
    const start = letters.map(([node, at]) => node.data[at]).join('').indexOf(number);
    if (start < 0) return null;
    const [first, last] = [start, start + number.length - 1].map((place) => {
        const [node, at] = letters[place];
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + 1);
        return range.getBoundingClientRect().left;
    });
    return first < last;
}"""
"""Whether a number that stands in a place reads from left to right; null if it is not there."""


def test_phone_numbers_never_run_backwards(unopened_desk: Desk) -> None:
    desk, app, number = unopened_desk, unopened_desk.app, "+49 30 2312 59"
    first, second, *_ = sorted(desk.portal.records, reverse=True)
    waiting = {client for record in desk.portal.records for client in desk.portal.clients(record)}
    others = (one for one in desk.portal.state.contacts if ("CONTACT", one) not in waiting)
    person, other = islice(others, 2)
    colleague_sets(desk.portal, first, [person, other])
    colleague_sets(desk.portal, second, [other, person])
    desk.portal.records[second].note = ""
    for one in (person, other):
        # A caller who is not known yet may be in CRM under the phone number alone.
        desk.portal.state.contacts[one].fields |= {"name": "", "lastName": number}
        desk.portal.state.contacts[one].fm = [Multifield(80_000 + one, "PHONE", "WORK", number)]
    desk.page.goto(f"{desk.portal.url}/?lang=ar")
    row = app.locator(f"#record-{second}")
    row.wait_for()
    for place in (row.locator(".name"), row.locator(".sub")):
        assert place.evaluate(FORWARD, number) is True
    told = row.locator(".sub").get_attribute("title") or ""
    assert f"\N{LEFT-TO-RIGHT ISOLATE}{number}" in told
    row.click()
    title = app.locator("#record-title")
    expect(title).to_contain_text(number)
    assert title.evaluate(FORWARD, number) is True
    for customer in app.locator(".customer").all():
        assert customer.locator(".name").evaluate(FORWARD, number) is True
        assert customer.locator(".phone").evaluate(FORWARD, number) is True
    for field in ("#search", "#add-customer"):
        app.locator(field).fill(number)
        assert app.locator(field).evaluate("one => getComputedStyle(one).direction") == "ltr"
    hit = app.locator("#found [role=option]").first
    hit.wait_for()
    assert hit.evaluate(FORWARD, number) is True
    desk.page.goto(f"{desk.portal.url}/crm/contact/details/{person}/?lang=ar")
    desk.page.get_by_role("tab").last.click()
    for place in (app.locator("#count"), app.locator(f"#row-{first} .name")):
        assert place.evaluate(FORWARD, number) is True
