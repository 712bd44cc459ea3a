"""Coming bookings of a customer go back to the waiting list from the tab."""

from __future__ import annotations

from html import unescape

from sandbox.core.booking.stored_clients import mark_primary
from sandbox.core.model import Booking, ClientRow
from sandbox.portal.portal import Portal
from tests.cast import Person
from tests.web.steps import methods_asked

HOUR = 3600


def add_booking(portal: Portal, contact: int, hours: int) -> int:
    """Add a booking of Room 2 that begins in so many hours."""
    state, start = portal.state, int(portal.hub.clock.now()) + hours * HOUR
    number = state.next_id("booking")
    period = {
        "from": {"timestamp": start, "timezone": "UTC"},
        "to": {"timestamp": start + HOUR, "timezone": "UTC"},
    }
    booking = Booking(number, [2], period, created_by=1, created=portal.hub.clock.iso())
    booking.clients = [ClientRow(state.next_id("row"), "crm", "CONTACT", contact)]
    mark_primary(booking.clients)
    state.bookings[number] = booking
    return number


def test_coming_bookings_are_shown_and_go_back_from_the_tab(
    raj: Person, portal: Portal, number: int
) -> None:
    portal.state.bookings.clear()
    ((_, contact),) = portal.clients(number)
    past, coming = add_booking(portal, contact, -30), add_booking(portal, contact, 30)
    page = unescape(raj.open(placement="CRM_CONTACT_DETAIL_TAB", options={"ID": contact}).text)
    assert f'id="booking-{coming}"' in page
    assert f'id="booking-{past}"' not in page
    assert "· Room 2" in page.partition(f'id="booking-{coming}-text"')[2].partition("<")[0]
    before = set(portal.records)
    sent = {"customer": f"CONTACT:{contact}", "booking": str(coming), "on": str(number)}
    answer = raj.post("/card/back", sent)
    assert answer.status_code == 200
    (back,) = set(portal.records) - before
    assert f'id="row-{back}"' in answer.text
    assert f'<span id="booking-{coming}" hidden>' in answer.text
    assert f"new number {back}." in answer.text
    assert portal.clients(back) == [("CONTACT", contact)]


def test_a_booking_that_is_gone_is_said_and_makes_no_record(
    raj: Person, portal: Portal, number: int
) -> None:
    ((_, contact),) = portal.clients(number)
    coming, before = add_booking(portal, contact, 30), set(portal.records)
    portal.state.bookings[coming].deleted = True
    sent = {"customer": f"CONTACT:{contact}", "booking": str(coming)}
    answer = raj.post("/card/back", sent)
    assert answer.status_code == 410
    assert "This booking no longer exists." in answer.text
    assert set(portal.records) == before
    assert not any("createfrombooking" in method for method in methods_asked(portal))
