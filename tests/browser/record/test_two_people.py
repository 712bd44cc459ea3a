"""Two users save one record; these tests are the second one."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.counting import count_effort
from tests.browser.desk import Desk
from tests.browser.steps import (
    colleague_sets,
    open_record,
    record_with_three_contacts,
)


def test_changes_without_a_conflict_are_merged_without_a_question(unopened_desk: Desk) -> None:
    desk, app, portal = unopened_desk, unopened_desk.app, unopened_desk.portal
    effort = count_effort(desk.page)
    desk.page.goto(desk.portal.url)
    number, people = record_with_three_contacts(portal)
    newcomer = next(id for id in portal.state.contacts if id not in people)
    open_record(desk, number)
    colleague_sets(portal, number, [*people, newcomer])
    app.get_by_role("button", name="Remove").last.click()
    desk.save()
    effort.start()
    expect(app.get_by_role("status").filter(has_text="Both changes were kept")).to_be_visible()
    assert effort.spent() == (0, 0)
    assert portal.clients(number) == [("CONTACT", id) for id in (*people[:2], newcomer)]


def test_a_conflict_asks_and_saves_the_choice(unopened_desk: Desk) -> None:
    desk, app, portal = unopened_desk, unopened_desk.app, unopened_desk.portal
    effort = count_effort(desk.page)
    desk.page.goto(desk.portal.url)
    number, (first, second, third) = record_with_three_contacts(portal)
    open_record(desk, number)
    colleague_sets(portal, number, [third, first, second])
    app.get_by_role("list", name="Customers").get_by_role("listitem").nth(1).get_by_role(
        "button", name="the main customer"
    ).click()
    desk.allow("409")
    desk.save()
    dialog = app.get_by_role("dialog", name="Changed by someone else")
    expect(dialog).to_be_visible()
    for name in ("Keep mine", "Keep theirs", "Back to editing"):
        expect(dialog.get_by_role("button", name=name)).to_be_visible()
    # Both together would be the own list.
    expect(dialog.get_by_role("button", name="Keep both")).to_have_count(0)
    expect(dialog).to_contain_text("The order was changed outside this app.")
    expect(dialog).to_contain_text("the main customer.")
    desk.shoot_everywhere("conflict")
    effort.start()
    dialog.get_by_role("button", name="Keep mine").click()
    expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    assert effort.spent() == (1, 0)
    assert portal.clients(number)[0] == ("CONTACT", second)

    app.get_by_role("button", name="History").click()
    history = app.get_by_role("dialog", name="History")
    expect(history.get_by_role("button", name="Restore this list").first).to_be_visible()
    desk.shoot_everywhere("history")


def test_typed_text_is_kept_when_the_record_is_gone(installed_desk: Desk) -> None:
    desk, app, portal = installed_desk, installed_desk.app, installed_desk.portal
    number, _ = record_with_three_contacts(portal)
    open_record(desk, number)
    app.get_by_role("textbox", name="Note").fill("Typed in vain?")
    del portal.state.records[number]
    desk.allow("410")
    desk.save()
    expect(app.get_by_role("alert").filter(has_text="no longer exists")).to_be_visible()
    expect(app.get_by_role("textbox", name="Note")).to_have_value("Typed in vain?")
    desk.shoot_everywhere("record-gone")
