"""The seeded week: resources with working hours, and bookings from today on."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest

from sandbox import Sandbox
from sandbox.core.booking.zones import zone_or_utc
from sandbox.core.model import PortalState
from sandbox.portal.portal import Portal
from sandbox.seed import Sizes, build_portal


def test_ten_resources_have_200_bookings_in_their_working_hours(portal: Portal) -> None:
    state = portal.state
    assert (len(state.resources), len(state.bookings)) == (10, 200)
    for booking in state.bookings.values():
        (number,) = booking.resource_ids
        resource = state.resources[number]
        begin = datetime.fromtimestamp(booking.start, zone_or_utc(resource.slots[0].timezone))
        minute = begin.hour * 60 + begin.minute
        assert any(
            begin.strftime("%a") in slot.week_days
            and slot.start <= minute
            and minute + slot.size <= slot.end
            for slot in resource.slots
        )
    counts = [
        sum(number in b.resource_ids for b in state.bookings.values()) for number in range(1, 11)
    ]
    assert counts == [20] * 10


def test_the_bookings_are_in_the_seven_days_from_today_on(portal: Portal, sandbox: Sandbox) -> None:
    today = datetime.fromtimestamp(sandbox.clock.now(), portal.zone).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    starts = [booking.start for booking in portal.state.bookings.values()]
    # The test may run at midnight.
    assert min(starts) >= (today - timedelta(days=1)).timestamp()
    assert max(starts) < (today + timedelta(days=7)).timestamp()


def test_some_hours_are_booked_twice_and_none_three_times(portal: Portal) -> None:
    bookings = portal.state.bookings.values()
    places = Counter((booking.resource_ids[0], booking.start) for booking in bookings)
    assert sorted(places.values())[-5:] == [1, 2, 2, 2, 2]


@pytest.mark.parametrize("day", range(7))
def test_each_day_of_the_week_has_room_for_all_bookings(day: int) -> None:
    now = datetime(2026, 3, 2 + day, 23, 30).astimezone().timestamp()
    state = _build(now, bookings=200)
    assert len(state.bookings) == 200


@pytest.mark.parametrize("bookings", [0, 1, 7, 40, 199])
def test_any_number_of_bookings_can_be_seeded(bookings: int) -> None:
    assert len(_build(1_800_000_000, bookings).bookings) == bookings


def test_bookings_do_not_change_customers_records_and_deals() -> None:
    with_week, without = _build(1_800_000_000, 200), _build(1_800_000_000, 0)
    for name in ("contacts", "companies", "deals", "records", "users", "activities"):
        assert getattr(with_week, name) == getattr(without, name)


def test_the_second_portal_has_fewer_bookings(sandbox: Sandbox) -> None:
    assert len(sandbox.portals[1].state.bookings) == 20


def _build(now: float, bookings: int) -> PortalState:
    return build_portal(1, Sizes(400, 40, 30, 137, bookings), now)
