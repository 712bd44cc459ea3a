"""What a record tells at a glance, and why a star is missing."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from sandbox.core.model import Multifield
from tests.browser.desk import Desk
from tests.browser.steps import (
    note_field,
    open_record,
    record_with_three_contacts,
    wait_until,
)

REMOVED = "\N{MINUS SIGN}"
ROW_HEIGHT = 55
VALUES = {"PHONE": "+49 30 23125 777", "EMAIL": "anna@example.com"}
MAIN_IS_FIXED = "The first contact is always the main customer in Bitrix24."


def customers(desk: Desk) -> Locator:
    return desk.app.get_by_role("list", name="Customers").get_by_role("listitem")


def changes(desk: Desk) -> list[str]:
    """What the foot of the editor says of unsaved changes."""
    wait_until(desk.frame, "document.querySelector('#summary .change') !== null")
    return desk.app.locator("#summary .change").all_inner_texts()


def test_the_foot_names_the_new_main_customer(installed_desk: Desk) -> None:
    desk = installed_desk
    number, _people = record_with_three_contacts(desk.portal)
    open_record(desk, number)
    names = [str(row.get_attribute("data-name")) for row in customers(desk).all()]
    desk.app.get_by_role("button", name=f"Make {names[2]} the main customer").click()
    assert changes(desk) == [f"main customer: {names[2]}"]
    note_field(desk).fill("Changed, too")
    desk.app.get_by_role("button", name=f"Remove {names[0]}").click()
    removed = desk.app.locator("#summary .change", has_text=REMOVED)
    expect(removed).to_have_text(f"{REMOVED} {names[0]}")
    assert changes(desk) == [f"{REMOVED} {names[0]}", f"main customer: {names[2]}", "note changed"]


def test_the_foot_names_no_main_customer_where_the_old_one_was_removed(
    installed_desk: Desk,
) -> None:
    desk = installed_desk
    number, _people = record_with_three_contacts(desk.portal)
    open_record(desk, number)
    first = str(customers(desk).first.get_attribute("data-name"))
    desk.app.get_by_role("button", name=f"Remove {first}").click()
    assert changes(desk) == [f"{REMOVED} {first}"]


def test_another_order_below_the_main_customer_is_a_new_order(installed_desk: Desk) -> None:
    desk = installed_desk
    number, _people = record_with_three_contacts(desk.portal)
    open_record(desk, number)
    customers(desk).last.get_by_role("button", name="Remove").focus()
    desk.page.keyboard.press("Alt+ArrowUp")
    assert changes(desk) == ["new order"]


def test_a_company_beside_contacts_says_why_it_is_not_the_main_customer(
    installed_desk: Desk,
) -> None:
    desk, portal = installed_desk, installed_desk.portal
    kinds = {n: {kind for kind, _ in portal.clients(n)} for n in portal.records}
    open_record(desk, next(n for n, both in kinds.items() if len(both) == 2))
    company = customers(desk).last
    expect(company.get_by_role("img", name=MAIN_IS_FIXED)).to_be_visible()
    expect(company.get_by_title(MAIN_IS_FIXED)).to_be_visible()
    for row in customers(desk).filter(has=desk.app.locator(".is-round")).all():
        expect(row.get_by_title(MAIN_IS_FIXED)).to_have_count(0)
    while customers(desk).filter(has=desk.app.locator(".is-round")).count():
        customers(desk).first.locator(".remove").click()
    expect(company.get_by_text("Main customer")).to_be_visible()
    expect(company.get_by_role("img", name=MAIN_IS_FIXED)).to_be_hidden()


def test_details_of_a_customer_are_told_apart(unopened_desk: Desk) -> None:
    desk, portal = unopened_desk, unopened_desk.portal
    number, people = record_with_three_contacts(portal)
    for person in people[:2]:
        item = portal.state.contacts[person]
        item.fields |= {"name": "Anna", "lastName": "Namesake"}
        item.fm[:] = [Multifield(person, "EMAIL", "WORK", f"anna{person}@example.com")]
    desk.open()
    open_record(desk, number)
    expect(customers(desk).first).to_contain_text(f"anna{people[0]}@example.com · ")


def test_rows_of_customers_are_equally_high_whatever_is_known_of_them(unopened_desk: Desk) -> None:
    desk, portal = unopened_desk, unopened_desk.portal
    number, people = record_with_three_contacts(portal)
    for person, kinds in zip(people, ([], ["PHONE"], ["PHONE", "EMAIL"]), strict=True):
        portal.state.contacts[person].fm[:] = [
            Multifield(person * 10 + at, kind, "WORK", VALUES[kind])
            for at, kind in enumerate(kinds)
        ]
    desk.open()
    open_record(desk, number)
    rows = [desk.box(row)["height"] for row in customers(desk).all()]
    assert max(rows) - min(rows) < 1
    assert max(rows) <= ROW_HEIGHT


def test_a_copied_link_leads_to_the_record(installed_desk: Desk) -> None:
    desk = installed_desk
    number, _people = record_with_three_contacts(desk.portal)
    open_record(desk, number)
    desk.app.locator("#record .menu summary").click()
    desk.app.get_by_role("button", name="Copy link").click()
    expect(desk.app.get_by_role("status").filter(has_text="Link copied")).to_be_visible()
    expect(desk.app.get_by_role("dialog")).to_have_count(0)
    note_field(desk).fill("")
    note_field(desk).press("ControlOrMeta+v")
    desk.page.goto(note_field(desk).input_value())
    expect(desk.app.get_by_role("region", name="Record")).to_contain_text(f"#{number}")


def test_an_age_that_the_heading_of_its_group_tells_is_not_told_again(
    installed_desk: Desk,
) -> None:
    desk, portal = installed_desk, installed_desk.portal
    number = next(n for n in portal.records if not portal.clients(n))
    row = desk.app.locator(f"#record-{number}")
    expect(row.locator(".age")).to_be_hidden()
    desk.app.get_by_role("searchbox", name="Search the waiting list").fill(f"#{number}")
    expect(desk.app.locator("#group-results").locator(f"#record-{number} .age")).to_be_visible()


def test_the_ring_of_a_row_keeps_to_the_corners_of_the_list(installed_desk: Desk) -> None:
    desk = installed_desk
    desk.app.get_by_role("searchbox", name="Search the waiting list").press("Tab")
    row = desk.app.locator("#records [role=option]").first
    row.press("End")
    ringed = desk.app.locator("#records [role=option]:focus-visible")
    card = desk.app.locator(".list").evaluate("one => getComputedStyle(one).borderRadius")
    expect(ringed).to_have_css("border-radius", card)


def test_the_heading_of_an_empty_record_says_when_it_was_added(installed_desk: Desk) -> None:
    desk = installed_desk
    row = desk.app.locator("#records [data-flags=none]:not([data-days])").first
    number, age = int(str(row.get_attribute("value"))), row.get_attribute("data-age")
    since = str(desk.app.locator(f"#group-{age}").get_attribute("data-since"))
    assert since.startswith("added")
    open_record(desk, number)
    heading = desk.app.locator("#record .editor-head .sub")
    expect(heading).to_have_text(f"Record #{number} · {since}")
    note_field(desk).fill("Called at noon")
    desk.save()
    status = desk.app.get_by_role("status")
    expect(status.filter(has_text="Saved")).to_be_visible()
    expect(heading).to_have_text(f"Record #{number} · {since}")
    expect(heading).to_have_attribute("title", f"Record #{number} · {since}")
    status.get_by_role("button", name="Undo").click()
    expect(status.filter(has_text="Undone")).to_be_visible()
    expect(heading).to_have_text(f"Record #{number} · {since}")
    desk.app.get_by_role("button", name="Make booking").click()
    expect(
        desk.app.get_by_role("region", name="Booking").locator(".editor-head .sub")
    ).to_contain_text(since)
