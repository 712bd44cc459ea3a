"""Daily tasks counted in clicks and keys. A task fails if it takes more than its target."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from sandbox import Sandbox
from sandbox.core.model import CrmItem, Multifield
from sandbox.portal.portal import Portal
from tests.browser.counting import Effort, count_effort
from tests.browser.desk import ON_A_PHONE, Desk, install, open_desk
from tests.browser.steps import colleague_sets, open_record, record_with_three_contacts
from tests.cast import REGULAR_USER

pytestmark = pytest.mark.records(137)
"""More than the two pages of records that the app reads first."""

PEOPLE = {900: "Nora Quill", 901: "Omar Brandt", 902: "Pia Wexler"}


@pytest.fixture
def known(desk_sandbox: Sandbox) -> Portal:
    """Return three customers that four letters or digits identify."""
    portal = desk_sandbox.portals[0]
    for number, name in PEOPLE.items():
        first, last = name.split()
        fields = {"name": first, "lastName": last, "categoryId": 0, "companyId": 0}
        item = CrmItem(number, {**fields, "companyIds": []})
        item.fm.append(Multifield(number, "PHONE", "WORK", f"+49 30 23125 9{number}"))
        portal.state.contacts[number] = item
    portal.state.last_id["contact"] = max(PEOPLE)
    return portal


@pytest.fixture
def effort(known: Portal, desk: Desk) -> Effort:
    """Count from the portal's page on, before the app is opened."""
    install(desk.sandbox)
    counted = count_effort(desk.page)
    desk.page.goto(f"{known.url}/crm/contact/list/")
    counted.start()
    return counted


def open_app(desk: Desk) -> None:
    """Open the app from the portal's menu."""
    desk.page.get_by_role("link", name="Waiting list", exact=True).click()
    desk.app.get_by_role("option").first.wait_for()
    desk.settle()


def in_sight(desk: Desk) -> Locator:
    """Return an empty record that is visible without scrolling."""
    rows = desk.app.locator("#records [role=option]")
    number = next(
        number
        for number in (int(row.get_attribute("value") or 0) for row in rows.all())
        if not desk.portal.clients(number)
    )
    return desk.app.locator(f"#record-{number}")


def take(desk: Desk, typed: str, name: str, nth: int = 1) -> None:
    """Type into the focused field and choose the first hit."""
    expect(desk.app.get_by_role("combobox", name="Add a customer")).to_be_focused()
    for key in typed:
        desk.page.keyboard.press(key)
    hits = desk.app.get_by_role("listbox", name="Found customers").get_by_role("option")
    expect(hits.first).to_contain_text(name)
    desk.page.keyboard.press("Enter")
    customers = desk.app.get_by_role("list", name="Customers").get_by_role("listitem")
    expect(customers).to_have_count(nth)


def saved(desk: Desk) -> None:
    expect(desk.app.get_by_role("status").filter(has_text="Saved")).to_be_visible()


@pytest.mark.parametrize(
    ("typed", "most"),
    [(["quil"], 6), (["quil", "bran", "wexl"], 16)],
    ids=["one", "three"],
)
def test_customers_are_added_to_a_record(
    desk: Desk, effort: Effort, typed: list[str], most: int
) -> None:
    open_app(desk)
    record = in_sight(desk)
    number = int(record.get_attribute("value") or 0)
    record.click()
    for nth, (word, name) in enumerate(zip(typed, PEOPLE.values(), strict=False), start=1):
        take(desk, word, name, nth)
    desk.page.keyboard.press("Control+Enter")
    saved(desk)
    clicks, keys = effort.spent()
    assert clicks <= 2
    assert keys <= most
    assert desk.portal.clients(number) == [("CONTACT", id) for id in list(PEOPLE)[: len(typed)]]


@pytest.mark.parametrize("by", ["click", "keys"])
def test_a_save_is_undone(desk: Desk, effort: Effort, by: str) -> None:
    open_app(desk)
    number, people = record_with_three_contacts(desk.portal)
    open_record(desk, number)
    desk.app.get_by_role("button", name="Remove").last.click()
    desk.page.keyboard.press("Control+Enter")
    saved(desk)
    effort.start()
    if by == "click":
        desk.app.get_by_role("button", name="Undo").click()
    else:
        desk.page.keyboard.press("Control+z")
    expect(desk.app.get_by_role("status").filter(has_text="Undone")).to_be_visible()
    assert sum(effort.spent()) == 1
    assert desk.portal.clients(number) == [("CONTACT", person) for person in people]


