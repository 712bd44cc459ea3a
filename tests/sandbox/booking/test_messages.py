"""The messages to customers that a portal would send."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import requests

from sandbox import Sandbox
from sandbox.portal.portal import Portal
from tests.sandbox.booking.steps import BACK, book, promote
from tests.sandbox.steps import Caller, contact

SET = "booking.v1.booking.client.set"
DAY, HOUR = 86_400, 3600


@pytest.fixture
def noon(sandbox: Sandbox, portal: Portal) -> int:
    """Noon of a day, which it is now; no bookings but the test's own."""
    portal.state.bookings.clear()
    now = sandbox.clock.now()
    day = datetime.fromtimestamp(now + DAY, UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    sandbox.advance(day.timestamp() - now)
    return int(day.timestamp())


def book_client(call: Caller, start: int, client: int = 1, seconds: int = HOUR) -> int:
    number = book(call, start=start, seconds=seconds)
    assert call(SET, bookingId=number, clients=[contact(client)])[0] == 200
    return number


def kinds(portal: Portal, number: int) -> list[str]:
    return [message.kind for message in portal.messages if message.booking_id == number]


def test_customers_get_information_confirmation_reminder_and_a_word_when_late(
    call: Caller, sandbox: Sandbox, portal: Portal, noon: int
) -> None:
    number = book_client(call, noon + 3 * DAY)
    assert kinds(portal, number) == []
    sandbox.advance(61)
    assert kinds(portal, number) == ["info"]
    sandbox.advance(4 * DAY)
    told = [message for message in portal.messages if message.booking_id == number]
    assert [message.kind for message in told] == ["info", "confirmation", "reminder", "delayed"]
    # A day before, in the morning of the day, and five minutes after the begin.
    times = [round(message.time - noon) for message in told]
    assert times[1:] == [2 * DAY, 3 * DAY - 4 * HOUR, 3 * DAY + 300]
    assert {(message.client, message.phone) for message in told} == {
        ("CONTACT 1", portal.state.contacts[1].fm[0].value)
    }
    sandbox.advance(DAY)
    assert len(kinds(portal, number)) == 4


def test_a_promoted_record_tells_its_customers_unless_it_comes_back_in_time(
    call: Caller, sandbox: Sandbox, portal: Portal, noon: int
) -> None:
    call("booking.v1.waitlist.client.set", waitListId=1, clients=[contact(1)])
    call("booking.v1.waitlist.client.set", waitListId=2, clients=[contact(2)])
    first = promote(call, 1, start=noon + 2 * DAY)["result"]
    second = promote(call, 2, 2, start=noon + 2 * DAY)["result"]
    call(BACK, bookingId=second)
    sandbox.advance(DAY)
    assert kinds(portal, first)[0] == "info"
    assert kinds(portal, second) == []


def test_the_settings_of_the_resource_decide(
    call: Caller, sandbox: Sandbox, portal: Portal, noon: int
) -> None:
    settings = {
        "typeId": 1,
        "isInfoNotificationOn": "N",
        "confirmationNotificationDelay": 6 * HOUR,
        "confirmationNotificationRepetitions": 2,
        "confirmationNotificationRepetitionsInterval": HOUR,
        "reminderNotificationDelay": 2 * HOUR,
        "isDelayedNotificationOn": "N",
    }
    call("booking.v1.resource.update", id=1, fields=settings)
    number = book_client(call, noon + DAY)
    sandbox.advance(2 * DAY)
    told = [message for message in portal.messages if message.booking_id == number]
    assert [message.kind for message in told] == [*["confirmation"] * 3, "reminder"]
    hours = [(message.time - noon - DAY) / HOUR for message in told]
    assert [round(hour, 1) for hour in hours] == [-6, -5, -4, -2]


def test_nothing_is_sent_without_clients_and_a_missing_phone_is_told(
    call: Caller, sandbox: Sandbox, portal: Portal, noon: int
) -> None:
    empty = book(call, start=noon + DAY)
    silent = book_client(call, noon + DAY, client=9)
    assert not portal.state.contacts[9].fm or portal.state.contacts[9].fm[0].type_id != "PHONE"
    sandbox.advance(HOUR)
    assert (kinds(portal, empty), kinds(portal, silent)) == ([], ["info"])
    page = requests.get(f"{portal.url}/sandbox/messages/", timeout=30).text
    row = page.partition(f'data-booking="{silent}"')[2].partition("</tr>")[0]
    assert "the customer has no phone number" in row


def test_a_short_notice_booking_is_confirmed_and_not_reminded_at_once(
    call: Caller, sandbox: Sandbox, portal: Portal, noon: int
) -> None:
    number = book_client(call, noon + 1800)
    assert portal.state.bookings[number].confirmed
    sandbox.advance(1200)
    assert kinds(portal, number) == ["info"]


@pytest.mark.parametrize("value", [10**12, -(10**12)])
def test_odd_settings_and_periods_break_nothing(
    call: Caller, sandbox: Sandbox, portal: Portal, noon: int, value: int
) -> None:
    names = [name for name in portal.state.resources[1].notices if "Delay" in name]
    names += ["confirmationNotificationRepetitions", "confirmationNotificationRepetitionsInterval"]
    call("booking.v1.resource.update", id=1, fields=dict.fromkeys(names, value))
    for start, seconds in ((noon + DAY, HOUR), (2**40, 60), (-(2**40), 2**42)):
        book_client(call, start, seconds=seconds)
        call("booking.v1.booking.delete", id=portal.state.last_id["booking"])
    book_client(call, -(2**50), seconds=2**52)
    sandbox.advance(30 * DAY)
    assert requests.get(f"{portal.webhook_url}profile", timeout=30).status_code == 200


def test_the_control_api_lists_the_messages(
    call: Caller, sandbox: Sandbox, portal: Portal, noon: int
) -> None:
    number = book_client(call, noon + 3 * DAY)
    sandbox.advance(120)
    rows = requests.get(f"{portal.url}/_sandbox/messages", timeout=30).json()
    shown = {(row["booking_id"], row["kind"], row["client"]) for row in rows}
    assert (number, "info", "CONTACT 1") in shown
