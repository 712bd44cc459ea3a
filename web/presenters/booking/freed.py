"""Times that came free, and the records that fit one of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from waitlist.booking.fits import Fit, Fits
from waitlist.booking.freed import FreedPlace
from waitlist.booking.freed_scan import Freed
from waitlist.models import Record
from waitlist.sources.bookings import ResourceRow
from web.http.i18n import gettext as _
from web.http.i18n import isolated, ngettext
from web.presenters.booking.moments import day_text, span_text, zone_name
from web.presenters.booking.wishes import match_text
from web.presenters.booking.words import resource_name
from web.presenters.record_row import RecordRow, added_text, record_row

DAYS_IN_WEEKS = 14
"""From so many days on, a reason tells weeks."""


@dataclass(frozen=True, slots=True)
class FreedRow:
    """A time that came free, such as `Tue 1 Dec 10:00-11:00, Room 2`."""

    booking_id: int
    resource_id: int
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class FitsView:
    """The records that fit a time, and why. To book it, the time, its zone and its day are sent."""

    text: str
    resource_id: int
    start: int
    end: int
    zone_name: str
    first: str
    rows: tuple[tuple[RecordRow, str], ...]
    others: str


def freed_rows(freed: Freed) -> tuple[FreedRow, ...]:
    """Return a line for each time."""
    return tuple(
        FreedRow(
            place.booking_id,
            place.resource_id,
            _text(place, freed.names, freed.zone),
            place.span.start,
        )
        for place in freed.places
    )


def fits_view(fits: Fits) -> FitsView:
    """Return the records that fit a time, with their names."""
    span, zone = fits.place.span, fits.zone
    others = ngettext("%(count)s more record fits.", "%(count)s more records fit.", fits.others)
    return FitsView(
        text=_text(fits.place, fits.names, zone),
        resource_id=fits.place.resource_id,
        start=span.start,
        end=span.end,
        zone_name=zone_name(zone, span.start),
        first=datetime.fromtimestamp(span.start, zone).date().isoformat(),
        rows=tuple(
            (record_row(fit.record, fits.customers), _reason(fit, fits.names)) for fit in fits.fits
        ),
        others=others % {"count": fits.others} if fits.others else "",
    )


def _text(place: FreedPlace, names: Mapping[int, str], zone: tzinfo) -> str:
    day = day_text(datetime.fromtimestamp(place.span.start, zone).date())
    where = resource_name(ResourceRow(place.resource_id, names[place.resource_id]))
    return f"{day} {span_text(place.span, zone)} · {isolated(where)}"


def _reason(fit: Fit, names: Mapping[int, str]) -> str:
    """Say how long a record waits, and what its note wishes."""
    waits = _waiting(fit.record)
    if not fit.match:
        return waits
    says = _("note says %(words)s") % {"words": match_text(fit.match, names)}
    return f"{waits} · {says}" if waits else says


def _waiting(record: Record) -> str:
    """Say how long a record waits."""
    days = record.days
    if days is not None and days >= DAYS_IN_WEEKS:
        weeks = days // 7
        return ngettext("waits %(count)s week", "waits %(count)s weeks", weeks) % {"count": weeks}
    if days:
        return ngettext("waits %(count)s day", "waits %(count)s days", days) % {"count": days}
    return added_text(record.age)
