"""Steps that tests of bookings share."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape

from werkzeug.test import TestResponse

from sandbox.core.model import Booking
from sandbox.portal.portal import Portal
from tests.cast import Person
from tests.web.steps import customer_keys

PROMOTE = "booking.v1.booking.createfromwaitlist"
BACK = "booking.v1.waitlist.createfrombooking"
SLOT = re.compile(r'aria-label="([^"]+)" title="[^"]+" value="(\d+) (\d+) (\d+)"')
ZONE = re.compile(r'name="zone" value="([^"]+)"')


@dataclass(frozen=True)
class Slot:
    """A time that the page offers."""

    name: str
    resource: int
    start: int
    end: int


def offer(person: Person, number: int, **fields: str) -> str:
    answer = person.post(f"/records/{number}/booking", fields)
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


def slots_in(page: str) -> list[Slot]:
    return [
        Slot(name, int(resource), int(start), int(end))
        for name, resource, start, end in SLOT.findall(page)
    ]


def free_slot(person: Person, number: int, resource: int = 2) -> Slot:
    """Return the last free time of a resource in the days that are shown first."""
    return [slot for slot in slots_in(offer(person, number)) if slot.resource == resource][-1]


def wish(portal: Portal, number: int, slot: Slot, *others: int) -> dict[str, str | Sequence[str]]:
    """Return what the page sends for a record as it is now."""
    return {
        "seen": customer_keys(portal, number),
        "seen_note": portal.records[number].note or "",
        "resource": [str(one) for one in (slot.resource, *others)],
        "from": str(slot.start),
        "to": str(slot.end),
        "zone": "UTC",
    }


def book(person: Person, number: int, slot: Slot, *others: int) -> TestResponse:
    return person.post(f"/records/{number}/book", wish(person.portal, number, slot, *others))


def booked(portal: Portal, slot: Slot) -> list[Booking]:
    """Return the bookings of exactly this time."""
    return [
        one
        for one in portal.state.bookings.values()
        if not one.deleted and slot.resource in one.resource_ids and one.start == slot.start
    ]


def coming_booking(portal: Portal, resource: int = 2) -> Booking:
    """Return the last booking of a resource, which no other overlaps."""
    there = [
        one
        for one in portal.state.bookings.values()
        if not one.deleted and one.resource_ids == [resource] and one.start > time.time()
    ]
    alone = [
        one
        for one in there
        if not any(o is not one and o.start < one.end and one.start < o.end for o in there)
    ]
    return max(alone, key=lambda one: one.start)


def clients_of(booking: Booking) -> list[str]:
    return [f"{row.code}:{row.id}" for row in booking.clients]


def promotions(portal: Portal) -> int:
    return sum(request.methods.count(PROMOTE) for request in portal.requests)


def native_booking(portal: Portal, slot: Slot, *, shift: int = 0) -> int:
    """Take a time as somebody outside the app does."""
    state, zone = portal.state, "UTC"
    number = state.next_id("booking")
    period = {
        "from": {"timestamp": slot.start + shift, "timezone": zone},
        "to": {"timestamp": slot.end + shift, "timezone": zone},
    }
    now = portal.hub.clock.iso()
    state.bookings[number] = Booking(number, [slot.resource], period, created_by=1, created=now)
    return number
