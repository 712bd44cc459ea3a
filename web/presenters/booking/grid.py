"""The grids of free times: a cell for each hour of a day and each resource."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from itertools import groupby

from waitlist.booking.free_times import Day, Place
from waitlist.sources.bookings import Appointment, Span
from web.http.i18n import isolated, ngettext
from web.presenters.booking.moments import clock_text, day_text, span_text, weekday_of


@dataclass(frozen=True, slots=True)
class SlotView:
    """A time of a resource. `value` is what is sent: the resource, the begin and the end.

    It `fits` if the note has wishes and the time contradicts none of them.
    """

    text: str
    name: str
    span: str
    value: str
    free: bool
    chosen: bool
    fits: bool


@dataclass(frozen=True, slots=True)
class HourView:
    """The times of one hour: a cell for each resource of the day."""

    text: str
    cells: tuple[tuple[SlotView, ...], ...]


@dataclass(frozen=True, slots=True)
class DayView:
    """A day of the strip, and its grid of times. `fitting` says how many fit the note, or ""."""

    key: str
    weekday: str
    number: int
    title: str
    free: str
    fitting: str
    chosen: bool
    resources: tuple[str, ...]
    hours: tuple[HourView, ...]


@dataclass(frozen=True, slots=True)
class Marks:
    """Which times are marked: those that fit the note, and the chosen one."""

    fitting: frozenset[Place]
    chosen: Appointment | None


def day_view(
    day: Day, names: dict[int, str], zone: tzinfo, opened: date | None, marks: Marks
) -> DayView:
    here = sorted({place.resource_id for place in day.places}, key=list(names).index)
    hours = groupby(day.places, key=lambda place: _hour(place, zone))
    return DayView(
        key=day.date.isoformat(),
        weekday=weekday_of(day.date),
        number=day.date.day,
        title=day_text(day.date),
        free=ngettext("%(count)s free", "%(count)s free", day.free) % {"count": day.free},
        fitting=_fitting_text(sum(place in marks.fitting for place in day.places)),
        chosen=day.date == opened,
        resources=tuple(names[one] for one in here),
        hours=tuple(
            HourView(
                clock_text(hour, zone),
                tuple(
                    tuple(_slot(place, names, zone, marks) for place in found[resource_id])
                    for resource_id in here
                ),
            )
            for hour, places in hours
            if (found := _by_resource(places, here))
        ),
    )


def _fitting_text(count: int) -> str:
    if not count:
        return ""
    return ngettext("%(count)s fits the note", "%(count)s fit the note", count) % {"count": count}


def _hour(place: Place, zone: tzinfo) -> int:
    """Return when the hour of a place begins by the clock on the wall."""
    return place.span.start - datetime.fromtimestamp(place.span.start, zone).minute * 60


def _by_resource(places: Iterable[Place], resource_ids: list[int]) -> dict[int, list[Place]]:
    found: dict[int, list[Place]] = {one: [] for one in resource_ids}
    for place in places:
        found[place.resource_id].append(place)
    return found


def _slot(place: Place, names: dict[int, str], zone: tzinfo, marks: Marks) -> SlotView:
    text, chosen = clock_text(place.span.start, zone), marks.chosen
    picked = chosen is not None and (
        place.span == chosen.span and place.resource_id in chosen.resource_ids
    )
    return SlotView(
        text=text,
        name=f"{text} {isolated(names[place.resource_id])}",
        span=span_text(place.span, zone),
        value=slot_value(place.resource_id, place.span),
        free=place.free,
        chosen=picked and place.free,
        fits=place in marks.fitting,
    )


def slot_value(resource_id: int, span: Span) -> str:
    return f"{resource_id} {span.start} {span.end}"
