"""The answer to a new record gets lost: the page repeats the form and creates no second record."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.desk import Desk
from tests.browser.steps import contact_on, full_deal, lose_answer, open_tab


def new_records(desk: Desk, before: set[int]) -> list[int]:
    return sorted(set(desk.portal.records) - before)


def try_again(desk: Desk) -> None:
    button = desk.app.get_by_role("button", name="Try again")
    expect(button).to_be_visible()
    # The frame grows with the message.
    desk.settle()
    button.click()


def test_the_main_page_repeats_the_form_once_it_is_online(installed_desk: Desk) -> None:
    desk, app, before = installed_desk, installed_desk.app, set(installed_desk.portal.records)
    app.get_by_role("button", name="New record").first.click()
    app.get_by_role("textbox", name="Note").fill("Said in a tunnel")
    lose_answer(desk, "/records/new/save")
    desk.save()
    expect(app.get_by_role("alert").filter(has_text="No connection")).to_be_visible()
    (record,) = new_records(desk, before)
    desk.frame.evaluate("window.dispatchEvent(new Event('online'))")
    expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    expect(app.locator("#editor")).to_have_attribute("data-record", str(record))
    expect(app.locator(f"#record-{record}")).to_contain_text("Said in a tunnel")
    assert new_records(desk, before) == [record]


def test_a_customers_tab_creates_one_record_and_then_another(unopened_desk: Desk) -> None:
    desk, app, before = unopened_desk, unopened_desk.app, set(unopened_desk.portal.records)
    open_tab(desk, "contact", contact_on(desk.portal, 0))
    app.get_by_role("button", name="New record").click()
    lose_answer(desk, "/card/create")
    app.get_by_role("button", name="Create").click()
    try_again(desk)
    expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    rows = app.locator("#waiting > li:not([hidden])")
    expect(rows).to_have_count(1)
    assert len(new_records(desk, before)) == 1
    app.get_by_role("button", name="New record").click()
    app.get_by_role("button", name="Create").click()
    expect(rows).to_have_count(2)
    assert len(new_records(desk, before)) == 2


def test_a_deals_tab_creates_one_record_and_links_it(unopened_desk: Desk) -> None:
    desk, app, before = unopened_desk, unopened_desk.app, set(unopened_desk.portal.records)
    open_tab(desk, "deal", full_deal(desk.portal))
    lose_answer(desk, "/card/deal/put")
    app.get_by_role("button", name="Put on the waiting list").click()
    try_again(desk)
    expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    (record,) = new_records(desk, before)
    assert len(desk.portal.records[record].external) == 1
    app.get_by_role("button", name="Undo").click()
    expect(app.get_by_role("status").filter(has_text="Undone")).to_be_visible()
    assert new_records(desk, before) == []
