"""The list finds what is the same, and a refusal marks the row it means."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from sandbox import Sandbox
from sandbox.core.model import Multifield
from sandbox.portal.colleague import link_client
from tests.browser.desk import Desk, open_desk
from tests.browser.steps import open_record

pytestmark = pytest.mark.records(137)
"""Of these, enough are without customers."""
FOUND = {
    "030 23125900": ("Nora", "Quill", "+49 (0)30 23125900"),
    "8 912 345-67-89": ("Omar", "Vale", "+7 912 345 67 89"),
    "zolkiewski": ("Jan", "Żółkiewski", "+1 555 0100"),
    "佐藤花子": ("花子", "佐藤", "+1 555 0100"),
    "Quillan, Pia": ("Pia", "Quillan", "+1 555 0100"),
}


@pytest.fixture
def desk(browser: Browser, desk_sandbox: Sandbox) -> Iterator[Desk]:
    """Open the desk with a contact of its own on each of some empty records."""
    portal = desk_sandbox.portals[0]
    for number, (first, last, phone) in zip(
        empty_records(desk_sandbox), FOUND.values(), strict=False
    ):
        item = portal.state.contacts[number]
        item.fields |= {"name": first, "lastName": last}
        item.fm = [Multifield(90_000 + number, "PHONE", "WORK", phone)]
        link_client(portal, number, "CONTACT", number)
    with open_desk(browser, desk_sandbox) as running:
        yield running


def empty_records(sandbox: Sandbox) -> list[int]:
    portal = sandbox.portals[0]
    waiting = {client for number in portal.records for client in portal.clients(number)}
    return [
        number
        for number in portal.records
        if not portal.clients(number) and ("CONTACT", number) not in waiting
    ]


def test_the_list_finds_what_is_the_same(installed_desk: Desk) -> None:
    app = installed_desk.app
    search = app.get_by_role("searchbox", name="Search the waiting list")
    rows = app.get_by_role("listbox", name="Records").get_by_role("option")
    for typed, (first, last, _) in FOUND.items():
        search.fill(typed)
        expect(rows).to_have_count(1)
        expect(rows).to_contain_text(f"{first} {last}")


def test_a_refusal_marks_the_row_it_means(installed_desk: Desk) -> None:
    desk, app = installed_desk, installed_desk.app
    open_record(desk, empty_records(desk.sandbox)[0])
    picker = app.get_by_role("combobox", name="Add a customer")
    listed = app.get_by_role("list", name="Customers").get_by_role("listitem")
    for typed in ("Nora Quill", "Omar Vale"):
        picker.press_sequentially(typed)
        picker.press("Enter")
        expect(listed.filter(has_text=typed)).to_have_count(1)
    omar = next(one for one in desk.portal.state.contacts.values() if one.title == "Omar Vale")
    del desk.portal.state.contacts[omar.id]
    desk.allow("422")
    desk.save()
    alert = app.get_by_role("alert").filter(has_text=f"Omar Vale (Contact #{omar.id})")
    expect(alert).to_be_visible()
    expect(listed.filter(has_text=f"#{omar.id}")).to_contain_text("Omar Vale")
    expect(listed.locator(".is-refused:visible")).to_have_count(1)
    app.get_by_role("button", name="Remove Omar Vale").click()
    desk.save()
    expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
