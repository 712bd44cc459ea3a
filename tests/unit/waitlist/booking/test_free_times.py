"""Free times: working hours by the clock on the wall, without what is booked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitrix24.zones import find_zone
from waitlist.booking.free_times import WEEK_DAYS, Day, Hours, days_of, portal_zone
from waitlist.sources.bookings import Span

BERLIN, EVERY_DAY = "Europe/Berlin", frozenset(WEEK_DAYS)
TUESDAY = date(2026, 12, 1)
HOUR = 3600


def hours(
    begin: int = 540, end: int = 780, zone: str = BERLIN, size: int = 60, days: str = ""
) -> Hours:
    return Hours(begin, end, zone, frozenset(days.split()) or EVERY_DAY, size)


def moment(text: str, zone: str = BERLIN) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=find_zone(zone)).timestamp())


def offered(
    *ranges: Hours,
    booked: Iterable[Span] = (),
    first: date = TUESDAY,
    count: int = 1,
    zone: str = BERLIN,
    now: int = 0,
) -> tuple[Day, ...]:
    own = find_zone(zone)
    assert own
    return days_of([(7, ranges, booked)], first, count, own, now)


def starts(days: Iterable[Day], zone: str = BERLIN) -> list[str]:
    """Return when the free places begin, by the clock of a zone."""
    return [
        f"{datetime.fromtimestamp(place.span.start, find_zone(zone)):%H:%M}"
        for day in days
        for place in day.places
        if place.free
    ]


def test_places_follow_each_other_in_the_slots_size() -> None:
    assert starts(offered(hours(540, 720, size=45))) == ["09:00", "09:45", "10:30", "11:15"]
    assert starts(offered(hours(540, 730, size=60))) == ["09:00", "10:00", "11:00"]


def test_a_break_is_two_ranges_of_hours() -> None:
    ranges = hours(540, 660), hours(840, 960)
    assert starts(offered(*ranges)) == ["09:00", "10:00", "14:00", "15:00"]


def test_ranges_that_overlap_offer_each_begin_once() -> None:
    assert starts(offered(hours(540, 660), hours(540, 720))) == ["09:00", "10:00", "11:00"]


def test_only_working_days_are_days() -> None:
    week = offered(hours(days="Tue Thu"), first=date(2026, 11, 30), count=7)
    assert [day.date for day in week] == [TUESDAY, date(2026, 12, 3)]
    assert [day.free for day in week] == [4, 4]


@pytest.mark.parametrize(
    ("begin", "end", "left"),
    [
        ("2026-12-01T10:00", "2026-12-01T11:00", ["09:00", "11:00", "12:00"]),
        ("2026-12-01T10:30", "2026-12-01T10:45", ["09:00", "11:00", "12:00"]),
        ("2026-12-01T09:59", "2026-12-01T11:01", ["12:00"]),
        ("2026-12-01T08:00", "2026-12-01T09:00", ["09:00", "10:00", "11:00", "12:00"]),
        ("2026-12-01T13:00", "2026-12-01T14:00", ["09:00", "10:00", "11:00", "12:00"]),
        ("2026-11-30T00:00", "2026-12-02T00:00", []),
    ],
)
def test_what_is_booked_is_taken(begin: str, end: str, left: list[str]) -> None:
    booked = [Span(moment(begin), moment(end))]
    days = offered(hours(), booked=booked)
    assert starts(days) == left
    assert len(days[0].places) == 4


def test_bookings_of_the_same_time_take_it_once() -> None:
    first = Span(moment("2026-12-01T09:00"), moment("2026-12-01T12:00"))
    inside = Span(moment("2026-12-01T09:30"), moment("2026-12-01T10:00"))
    assert starts(offered(hours(), booked=[inside, first, inside])) == ["12:00"]


def test_what_has_begun_is_not_offered() -> None:
    now = moment("2026-12-01T10:00")
    assert starts(offered(hours(), now=now)) == ["11:00", "12:00"]


def test_hours_in_another_zone_are_shown_by_the_portals_clock() -> None:
    days = offered(hours(540, 660, zone="America/New_York"))
    assert starts(days) == ["15:00", "16:00"]
    late = offered(hours(60, 180, zone="Asia/Tokyo"), first=TUESDAY, count=1)
    assert starts(late) == ["17:00", "18:00"]
    assert [day.date for day in late] == [TUESDAY]


def test_the_days_of_the_week_are_those_of_the_hours_own_zone() -> None:
    # Wednesday 8:00 in Tokyo is Tuesday night in New York.
    days = offered(hours(480, 540, zone="Asia/Tokyo", days="Wed"), count=2, zone="America/New_York")
    assert [(day.date, day.free) for day in days] == [(TUESDAY, 1)]


def test_on_the_day_that_lacks_an_hour_no_place_is_in_it() -> None:
    night = hours(0, 360)
    days = offered(night, first=date(2026, 3, 29))
    assert starts(days) == ["00:00", "01:00", "03:00", "04:00", "05:00"]


def test_on_the_day_with_an_hour_twice_both_are_offered() -> None:
    days = offered(hours(0, 300), first=date(2026, 10, 25))
    assert starts(days) == ["00:00", "01:00", "02:00", "02:00", "03:00", "04:00"]
    spans = [place.span for place in days[0].places]
    assert all(span.end - span.start == HOUR for span in spans)
    assert len(set(spans)) == 6


def test_hours_after_a_change_of_the_clocks_keep_their_wall_time() -> None:
    for day in (date(2026, 3, 28), date(2026, 3, 29), date(2026, 10, 25), date(2026, 10, 26)):
        assert starts(offered(hours(), first=day)) == ["09:00", "10:00", "11:00", "12:00"]


def test_hours_to_midnight_end_with_the_day() -> None:
    days = offered(hours(1320, 1440), count=2)
    assert [day.free for day in days] == [2, 2]
    assert starts(days) == ["22:00", "23:00"] * 2


@pytest.mark.parametrize(
    "odd",
    [hours(size=0), hours(size=-5), hours(700, 600), hours(-60, 60), hours(0, 9000), hours(size=1)],
)
def test_hours_that_make_no_sense_offer_nothing(odd: Hours) -> None:
    assert offered(odd) == ()


def test_a_zone_that_is_not_known_is_that_of_the_portal() -> None:
    assert starts(offered(hours(540, 600, zone="Atlantis/Old"))) == ["09:00"]


@pytest.mark.parametrize(
    ("name", "ahead"),
    [
        ("+03:00", 180),
        ("-5", -300),
        ("+0530", 330),
        ("UTC", 0),
        ("europe/berlin", 60),
        ("Asia/Kolkata", 330),
    ],
)
def test_zones_are_known_by_the_names_that_portals_store(name: str, ahead: int) -> None:
    zone = find_zone(name)
    assert zone
    winter = datetime(2026, 12, 1, tzinfo=UTC)
    assert zone.utcoffset(winter) == timedelta(minutes=ahead)


@pytest.mark.parametrize("name", ["", "+99", "Berlin/Europe", "../../etc/passwd", "a" * 9999, "٣"])
def test_other_names_are_no_zones(name: str) -> None:
    assert find_zone(name) is None


@pytest.mark.parametrize(
    ("zones", "told", "now", "found"),
    [
        ([BERLIN, BERLIN, "Asia/Tokyo"], 60, "2026-12-01", BERLIN),
        ([BERLIN, "Asia/Tokyo", "Asia/Tokyo"], 60, "2026-12-01", BERLIN),
        ([BERLIN], 120, "2026-07-01", BERLIN),
        (["Asia/Tokyo"], 180, "2026-12-01", None),
        ([], 180, "2026-12-01", None),
        ([BERLIN], None, "2026-12-01", BERLIN),
    ],
)
def test_the_portals_zone_is_the_commonest_that_fits_its_clock(
    zones: list[str], told: int | None, now: str, found: str | None
) -> None:
    clock: tzinfo | None = None if told is None else timezone(timedelta(minutes=told))
    when = datetime.fromisoformat(now).replace(tzinfo=UTC)
    zone = portal_zone(zones, clock, when)
    assert zone == (ZoneInfo(found) if found else clock)


SPANS = st.builds(
    lambda start, length: Span(start, start + length),
    st.integers(moment("2026-11-30T00:00"), moment("2026-12-03T00:00")),
    st.integers(60, 9 * HOUR),
)


@given(st.lists(SPANS, max_size=12), st.sampled_from([15, 20, 45, 60]))
def test_a_place_is_free_exactly_if_no_booking_overlaps_it(booked: list[Span], size: int) -> None:
    for day in offered(hours(size=size), booked=booked, count=2):
        for place in day.places:
            assert place.free is not any(map(place.span.overlaps, booked))
