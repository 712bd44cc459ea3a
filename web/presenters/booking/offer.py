"""Free times to choose from, and what became of the choice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from waitlist.booking.free_times import Day, Place
from waitlist.booking.offer import Offer
from waitlist.models import keys_of
from waitlist.sources.bookings import Appointment
from web.http.i18n import gettext as _
from web.http.i18n import isolated
from web.presenters.booking.grid import DayView, Marks, day_view, slot_value
from web.presenters.booking.moments import when_text, zone_name, zone_text
from web.presenters.booking.wishes import wish_chips
from web.presenters.booking.words import deal_words, goes_along, messages_words, resource_name
from web.presenters.customer_row import in_order, names_of
from web.presenters.editor import is_aged, record_subtitle, title_of

MOST_DAYS = 7
"""Days with working hours that are shown together."""


@dataclass(frozen=True, slots=True)
class FirstFit:
    """The first free time that fits the note. `day` is where it is shown, or is to be shown."""

    text: str
    value: str
    day: str
    is_shown: bool


@dataclass(frozen=True, slots=True)
class OfferView:
    """The free times for a record.

    `wishes` are what the note wishes, and `first_fit` is None if no free time fits them.
    `resources` are names by ID, and `messages` tell what the customers of each are sent. `earlier`
    and `later` are the days to begin with on the pages before and after, "" without one.
    """

    record_id: int
    title: str
    subtitle: str
    aged: bool
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
    wishes: tuple[str, ...]
    first_fit: FirstFit | None


def offer_view(offer: Offer, chosen: Appointment | None = None) -> OfferView:
    """Return the free times, with the `chosen` one if it is still free."""
    now = int(datetime.now(UTC).timestamp())
    names = {row.id: resource_name(row) for row in offer.resources}
    days = offer.days[:MOST_DAYS]
    last = days[-1].date if days else offer.first + timedelta(days=13)
    fitting = offer.fitting()
    first_fit = _first_fit(fitting, days, names, offer.zone)
    opened = _opened(days, chosen, first_fit, offer.zone)
    marks = Marks(frozenset(fitting), chosen)
    record = offer.record
    return OfferView(
        record_id=record.id,
        title=_title(offer),
        subtitle=record_subtitle(record),
        aged=is_aged(record),
        keys=keys_of(record.customers),
        note=record.note,
        days=tuple(day_view(day, names, offer.zone, opened, marks) for day in days),
        zone=zone_text(offer.zone, now),
        zone_name=zone_name(offer.zone, now),
        goes_along=goes_along(len(record.customers)),
        deal=deal_words(offer.keeps_deal),
        resources={number: isolated(name) for number, name in names.items()},
        messages={row.id: messages_words(row) for row in offer.resources},
        first=offer.first.isoformat(),
        earlier=_earlier(offer),
        later=(last + timedelta(days=1)).isoformat(),
        chosen=slot_value(chosen.resource_ids[0], chosen.span) if chosen else "",
        wishes=wish_chips(offer.wishes, names),
        first_fit=first_fit,
    )


def _title(offer: Offer) -> str:
    record = offer.record
    if not record.customers:
        return _("Booking for record #%(id)s") % {"id": record.id}
    names = names_of(in_order(record.customers), offer.customers)
    return _("Booking for %(names)s") % {"names": title_of(record, names)}


def _first_fit(
    fitting: Sequence[Place], days: Sequence[Day], names: dict[int, str], zone: tzinfo
) -> FirstFit | None:
    if not fitting:
        return None
    place = fitting[0]
    day = datetime.fromtimestamp(place.span.start, zone).date()
    return FirstFit(
        text=f"{when_text(place.span.start, zone)} · {isolated(names[place.resource_id])}",
        value=slot_value(place.resource_id, place.span),
        day=day.isoformat(),
        is_shown=any(day == one.date for one in days),
    )


def _opened(
    days: Sequence[Day], chosen: Appointment | None, first_fit: FirstFit | None, zone: tzinfo
) -> date | None:
    """Return the day to begin with: that of the chosen time or of the first that fits.

    Without them it is the first day with a free time.
    """
    if chosen:
        return datetime.fromtimestamp(chosen.span.start, zone).date()
    if first_fit and first_fit.is_shown:
        return date.fromisoformat(first_fit.day)
    free = next((day.date for day in days if day.free), None)
    return free or (days[0].date if days else None)


def _earlier(offer: Offer) -> str:
    if offer.first <= offer.today:
        return ""
    return max(offer.today, offer.first - timedelta(days=MOST_DAYS)).isoformat()
