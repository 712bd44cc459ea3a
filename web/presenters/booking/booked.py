"""A booking that was made of a record."""

from dataclasses import dataclass
from datetime import UTC, tzinfo

from bitrix24.zones import find_zone
from waitlist.booking.read import BookedRecord
from waitlist.models import CustomersByRef
from web.http.i18n import gettext as _
from web.http.i18n import joined, ngettext
from web.presenters.booking.moments import span_text
from web.presenters.booking.words import booking_text
from web.presenters.customer_row import in_order, names_of


@dataclass(frozen=True, slots=True)
class BookedView:
    """A booking that was made of a record. `warning` says who else has the same time."""

    booking_id: int
    record_id: int
    text: str
    names: tuple[str, ...]
    warning: str
    is_checked: bool


def booked_view(
    booked: BookedRecord, customers: CustomersByRef, portal_clock: tzinfo | None
) -> BookedView:
    """Return a booking. `portal_clock` is how far it is ahead now."""
    zone = find_zone(booked.appointment.zone) or portal_clock or UTC
    what = booking_text(booked.appointment.span.start, zone, booked.resources)
    return BookedView(
        booking_id=booked.booking_id,
        record_id=booked.record_id,
        text=_("Booked %(when)s") % {"when": what},
        names=names_of(in_order(booked.customers), customers),
        warning=_warning(booked, zone),
        is_checked=booked.is_checked,
    )


def _warning(booked: BookedRecord, zone: tzinfo) -> str:
    if not booked.overlaps:
        return ""
    count = len(booked.overlaps)
    times = joined(span_text(other.span, zone) for other in booked.overlaps)
    return ngettext(
        "Another booking has the same time: %(times)s.",
        "%(count)s other bookings have the same time: %(times)s.",
        count,
    ) % {"count": count, "times": times}
