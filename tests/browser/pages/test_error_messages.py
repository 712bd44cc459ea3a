"""Each error is shown where it happens, keeps the changes, and offers a next step."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from sandbox import Sandbox
from tests.browser.desk import Desk, open_desk, sandbox_with_app
from tests.browser.held import HeldRequests
from tests.browser.steps import delayed, open_record
from tests.cast import ADMINISTRATOR, EXTRANET, NO_CRM_RIGHTS, REGULAR_USER
from tests.web.error_cases import CANNOT_TELL, CODES, NUMBER, ON_A_PAGE, State, mend
from web.http import skeleton


@pytest.fixture(scope="module")
def shared_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Start a sandbox with the app installed."""
    folder = tmp_path_factory.mktemp("states")
    with sandbox_with_app(folder, records=12, installed=True) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def shared_desk(browser: Browser, shared_sandbox: Sandbox) -> Iterator[Desk]:
    with open_desk(browser, shared_sandbox) as desk:
        # The browser reports every answer above 399.
        desk.allow("Failed to load resource")
        desk.open()
        yield desk


@pytest.fixture
def at_work(shared_desk: Desk) -> Iterator[Desk]:
    """Lend the shared page, and restore it and the portal after the test."""
    yield shared_desk
    shared_desk.page.unroute_all(behavior="ignoreErrors")
    shared_desk.page.context.set_offline(False)
    for number in shared_desk.portal.state.records:
        mend(shared_desk.portal, number)


@pytest.mark.parametrize("state", ON_A_PAGE, ids=str)
def test_a_failed_save_says_why_and_keeps_the_changes(at_work: Desk, state: State) -> None:
    desk, app, portal = at_work, at_work.app, at_work.portal
    if not is_at_rest(desk, state.user):
        act_as(desk, state.user)
    number = min((len(portal.clients(n)), n) for n in portal.records)[1]
    record, typed = portal.records[number], f"Typed before {state}"
    before = record.note
    # The page may show the record already, in an editor that the answer replaces.
    with desk.page.expect_response(f"**/records/{number}"):
        open_record(desk, number)
    expect(app.get_by_role("status").filter(has_text="Saved")).to_be_hidden()
    newcomer = add_first_hit(desk)
    state.provoke(portal, number)
    desk.save()

    alert = app.get_by_role("alert")
    expect(alert).to_contain_text(state.text, timeout=15_000)
    expect(alert).to_contain_text(state.step)
    expect(alert).to_contain_text(state.effect)
    assert not CODES.search(alert.inner_text())
    expect(alert.get_by_role("button", name="Try again")).to_have_count(int(state.again))
    if state.button:
        expect(alert.get_by_role("button", name=state.button)).to_be_visible()
    alert.locator("summary").click()
    expect(alert).to_contain_text(NUMBER)
    customers = app.get_by_role("list", name="Customers")
    expect(customers).to_contain_text(newcomer)
    assert record.note == before
    if state.effect == CANNOT_TELL:
        # Nothing is sent again while the first call may still take effect.
        del portal.state.records[number]
        return

    mend(portal, number)
    app.get_by_role("textbox", name="Note").fill(typed)
    desk.settle()
    again = alert.get_by_role("button", name="Try again")
    (again if state.again else app.get_by_role("button", name="Save")).click()
    expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    expect(alert).to_be_empty()
    assert record.note == typed


AT_REST = """() => document.querySelector('#records [role=option]') !== null
    && document.querySelector('#save')?.disabled
    && document.querySelector('#problem')?.textContent === ''"""
"""Whether the page shows a list and a record that has no changes, as after a save."""


def is_at_rest(desk: Desk, user: int) -> bool:
    """Return whether the main page is open for this user, with nothing left to save."""
    shown = desk.page.get_by_label("Logged in as")
    is_open = any("|" in frame.name for frame in desk.page.frames)
    is_theirs = is_open and shown.count() == 1 and shown.input_value() == str(user)
    return is_theirs and bool(desk.frame.evaluate(AT_REST))


def act_as(desk: Desk, user: int) -> None:
    desk.page.goto(desk.portal.url)
    select = desk.page.get_by_label("Logged in as")
    if select.input_value() != str(user):
        desk.log_in(user)
    desk.app.get_by_role("option").first.wait_for()
    desk.settle()


def add_first_hit(desk: Desk, query: str = "Oliver") -> str:
    """Add the first hit that is not on the open record yet, and return its name."""
    picker = desk.app.get_by_role("combobox", name="Add a customer")
    picker.press_sequentially(query)
    hit = desk.app.locator("#hits [role=option]:not([aria-disabled=true])").first
    hit.wait_for()
    name = hit.locator(".name").inner_text()
    hit.click()
    expect(desk.app.get_by_role("list", name="Customers")).to_contain_text(name)
    return name