def test_an_old_list_is_restored_from_the_history(desk: Desk, effort: Effort) -> None:
    open_app(desk)
    number, people = record_with_three_contacts(desk.portal)
    open_record(desk, number)
    desk.app.get_by_role("button", name="Remove").last.click()
    desk.page.keyboard.press("Control+Enter")
    saved(desk)
    open_app(desk)
    effort.start()
    open_record(desk, number)
    desk.app.get_by_role("button", name="History").click()
    desk.app.get_by_role("button", name="Restore this list").click()
    saved(desk)
    clicks, keys = effort.spent()
    assert clicks <= 3
    assert keys == 0
    assert desk.portal.clients(number) == [("CONTACT", person) for person in people]


def test_a_customer_removed_outside_the_app_is_put_back(desk: Desk, effort: Effort) -> None:
    open_app(desk)
    number, people = record_with_three_contacts(desk.portal)
    newcomer = next(id for id in desk.portal.state.contacts if id not in people)
    open_record(desk, number)
    desk.app.get_by_role("button", name="Remove").last.click()
    desk.page.keyboard.press("Control+Enter")
    saved(desk)
    colleague_sets(desk.portal, number, [people[1], newcomer])
    open_app(desk)
    open_record(desk, number)
    expect(desk.app.get_by_text("was taken off outside this app.")).to_be_visible()
    desk.shoot_everywhere("put-back")
    desk.app.get_by_role("button", name="History").click()
    outside = desk.app.get_by_role("dialog", name="History").get_by_text("Outside the app")
    expect(outside).to_be_visible()
    desk.shoot_everywhere("history-outside")
    desk.app.get_by_role("button", name="Close").click()
    desk.settle()
    effort.start()
    desk.app.get_by_role("button", name="Put back").click()
    saved(desk)
    assert effort.spent() == (1, 0)
    assert desk.portal.clients(number) == [("CONTACT", id) for id in (*people[:2], newcomer)]
    expect(desk.app.get_by_role("button", name="Undo")).to_be_visible()


def test_removing_a_customer_without_access_asks_first(desk: Desk, effort: Effort) -> None:
    portal = desk.portal
    hidden = portal.user(REGULAR_USER).hidden_contacts
    number = next(iter(portal.records))
    colleague_sets(portal, number, [900, hidden[0]])
    desk.log_in(REGULAR_USER)
    open_app(desk)
    open_record(desk, number)
    take(desk, "bran", "Omar Brandt", 3)
    desk.page.keyboard.press("Control+Enter")
    saved(desk)
    assert ("CONTACT", hidden[0]) in portal.clients(number)

    desk.settle()
    effort.start()
    desk.app.get_by_role("button", name=f"Remove Contact #{hidden[0]}").click()
    question = desk.app.get_by_role("dialog", name="Remove a customer you can't see?")
    question.get_by_role("button", name="Remove").click()
    expect(desk.app.get_by_role("button", name="Save")).to_be_enabled()
    assert effort.spent() == (2, 0)
    desk.save()
    saved(desk)
    assert ("CONTACT", hidden[0]) not in portal.clients(number)
    desk.app.get_by_role("button", name="Undo").click()
    expect(desk.app.get_by_role("status").filter(has_text="Undone")).to_be_visible()
    assert ("CONTACT", hidden[0]) in portal.clients(number)


@pytest.fixture
def phone(browser: Browser, desk_sandbox: Sandbox, known: Portal) -> Iterator[Desk]:
    with open_desk(browser, desk_sandbox, **ON_A_PHONE) as desk:
        install(desk_sandbox)
        desk.page.goto(f"{known.url}/crm/contact/list/")
        yield desk


def test_a_customer_is_added_to_a_record_by_touch(phone: Desk) -> None:
    effort = count_effort(phone.page)
    phone.page.reload()
    effort.start()
    phone.page.get_by_role("link", name="Waiting list", exact=True).tap()
    phone.app.get_by_role("option").first.wait_for()
    phone.settle()
    record = in_sight(phone)
    number = int(record.get_attribute("value") or 0)
    record.tap()
    picker = phone.app.get_by_role("combobox", name="Add a customer")
    expect(picker).to_be_focused()
    for key in "9902":
        phone.page.keyboard.press(key)
    hits = phone.app.get_by_role("listbox", name="Found customers").get_by_role("option")
    expect(hits.first).to_contain_text("Pia Wexler")
    phone.settle()
    hits.first.tap()
    phone.app.get_by_role("button", name="Save").tap()
    saved(phone)
    clicks, keys = effort.spent()
    assert clicks <= 4
    assert keys <= 4
    assert phone.portal.clients(number) == [("CONTACT", 902)]
