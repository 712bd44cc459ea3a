"""booking.v1.booking.*: add, read, change and delete; promote.py turns records into bookings."""

from typing import Any

from msgspec import structs

from sandbox.core import php
from sandbox.core.booking.stored_clients import copy_rows, fill_from_deal
from sandbox.core.errors import RestError
from sandbox.core.model import Booking, ExternalRow, Record
from sandbox.rest.booking import fields, overlap
from sandbox.rest.booking.common import announce, read_id, require_tool
from sandbox.rest.booking.deals import create_deal
from sandbox.rest.booking.owners import OwnerMethods, register_methods
from sandbox.rest.call import Call, field_value, method

_DAY = 86_400


def serialize(booking: Booking) -> dict[str, Any]:
    return {
        "datePeriod": booking.date_period,
        "description": booking.description or None,
        "id": booking.id,
        "name": booking.name or None,
        "resourceIds": booking.resource_ids or None,
    }


def find_booking(
    call: Call, number: int, code: str = "1021", text: str = "Booking not found"
) -> Booking:
    found = call.portal.state.bookings.get(number)
    if found is None or found.deleted:
        raise RestError(code, text)
    return found


def _check_write(call: Call, booking: Booking, wanted: Booking | None = None) -> None:
    """Check the features and resources of a booking, as each change of it does."""
    wanted = wanted or booking
    overlap.require_booking_features(call, wanted.resource_ids)
    _check_deleted_resources(call, booking, wanted)
    if wanted.resource_ids:
        overlap.check_overlaps(call, wanted, "1019")


def _check_deleted_resources(call: Call, booking: Booking, wanted: Booking) -> None:
    """Refuse unknown resources, added deleted ones, and times after a deletion."""
    overlap.check_resources(call, wanted.resource_ids, "1019", deleted=True)
    known = call.portal.state.resources
    for number in wanted.resource_ids:
        if number not in booking.resource_ids and known[number].deleted_at is not None:
            raise RestError("1019", f"Resource {number} not found")
    gone = [at for n in booking.resource_ids if (at := known[n].deleted_at) is not None]
    if gone and wanted.end >= min(gone):
        text = "There is a deleted resource at the time of booking completed"
        raise RestError("1019", text)


register_methods(
    OwnerMethods[Booking](
        prefix="booking.v1.booking",
        id_parameter="bookingId",
        clients_key="bookingClient",
        duplicate_code="1019",
        find=find_booking,
        check_write=_check_write,
        announce=lambda call, booking, _: announce(call, "ONBOOKINGUPDATE", booking.id),
        gives_to_deal=True,
    )
)


def parse_booking(call: Call, given: Any) -> Booking:
    """Read and check `fields` of a new booking, which gets no id yet."""
    fields.check_fields(given, "resourceIds", "datePeriod")
    require_tool(call)
    numbers, period = fields.parse_resource_ids(given) or [], fields.parse_period(given) or {}
    overlap.require_booking_features(call, numbers)
    now = call.portal.hub.clock.iso()
    numbers = list(dict.fromkeys(numbers))
    return Booking(0, numbers, period, created_by=call.user.id, created=now)


def store_booking(
    call: Call, booking: Booking, code: str, record: Record | None = None
) -> list[Booking]:
    """Store a booking, with a deal, and return those that it overlaps.

    The clients and links of `record` are copied. Raises RestError `code` when a resource is
    missing or taken; nothing is stored then.
    """
    overlap.check_resources(call, booking.resource_ids, code)
    if not booking.resource_ids:
        raise RestError(code, "Empty resource collection")
    overlapped = overlap.check_overlaps(call, booking, code)
    state = call.portal.state
    booking.id = state.next_id("booking")
    notices = state.resources[booking.resource_ids[0]].notices
    confirms = bool(notices["isConfirmationNotificationOn"])
    period = int(notices["confirmationNotificationDelay"]) if confirms else _DAY
    booking.confirmed = call.portal.hub.clock.now() > booking.start - period
    if record:
        booking.note = record.note
        copy_rows(state, record, booking)
    state.bookings[booking.id] = booking
    create_deal(call, booking)
    return overlapped


@method("booking.v1.booking.add")
def add(call: Call) -> int:
    given = call.array("fields")
    booking = parse_booking(call, given)
    _apply_texts(booking, given)
    overlapped = store_booking(call, booking, "1018")
    announce(call, "ONBOOKINGADD", booking.id)
    for other in overlapped:
        announce(call, "ONBOOKINGUPDATE", other.id)
    _add_calendar_event(call, booking)
    return booking.id


def _add_calendar_event(call: Call, booking: Booking) -> None:
    """Link an event of the calendar, if tariff and resource have calendars."""
    state = call.portal.state
    linked = any(state.resources[number].calendar for number in booking.resource_ids)
    if linked and "booking_calendar" not in call.missing_features:
        number = state.next_id("calendar_event")
        booking.external.append(ExternalRow("calendar", "EVENT", str(number)))


def _apply_texts(booking: Booking, given: Any) -> None:
    for name in ("name", "description"):
        value = field_value(given, name)
        if value is not None:
            setattr(booking, name, php.to_text(value) or None)


@method("booking.v1.booking.get")
def get(call: Call) -> dict[str, Any]:
    return {"booking": serialize(find_booking(call, read_id(call)))}


@method("booking.v1.booking.update")
def update(call: Call) -> bool:
    """Change the given fields; the others stay as they are."""
    number, given = call.integer("id"), call.array("fields")
    fields.check_fields(given)
    require_tool(call)
    numbers, period = fields.parse_resource_ids(given), fields.parse_period(given)
    booking = find_booking(call, number, "1019")
    wanted = structs.replace(
        booking,
        resource_ids=booking.resource_ids if numbers is None else list(dict.fromkeys(numbers)),
        date_period=period or booking.date_period,
    )
    _check_write(call, booking, wanted)
    booking.resource_ids, booking.date_period = wanted.resource_ids, wanted.date_period
    _apply_texts(booking, given)
    if not booking.clients:
        fill_from_deal(call.portal.state, booking)
    announce(call, "ONBOOKINGUPDATE", booking.id)
    return True


@method("booking.v1.booking.delete")
def delete(call: Call) -> bool:
    booking = find_booking(call, read_id(call), "1020", "booking not found")
    booking.deleted = True
    announce(call, "ONBOOKINGDELETE", booking.id)
    return True
