"""Free times to choose from, and what became of the choice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import groupby

from waitlist.booking.free_times import Day, Place
from waitlist.booking.offer import Offer
from waitlist.sources.bookings import Span, Wish
from web.http.i18n import gettext as _
from web.http.i18n import ngettext
from web.presenters.booking.moments import (
    clock_text,
    day_text,
    span_text,
    weekday_of,
    zone_name,
    zone_text,
)
from web.presenters.booking.words import (
    deal_words,
    goes_along,
    messages_words,
    resource_name,
)
from web.presenters.customer_row import in_order, names_of
from web.presenters.editor import record_subtitle, title_of

MOST_DAYS = 7
"""Days with working hours that are shown together."""
HOUR = 3600


@dataclass(frozen=True, slots=True)
class SlotView:
    """A time of a resource. `value` is what is sent: the resource, the begin and the end."""

    text: str
    name: str
    span: str
    value: str
    free: bool
    chosen: bool


@dataclass(frozen=True, slots=True)
class HourView:
    """The times of one hour: a cell for each resource of the day."""

    text: str
    cells: tuple[tuple[SlotView, ...], ...]


@dataclass(frozen=True, slots=True)
class DayView:
    """A day of the strip, and its grid of times."""

    key: str
    weekday: str
    number: int
    title: str
    free: str
    chosen: bool
    resources: tuple[str, ...]
    hours: tuple[HourView, ...]


@dataclass(frozen=True, slots=True)
class OfferView:
    """The free times for a record.

    `resources` are names by ID, and `messages` tell what the customers of each are sent. `earlier`
    and `later` are the days to begin with on the pages before and after, "" without one.
    """

    record_id: int
    title: str
    subtitle: str
    keys: tuple[str, ...]
    note: str
    days: tuple[DayView, ...]
    zone: str
    zone_name: str
    goes_along: str
    deal: str
    resources: dict[int, str]
    messages: dict[int, str]
    first: str
    earlier: str
    later: str
    chosen: str


def offer_view(offer: Offer, chosen: Wish | None = None) -> OfferView:
    """Return the free times, with the `chosen` one if it is still free."""
    now = int(datetime.now(UTC).timestamp())
    names = {row.id: resource_name(row) for row in offer.resources}
    days = offer.days[:MOST_DAYS]
    last = days[-1].date if days else offer.first + timedelta(days=13)
    opened = _opened(days, chosen, offer.zone)
    record = offer.record
    return OfferView(
        record_id=record.id,
        title=_("Booking for %(names)s")
        % {"names": title_of(record, names_of(in_order(record.customers), offer.customers))},
        subtitle=record_subtitle(record),
        keys=tuple(ref.key for ref in record.customers),
        note=record.note,
        days=tuple(_day(day, names, offer.zone, opened, chosen) for day in days),
        zone=zone_text(offer.zone, now),
        zone_name=zone_name(offer.zone, now),
        goes_along=goes_along(len(record.customers)),
        deal=deal_words(offer.keeps_deal),
        resources=names,
        messages={row.id: messages_words(row) for row in offer.resources},
        first=offer.first.isoformat(),
        earlier=_earlier(offer),
        later=(last + timedelta(days=1)).isoformat(),
        chosen=_value(chosen.resource_ids[0], chosen.span) if chosen else "",
    )


def _opened(days: Iterable[Day], chosen: Wish | None, zone: tzinfo) -> date | None:
    """Return the day to begin with: that of the chosen time, else the first with a free one."""
    if chosen:
        return datetime.fromtimestamp(chosen.span.start, zone).date()
    days = tuple(days)
    free = next((day.date for day in days if day.free), None)
    return free or (days[0].date if days else None)


def _day(
    day: Day, names: dict[int, str], zone: tzinfo, opened: date | None, chosen: Wish | None
) -> DayView:
    here = sorted({place.resource_id for place in day.places}, key=list(names).index)
    hours = groupby(day.places, key=lambda place: _hour(place, zone))
    return DayView(
        key=day.date.isoformat(),
        weekday=weekday_of(day.date),
        number=day.date.day,
        title=day_text(day.date),
        free=ngettext("%(count)s free", "%(count)s free", day.free) % {"count": day.free},
        chosen=day.date == opened,
        resources=tuple(names[one] for one in here),
        hours=tuple(
            HourView(
                clock_text(hour, zone),
                tuple(
                    tuple(_slot(place, names, zone, chosen) for place in found[resource_id])
                    for resource_id in here
                ),
            )
            for hour, places in hours
            if (found := _by_resource(places, here))
        ),
    )


def _hour(place: Place, zone: tzinfo) -> int:
    """Return when the hour of a place begins by the clock on the wall."""
    return place.span.start - datetime.fromtimestamp(place.span.start, zone).minute * 60


def _by_resource(places: Iterable[Place], resource_ids: list[int]) -> dict[int, list[Place]]:
    found: dict[int, list[Place]] = {one: [] for one in resource_ids}
    for place in places:
        found[place.resource_id].append(place)
    return found


def _slot(place: Place, names: dict[int, str], zone: tzinfo, chosen: Wish | None) -> SlotView:
    text = clock_text(place.span.start, zone)
    picked = chosen is not None and (
        place.span == chosen.span and place.resource_id in chosen.resource_ids
    )
    return SlotView(
        text=text,
        name=f"{text} {names[place.resource_id]}",
        span=span_text(place.span, zone),
        value=_value(place.resource_id, place.span),
        free=place.free,
        chosen=picked and place.free,
    )


def _value(resource_id: int, span: Span) -> str:
    return f"{resource_id} {span.start} {span.end}"


def _earlier(offer: Offer) -> str:
    if offer.first <= offer.today:
        return ""
    return max(offer.today, offer.first - timedelta(days=MOST_DAYS)).isoformat()
