"""Steps that browser tests share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import requests
from playwright.sync_api import Frame, Locator, Route, expect

from sandbox.core.faults import Fault
from sandbox.core.model import ExternalRow
from sandbox.portal.colleague import link_client
from sandbox.portal.portal import Portal
from tests.browser.counting import Effort
from tests.browser.desk import Desk
from tests.cast import REGULAR_USER

COUNTDOWN = 8_000
"""Milliseconds after which records are removed, and one more second."""


@contextmanager
def delayed(desk: Desk, method: str, *, count: int | None = 1) -> Iterator[Fault]:
    """Let the portal answer calls of a method only when the block has ended."""
    fault = desk.portal.faults.add("delay", method, count=count, seconds=60)
    try:
        yield fault
    finally:
        desk.portal.faults.remove(fault.id)


def open_record(desk: Desk, number: int) -> None:
    """Click the record's row, and wait until the frame stands still.

    What is clicked while the frame grows may have moved away.
    """
    row = desk.app.locator(f"[role=option][value='{number}']")
    row.wait_for()
    desk.settle()
    row.click()
    expect(desk.app.get_by_role("region", name="Record")).to_contain_text(f"#{number}")
    desk.settle()


def countdown(desk: Desk) -> Locator:
    """Return the words of a countdown that has begun: before, none of them is shown."""
    return desk.app.locator(".countdown > :visible")


def hold_start(desk: Desk) -> None:
    """Let pages not grow old: after three seconds they leave the focus where it is."""
    desk.page.add_init_script("performance.now = () => 0")


def wait_until(frame: Frame, seen: str, arg: object = None) -> None:
    """Wait until an expression holds in a frame of the app.

    `wait_for_function` needs `eval` from its second look on, which the app's pages forbid.
    """
    while not frame.evaluate(seen, arg):
        frame.wait_for_timeout(50)


def wait_for_keys(desk: Desk) -> None:
    """Wait for the module that answers single letters. It is loaded after the page."""
    wait_for_module(desk, "shortcuts.js")


def wait_for_module(desk: Desk, name: str) -> None:
    """Wait until a module of the main page has run that is loaded after the page."""
    entries = "performance.getEntriesByType('resource')"
    fetched = f"{entries}.find((one) => one.name.endsWith('/board/{name}'))"
    wait_until(desk.frame, f"Boolean({fetched})")
    # Only the page may fetch it. From here, `import` waits until it has run.
    desk.frame.evaluate(f"import({fetched}.name).then(() => true)")


def hold_time(desk: Desk) -> None:
    """Stop the clock of the app's page: on a busy machine a test takes longer than a countdown.

    It runs again on the next page. Playwright's clock would stay in the tab, for other tests, too.
    """
    move_time(desk, 0)


def pass_countdown(desk: Desk) -> None:
    """Let the page's clock, which is held, pass the seconds before a removal.

    They stand still under the pointer.
    """
    desk.page.mouse.move(0, 0)
    move_time(desk, COUNTDOWN)


def move_time(desk: Desk, milliseconds: int) -> None:
    """Move the clock of the app's page, and stop it there."""
    desk.frame.evaluate(
        "(by) => { const at = Date.now() + by; Date.now = () => at; }", milliseconds
    )


def end_countdown(desk: Desk) -> None:
    """Let the seconds before a removal pass, when the page has begun to count them."""
    desk.app.locator(".toast").first.wait_for(state="attached")
    pass_countdown(desk)


def count_contacts(clients: list[tuple[str, int]]) -> int:
    return sum(kind == "CONTACT" for kind, _ in clients)


def look_again(desk: Desk) -> None:
    """Come back to the page until its late script asks for news.

    The portal's events are sent before.
    """
    assert desk.sandbox.events.wait_idle()
    with desk.page.expect_request("**/news*") as asked:
        while not asked.is_done():
            desk.frame.evaluate("dispatchEvent(new Event('focus'))")
            desk.page.wait_for_timeout(50)


def newcomer(portal: Portal, people: list[int]) -> tuple[int, str]:
    """Return the id and the last name of a contact that is not among these."""
    number = next(id for id in portal.state.contacts if id not in people)
    return number, str(portal.state.contacts[number].fields["lastName"])


def call_portal(portal: Portal, method: str, params: dict[str, object]) -> int:
    """Call the portal as another user, outside the app."""
    answer = requests.post(f"{portal.webhook_url}{method}", json=params, timeout=60)
    return int(answer.json()["result"])


