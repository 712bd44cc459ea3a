"""Every misfortune is said in words where it happens, loses nothing, and has a way out."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from sandbox import Sandbox
from tests.browser.conftest import Desk, open_desk, sandbox_with_app
from tests.browser.states import STATES, State, mend
from tests.browser.test_first_day import open_record

NUMBER = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
CODES = re.compile(r"\b(1035|1040|ERROR_|SQL|Array|HTTP \d|null)")


@pytest.fixture(scope="module")
def shared_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """With the app installed already."""
    folder = tmp_path_factory.mktemp("states")
    with sandbox_with_app(folder, records=12, installed=True) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def shared_desk(browser: Browser, shared_sandbox: Sandbox) -> Iterator[Desk]:
    with open_desk(browser, shared_sandbox) as desk:
        # The browser says so of every answer above 399.
        desk.allow("Failed to load resource")
        desk.page.goto(desk.portal.url)
        desk.app.get_by_role("option").first.wait_for()
        yield desk


@pytest.fixture
def at_work(shared_desk: Desk) -> Iterator[Desk]:
    """The main page anew; whatever a test breaks is mended after it."""
    yield shared_desk
    for number in shared_desk.portal.state.records:
        mend(shared_desk.portal, number)


@pytest.mark.parametrize("state", STATES, ids=str)
def test_a_save_that_goes_wrong_says_so_and_loses_nothing(at_work: Desk, state: State) -> None:
    desk, app, portal = at_work, at_work.app, at_work.portal
    act_as(desk, state.user)
    number = min((len(portal.clients(n)), n) for n in portal.records)[1]
    record, typed = portal.records[number], f"Typed before {state}"
    before = record.note
    open_record(desk, number)
    newcomer = add_somebody(desk)
    state.provoke(portal, number)
    app.get_by_role("button", name="Save").click()

    alert = app.get_by_role("alert")
    expect(alert).to_contain_text(state.text, timeout=15_000)
    expect(alert).to_contain_text(state.step)
    expect(alert).to_contain_text(state.fate)
    assert not CODES.search(alert.inner_text())
    expect(alert.get_by_role("button", name="Try again")).to_have_count(int(state.again))
    if state.button:
        expect(alert.get_by_role("button", name=state.button)).to_be_visible()
    alert.locator("summary").click()
    expect(alert).to_contain_text(NUMBER)
    customers = app.get_by_role("list", name="Customers")
    expect(customers).to_contain_text(newcomer)
    assert record.note == before

    mend(portal, number)
    app.get_by_role("textbox", name="Note").fill(typed)
    again = alert.get_by_role("button", name="Try again")
    (again if state.again else app.get_by_role("button", name="Save")).click()
    expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    expect(alert).to_be_empty()
    assert record.note == typed


def act_as(desk: Desk, user: int) -> None:
    desk.page.goto(desk.portal.url)
    select = desk.page.get_by_label("Logged in as")
    if select.input_value() != str(user):
        desk.log_in(user)
    desk.app.get_by_role("option").first.wait_for()


def add_somebody(desk: Desk, query: str = "Oliver") -> str:
    """Puts the first hit on the open record that is not there yet: the name."""
    picker = desk.app.get_by_role("combobox", name="Add a customer")
    picker.press_sequentially(query)
    hit = desk.app.locator("#hits [role=option]:not([aria-disabled=true])").first
    hit.wait_for()
    name = hit.locator(".name").inner_text()
    hit.click()
    expect(desk.app.get_by_role("list", name="Customers")).to_contain_text(name)
    return name
