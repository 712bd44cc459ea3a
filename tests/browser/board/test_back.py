"""*Back* leads to the list on a phone, and out of a panel over a card."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from sandbox import Sandbox
from tests.browser.desk import ON_A_PHONE, Desk, open_desk, sandbox_with_app
from tests.browser.steps import contact_on, open_record, open_tab, records_of, wait_until


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with sandbox_with_app(tmp_path_factory.mktemp("back"), installed=True) as running:
        yield running


def go_back(desk: Desk) -> None:
    """Press *Back*. Only a frame goes back, which Playwright's own way does not notice."""
    desk.page.evaluate("history.back()")


@pytest.fixture
def phone(browser: Browser, sandbox: Sandbox) -> Iterator[Desk]:
    with open_desk(browser, sandbox, **ON_A_PHONE) as desk:
        desk.open()
        yield desk


def test_back_leads_from_a_record_to_the_list(phone: Desk) -> None:
    for number in sorted(phone.portal.records, reverse=True)[:2]:
        open_record(phone, number)
        go_back(phone)
        expect(phone.app.locator(f"#record-{number}")).to_be_visible()
        expect(phone.app.locator("#editor")).to_have_count(0)


def test_the_page_s_own_way_back_leaves_nothing_to_go_back_to(phone: Desk) -> None:
    number = max(phone.portal.records)
    before = phone.page.evaluate("history.length")
    open_record(phone, number)
    phone.app.get_by_role("button", name="Back to the list").click()
    expect(phone.app.locator("#editor")).to_have_count(0)
    open_record(phone, number)
    phone.app.get_by_role("button", name="Back to the list").click()
    expect(phone.app.locator("#editor")).to_have_count(0)
    assert phone.page.evaluate("history.length") == before + 1


def test_back_asks_before_unsaved_changes_are_left(phone: Desk) -> None:
    number = max(phone.portal.records)
    open_record(phone, number)
    phone.app.get_by_role("textbox", name="Note").fill("Typed on the way")
    go_back(phone)
    dialog = phone.app.get_by_role("dialog", name="Save your changes?")
    dialog.get_by_role("button", name="Stay").click()
    expect(phone.app.get_by_role("textbox", name="Note")).to_have_value("Typed on the way")
    go_back(phone)
    dialog.get_by_role("button", name="Discard").click()
    expect(phone.app.locator(f"#record-{number}")).to_be_visible()


def test_a_record_opens_beside_the_card_and_back_closes_it(
    browser: Browser, sandbox: Sandbox
) -> None:
    with open_desk(browser, sandbox) as desk:
        desk.open()
        contact = contact_on(desk.portal, 1)
        (record,) = records_of(desk.portal, "CONTACT", contact)
        open_tab(desk, "contact", contact)
        tab, panel = desk.app, desk.page.frame_locator(".slider iframe")
        tab.get_by_role("button", name="Open").click()
        expect(panel.get_by_role("region", name="Record")).to_contain_text(f"#{record}")
        inside = next(one for one in desk.page.frames if one.parent_frame and one != desk.frame)
        wait_until(
            inside,
            "performance.getEntries().some((one) => one.name.endsWith('/portal/side-panel.js'))",
        )
        expect(panel.get_by_role("combobox", name="Add a customer")).to_be_visible()
        go_back(desk)
        expect(desk.page.locator(".slider")).to_have_count(0)
        expect(tab.get_by_role("list", name="Records of this customer")).to_be_visible()