def test_a_loading_list_shows_a_skeleton_and_later_says_that_it_is_slow(
    at_work: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(skeleton, "PATIENCE", 0.0)
    desk, app = at_work, at_work.app
    with delayed(desk, "booking.v1.waitlist.list"):
        desk.page.goto(desk.portal.url, wait_until="commit")
        bones = app.locator(".bones").first
        expect(bones).to_be_visible()
        slow = app.get_by_text("Bitrix24 is answering slowly…").last
        expect(slow).to_be_hidden()
        desk.shoot("loading")
        assert desk.frame.evaluate(WAITED) == pytest.approx(8)
        finish_animations(desk)
        expect(slow).to_be_visible()
    expect(app.get_by_role("option").first).to_be_visible()
    expect(bones).to_be_hidden()
    expect(slow).to_be_hidden()


WAITED = """() => {
    const style = getComputedStyle(document.querySelector('.slow'));
    const before = parseFloat(style.getPropertyValue('--since-launch')) / 1000;
    return before > 0 ? before + parseFloat(style.animationDelay) : 0;
}"""
"""Seconds from the launch until the page says that Bitrix24 is slow."""


def finish_animations(desk: Desk) -> None:
    """Let the eight seconds pass."""
    desk.frame.evaluate(
        "document.getAnimations().forEach((one) => one.effect.getTiming().iterations === 1"
        " && one.finish())"
    )


def test_a_slow_answer_is_announced(at_work: Desk) -> None:
    desk, app = at_work, at_work.app
    desk.page.clock.install()
    act_as(desk, ADMINISTRATOR)
    desk.settle()
    opening = HeldRequests(desk, re.compile(r"/records/\d+$"))
    # The page comes with the record that was changed last.
    app.locator("#records [role=option]:not([aria-selected=true])").first.click()
    opening.stop()
    desk.page.clock.fast_forward(8500)
    slow = app.locator("#progress").get_by_text("Bitrix24 is answering slowly…")
    expect(slow).to_be_visible()
    desk.shoot("slow")
    opening.release()
    expect(app.get_by_role("combobox", name="Add a customer")).to_be_visible()
    expect(slow).to_be_hidden()


def test_an_empty_list_offers_the_first_record(at_work: Desk) -> None:
    desk, app = at_work, at_work.app
    for record in desk.portal.records.values():
        record.deleted = True
    desk.page.goto(desk.portal.url)
    expect(app.get_by_text("The waiting list is empty.")).to_be_visible()
    desk.shoot_everywhere("empty-list")
    app.locator(".when-empty").get_by_role("button", name="New record").click()
    expect(app.get_by_text("No customers. Type a name or phone number.")).to_be_visible()
    desk.shoot_everywhere("empty-record")


def test_without_a_connection_changes_are_kept_and_sent_later(at_work: Desk) -> None:
    desk, app, portal = at_work, at_work.app, at_work.portal
    act_as(desk, ADMINISTRATOR)
    number = next(iter(portal.records))
    open_record(desk, number)
    app.get_by_role("textbox", name="Note").fill("Typed in a tunnel")
    desk.page.context.set_offline(True)
    desk.save()
    alert = app.get_by_role("alert")
    expect(alert).to_contain_text("No connection. Your changes are kept on this page.")
    expect(app.get_by_role("textbox", name="Note")).to_have_value("Typed in a tunnel")
    desk.shoot_everywhere("offline")
    desk.page.context.set_offline(False)
    expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    expect(alert).to_be_empty()
    assert portal.records[number].note == "Typed in a tunnel"


def test_an_answer_that_is_not_from_the_app_is_not_shown(at_work: Desk) -> None:
    desk, app, portal = at_work, at_work.app, at_work.portal
    act_as(desk, ADMINISTRATOR)
    number = next(iter(portal.records))
    open_record(desk, number)
    app.get_by_role("textbox", name="Note").fill("Typed behind a proxy")
    page = "<!doctype html><h1>502 Bad Gateway</h1>"
    desk.page.route("**/save", lambda route: route.fulfill(status=502, body=page))
    desk.save()
    alert = app.get_by_role("alert")
    expect(alert).to_contain_text("The app did not answer properly. Your changes are kept")
    expect(app.get_by_text("Bad Gateway")).to_have_count(0)
    desk.page.unroute("**/save")
    alert.get_by_role("button", name="Try again").click()
    expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    assert portal.records[number].note == "Typed behind a proxy"


def test_typed_text_is_kept_when_the_session_cannot_be_renewed(
    at_work: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, app, portal = at_work, at_work.app, at_work.portal
    act_as(desk, ADMINISTRATOR)
    number = next(iter(portal.records))
    open_record(desk, number)
    app.get_by_role("textbox", name="Note").fill("Typed for a long time")
    desk.page.route("**/session", lambda route: route.fulfill(status=403))
    monkeypatch.setattr("oauth.frame_sessions.LIFETIME", -1)
    desk.save()
    alert = app.get_by_role("alert")
    expect(alert).to_contain_text("The session has ended. Nothing was saved. Your changes are kept")
    expect(alert).to_contain_text("Log in to Bitrix24 again, then try again.")
    desk.shoot_everywhere("session-ended")
    desk.page.unroute("**/session")
    monkeypatch.undo()
    alert.get_by_role("button", name="Try again").click()
    expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    assert portal.records[number].note == "Typed for a long time"


def test_a_failed_list_can_be_read_again(at_work: Desk) -> None:
    desk, app = at_work, at_work.app
    desk.portal.faults.add("booking_disabled", "booking.v1.waitlist.list")
    desk.page.goto(desk.portal.url)
    alert = app.get_by_role("alert").filter(has_text="Online Booking is switched off")
    expect(alert).to_be_visible()
    expect(alert).not_to_contain_text("saved")
    desk.shoot_everywhere("list-unreadable")
    desk.portal.faults.clear()
    alert.get_by_role("button", name="Try again").click()
    expect(app.get_by_role("option")).to_have_count(len(desk.portal.records))


@pytest.mark.parametrize("method", ["profile", "booking.v1.waitlist.list"])
def test_a_failed_launch_can_be_retried(at_work: Desk, method: str) -> None:
    desk, app = at_work, at_work.app
    desk.portal.faults.add("server_error", method)
    desk.page.goto(desk.portal.url)
    expect(app.get_by_role("alert")).to_contain_text("Bitrix24 did not answer properly.")
    desk.shoot_everywhere("not-opened")
    desk.portal.faults.clear()
    app.get_by_role("button", name="Try again").click()
    expect(app.get_by_role("option").first).to_be_visible()


def test_a_plan_without_new_records_is_named_on_creation(at_work: Desk) -> None:
    desk, app = at_work, at_work.app
    act_as(desk, REGULAR_USER)
    desk.portal.faults.add("feature_off", "booking.v1.waitlist.add", feature="booking_waitlist")
    app.get_by_role("button", name="New record").first.click()
    app.get_by_role("textbox", name="Note").fill("Somebody new")
    desk.save()
    alert = app.get_by_role("alert")
    expect(alert).to_contain_text("New waiting-list records need a plan with the waiting list.")
    expect(alert).to_contain_text("You can still change the customers of existing records.")
    expect(app.get_by_role("textbox", name="Note")).to_have_value("Somebody new")
    desk.shoot_everywhere("plan")


def test_a_user_without_crm_access_reads_the_list_without_names(at_work: Desk) -> None:
    desk, app, portal = at_work, at_work.app, at_work.portal
    act_as(desk, NO_CRM_RIGHTS)
    number = next(n for n in portal.records if portal.clients(n))
    portal.records[number].note = "After four"
    open_record(desk, number)
    record = app.get_by_role("region", name="Record")
    said = app.get_by_text("you have no access to contacts or companies in CRM")
    expect(said.first).to_be_visible()
    expect(app.locator("#record-title")).to_be_focused()
    customers = record.get_by_role("list", name="Customers").get_by_role("listitem")
    expect(customers).to_have_count(len(portal.clients(number)))
    expect(customers.first).to_contain_text(re.compile(r"(Contact|Company) #\d+"))
    expect(customers.first).to_contain_text("no access")
    expect(customers.get_by_role("button")).to_have_count(0)
    note = record.get_by_role("textbox", name="Note")
    expect(note).to_have_value("After four")
    expect(note).not_to_be_editable()
    expect(record.get_by_role("combobox")).to_have_count(0)
    expect(record.get_by_role("button", name="Save")).to_have_count(0)
    desk.shoot_everywhere("no-crm-rights")

    record.get_by_role("button", name="History").click()
    history = app.get_by_role("dialog", name="History")
    expect(history).to_be_visible()
    history.get_by_role("button", name="Close").click()
    expect(app.get_by_role("button", name="New record")).to_have_count(0)


def test_guests_are_told_that_the_app_is_not_for_them(at_work: Desk) -> None:
    desk = at_work
    desk.page.goto(desk.portal.url)
    desk.log_in(EXTRANET)
    expect(desk.app.get_by_text("This app is for employees")).to_be_visible()
    desk.shoot_everywhere("extranet")