def colleague_sets(portal: Portal, number: int, people: list[int]) -> None:
    """Save these contacts as another user, outside the app."""
    clients = [{"id": person, "type": {"module": "crm", "code": "CONTACT"}} for person in people]
    answer = requests.post(
        f"{portal.webhook_url}booking.v1.waitlist.client.set",
        json={"waitListId": number, "clients": clients},
        timeout=60,
    )
    assert answer.json()["result"] is True


def record_with_three_contacts(portal: Portal) -> tuple[int, list[int]]:
    """Return a record with three contacts and no other customer."""
    number = next(n for n in portal.records if count_contacts(portal.clients(n)) >= 3)
    people = [id for kind, id in portal.clients(number) if kind == "CONTACT"][:3]
    colleague_sets(portal, number, people)
    return number, people


def record_row(desk: Desk, number: int) -> Locator:
    return desk.app.locator(f"#record-{number}")


def note_field(desk: Desk) -> Locator:
    return desk.app.get_by_role("textbox", name="Note")


def type_into_note(desk: Desk, text: str) -> None:
    """Type at the end of the note, without a click that would wait for the page."""
    note_field(desk).evaluate(
        "(field) => { field.focus(); field.selectionStart = field.value.length; }"
    )
    desk.page.keyboard.type(text)


def expect_record_open(desk: Desk, number: int) -> None:
    expect(desk.app.locator(f"#editor[data-record='{number}']")).to_be_visible()
    expect(desk.app.get_by_role("combobox", name="Add a customer")).to_be_focused()
    expect(record_row(desk, number)).to_have_attribute("aria-selected", "true")


def lose_answer(desk: Desk, path: str) -> None:
    """Drop the app's next answer to the browser, after the app has done the work."""

    def carry_out(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    desk.allow("ERR_CONNECTION_RESET")
    desk.page.route(f"**{path}", carry_out, times=1)


def open_tab(desk: Desk, kind: str, number: int, effort: Effort | None = None) -> None:
    """Open a card, click on its tab, and start counting."""
    desk.page.goto(f"{desk.portal.url}/crm/{kind}/details/{number}/")
    if effort:
        effort.start()
    desk.page.get_by_role("tab", name="Waiting list").click()
    expect(desk.app.get_by_role("heading", name="Waiting list").first).to_be_visible()
    desk.settle()


def records_of(portal: Portal, kind: str, number: int) -> list[int]:
    return [record for record in portal.records if (kind, number) in portal.clients(record)]


def contact_on(portal: Portal, count: int) -> int:
    """Return a contact on this many records that every user may see."""
    hidden = portal.user(REGULAR_USER).hidden_contacts
    return next(
        number
        for number, item in portal.state.contacts.items()
        if number not in hidden
        and len(records_of(portal, "CONTACT", number)) == count
        and f"{item.fields['name']}{item.fields['lastName']}".isascii()
    )


def busy_contact(portal: Portal) -> int:
    """Return a contact on three records: alone, with others, with a hidden customer."""
    number = contact_on(portal, 1)
    hidden = portal.user(REGULAR_USER).hidden_contacts[-1]
    for record in [r for r in portal.records if len(portal.clients(r)) == 3][-1:]:
        link_client(portal, record, "CONTACT", number)
    first = min(portal.records)
    link_client(portal, first, "CONTACT", number)
    link_client(portal, first, "CONTACT", hidden)
    return number


def full_deal(portal: Portal, *, linked: bool = False) -> int:
    """Return a deal with two contacts and a company, on one or no record. Every user sees them."""
    hidden = portal.user(REGULAR_USER).hidden_contacts
    number = next(
        number
        for number, item in portal.state.deals.items()
        if len(item.fields["contactIds"]) == 2
        and item.fields["companyId"]
        and not set(item.fields["contactIds"]) & set(hidden)
    )
    link = ExternalRow("crm", "DEAL", str(number))
    for record, item in portal.records.items():
        if link in item.external and not linked:
            item.external = []
            bindings = portal.state.activities[record].bindings
            portal.state.activities[record].bindings = [b for b in bindings if b != (2, number)]
    return number


def deal_customers(portal: Portal, number: int) -> list[tuple[str, int]]:
    fields = portal.state.deals[number].fields
    contacts = [("CONTACT", contact) for contact in fields["contactIds"]]
    return [*contacts, ("COMPANY", fields["companyId"])]
