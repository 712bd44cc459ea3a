"""What happens outside the app when a record is booked, in words."""

from collections.abc import Iterable
from datetime import tzinfo

from waitlist.sources.bookings import ON, ResourceRow
from web.http.i18n import gettext as _
from web.http.i18n import isolated, joined, listed, ngettext
from web.presenters.booking.moments import when_text


def resource_name(row: ResourceRow) -> str:
    """Return the name of a resource, or its number."""
    return row.name or _("Resource #%(id)s") % {"id": row.id}


def booking_text(start: int, zone: tzinfo, resources: Iterable[ResourceRow]) -> str:
    """Return when and where a booking is, such as `Tue 1 Dec 10:00 · Room 2`."""
    when, where = when_text(start, zone), listed(map(resource_name, resources))
    return f"{when} · {where}" if where else when


def returned_text(record_id: int) -> str:
    """Say that a booking is a record again."""
    return _("Back on the waiting list, with the new number %(id)s.") % {"id": record_id}


def goes_along(count: int) -> str:
    """Say what goes with a booking of a record with so many customers."""
    if not count:
        return _("The note and all links go with the booking.")
    return ngettext(
        "The customer, the note and all links go with the booking.",
        "All %(count)s customers, the note and all links go with the booking.",
        count,
    ) % {"count": count}


def deal_words(keeps_deal: bool | None) -> str:
    """Say what happens in CRM. `keeps_deal` is None if the links could not be read."""
    if keeps_deal:
        return _("It stays linked to its deal.")
    return _("Bitrix24 adds a deal to CRM, unless it is linked to one or you may not add deals.")


def messages_words(row: ResourceRow) -> str:
    """Say which messages Bitrix24 sends to the customers, as the resource is set up."""
    kinds = {
        _("about the booking"): row.is_info_notification_on,
        _("to confirm it"): row.is_confirmation_notification_on,
        _("to remind them of it"): row.is_reminder_notification_on,
        _("when they are late"): row.is_delayed_notification_on,
        _("to ask for feedback"): row.is_feedback_notification_on,
    }
    sent = joined(kind for kind, switch in kinds.items() if switch == ON)
    name = isolated(resource_name(row))
    if not sent:
        return _("%(name)s sends the customers no messages.") % {"name": name}
    return _("Bitrix24 messages the customers as %(name)s is set up: %(kinds)s.") % {
        "name": name,
        "kinds": sent,
    }
