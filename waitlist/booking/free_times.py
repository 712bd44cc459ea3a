"""Free times: the working hours of resources, without what is booked. Pure functions.

Working hours are wall times in a zone of their own. They are divided into places of the slot's
size, which follow each other in real time. So on a day of 23 or 25 hours, working hours during
which the clock changes have fewer or more places.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import groupby

from bitrix24.zones import find_zone
from waitlist.sources.bookings import Appointment, BookingRow, Span

WEEK_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MINUTE = 60
SMALLEST, WHOLE_DAY = 5, 24 * 60
"""The fewest and the most minutes of a place."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Working hours: minutes of the day, on some days of the week, in places of `size` minutes."""

    begin: int
    end: int
    zone: str
    days: frozenset[str]
    size: int

    @property
    def makes_sense(self) -> bool:
        return 0 <= self.begin < self.end <= WHOLE_DAY and SMALLEST <= self.size <= WHOLE_DAY


@dataclass(frozen=True, slots=True)
class Place:
    """A time of a resource that can be booked, or that is taken."""

    resource_id: int
    span: Span
    free: bool


@dataclass(frozen=True, slots=True)
class Day:
    """The places of a day, by their begin."""

    date: date
    places: tuple[Place, ...]

    @property
    def free(self) -> int:
        """Return how many places are free."""
        return sum(place.free for place in self.places)


def portal_zone(names: Iterable[str], portal_clock: tzinfo | None, now: datetime) -> tzinfo:
    """Return the time zone of the portal: the commonest of these that fits its clock.

    `portal_clock` is how far it is ahead now, as the portal's answers tell. After a change of the
    clocks, this is another difference.
    """
    named = Counter(zone for name in names if (zone := find_zone(name)))
    for zone, _ in named.most_common():
        if portal_clock is None or zone.utcoffset(now) == portal_clock.utcoffset(now):
            return zone
    return portal_clock or UTC


def days_of(
    resources: Iterable[tuple[int, Iterable[Hours], Iterable[Span]]],
    first: date,
    count: int,
    zone: tzinfo,
    now: int,
) -> tuple[Day, ...]:
    """Return the places of `count` days from `first` on, by the clock of `zone`.

    `resources` are IDs with working hours and what is booked. What has begun by `now` is left out.
    """
    window = Span(_moment(first, 0, zone), _moment(first + timedelta(days=count), 0, zone))
    places = [
        place
        for resource_id, hours, booked in resources
        for place in _places(resource_id, hours, booked, window, zone)
        if place.span.start > now
    ]
    places.sort(key=lambda place: (place.span, place.resource_id))
    days = groupby(places, lambda place: datetime.fromtimestamp(place.span.start, zone).date())
    return tuple(Day(day, tuple(found)) for day, found in days)


def with_place(
    days: Iterable[Day],
    appointment: Appointment,
    booked: Iterable[BookingRow],
    zone: tzinfo,
    now: int,
) -> tuple[Day, ...]:
    """Return the days with the time of an appointment among the places.

    It may begin at another time than they do. One that has begun by `now` is left out.
    """
    start, day = appointment.span.start, datetime.fromtimestamp(appointment.span.start, zone).date()
    by_date = {one.date: one.places for one in days}
    here = by_date.get(day, ())
    known = {place.resource_id for place in here if place.span == appointment.span}
    busy = {number for row in booked if appointment.is_taken_by(row) for number in row.resource_ids}
    added = [
        Place(one, appointment.span, one not in busy)
        for one in appointment.resource_ids
        if one not in known and start > now
    ]
    if added:
        places = sorted((*here, *added), key=lambda place: (place.span, place.resource_id))
        by_date[day] = tuple(places)
    return tuple(Day(one, by_date[one]) for one in sorted(by_date))


def _places(
    resource_id: int, hours: Iterable[Hours], booked: Iterable[Span], window: Span, zone: tzinfo
) -> Iterator[Place]:
    busy, known = _Busy(booked), set[int]()
    for one in hours:
        own = find_zone(one.zone) or zone
        for span in _spans(one, own, window) if one.makes_sense else ():
            # Two ranges of hours may overlap.
            if span.start not in known:
                known.add(span.start)
                yield Place(resource_id, span, busy.is_free(span))


def _spans(hours: Hours, zone: tzinfo, window: Span) -> Iterator[Span]:
    """Yield the places of working hours that begin within a window."""
    size = hours.size * MINUTE
    day = datetime.fromtimestamp(window.start, zone).date() - timedelta(days=1)
    while (begin := _moment(day, hours.begin, zone)) < window.end:
        end = _moment(day, hours.end, zone)
        if WEEK_DAYS[day.weekday()] in hours.days:
            for start in range(begin, end - size + 1, size):
                if window.start <= start < window.end:
                    yield Span(start, start + size)
        day += timedelta(days=1)


def _moment(day: date, minute: int, zone: tzinfo) -> int:
    """Return when it is so many minutes past midnight by the clock on the wall."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    return int(wall.replace(tzinfo=zone).timestamp())


class _Busy:
    """What is booked of a resource, joined to spans that do not touch."""

    def __init__(self, booked: Iterable[Span]) -> None:
        self._starts, self._ends = list[int](), list[int]()
        for span in sorted(booked):
            if self._ends and span.start <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], span.end)
            else:
                self._starts.append(span.start)
                self._ends.append(span.end)

    def is_free(self, span: Span) -> bool:
        place = bisect_right(self._ends, span.start)
        return place == len(self._ends) or self._starts[place] >= span.end
