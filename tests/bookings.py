"""Bookings that somebody has made outside the app."""

from __future__ import annotations

from sandbox.core.model import Booking, ClientRow
from sandbox.portal.portal import Portal


def add_booking(
    portal: Portal, start: int, *customers: str, zone: str = "Europe/Madrid"
) -> Booking:
    """Add an hour's booking of Room 1 for customers like `CONTACT:5`."""
    state = portal.state
    number = state.next_id("booking")
    period = {
        "from": {"timestamp": start, "timezone": zone},
        "to": {"timestamp": start + 3600, "timezone": zone},
    }
    made = Booking(number, [1], period, created_by=1, created=portal.hub.clock.iso())
    for kind, _, id in (customer.partition(":") for customer in customers):
        made.clients.append(ClientRow(state.next_id("row"), "crm", kind, int(id)))
    state.bookings[number] = made
    return made
