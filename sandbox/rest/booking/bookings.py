"""booking.v1.booking.*, resource.list, and turning records into bookings or back."""

from __future__ import annotations

from typing import Any

from sandbox.core import php
from sandbox.core.errors import RestError
from sandbox.core.model import Booking
from sandbox.portal import events
from sandbox.rest.booking import fields
from sandbox.rest.booking.common import (
    announce_change,
    find_record,
    page_reply,
    parse_created_within,
    require_feature,
    require_tool,
)
from sandbox.rest.booking.owners import OwnerMethods, register_methods
from sandbox.rest.booking.waitlist import add_record
from sandbox.rest.call import Call, Page, field_value, method


def _serialize(booking: Booking) -> dict[str, Any]:
    return {
        "datePeriod": booking.date_period,
        "description": booking.description or None,
        "id": booking.id,
        "name": booking.name or None,
        "resourceIds": booking.resource_ids,
    }


def _find_booking(call: Call, number: int, code: str = "1021") -> Booking:
    found = call.portal.state.bookings.get(number)
    if found is None or found.deleted:
        raise RestError(code, "Booking not found")
    return found


def _build_booking(call: Call, given: Any) -> Booking:
    fields.check_fields(given, "resourceIds", "datePeriod")
    require_tool(call)
    numbers, period = fields.parse_resource_ids(given) or [], fields.parse_period(given) or {}
    require_feature(call, "booking")
    resources = fields.keep_known_resources(call, numbers)
    number, now = call.portal.state.next_id("booking"), call.portal.hub.clock.iso()
    return Booking(number, resources, period, created_by=call.user.id, created=now)


def _apply_texts(booking: Booking, given: Any) -> None:
    for name in ("name", "description"):
        value = field_value(given, name)
        if value is not None:
            setattr(booking, name, php.to_text(value) or None)


def _fire(call: Call, booking: Booking, what: str) -> None:
    data = {"ID": booking.id}
    events.fire(call.portal, f"ONBOOKING{what}", data, call.user.id, hops=call.auth.hops)
    call.portal.hub.mark_changed()


register_methods(
    OwnerMethods[Booking](
        prefix="booking.v1.booking",
        id_parameter="bookingId",
        clients_key="bookingClient",
        duplicate_code="1019",
        find=_find_booking,
        announce=lambda call, booking, _: _fire(call, booking, "UPDATE"),
    )
)


@method("booking.v1.booking.add")
def add(call: Call) -> int:
    given = call.array("fields")
    booking = _build_booking(call, given)
    _apply_texts(booking, given)
    call.portal.state.bookings[booking.id] = booking
    _fire(call, booking, "ADD")
    return booking.id


@method("booking.v1.booking.get")
def get(call: Call) -> dict[str, Any]:
    number = call.integer("id")
    require_tool(call)
    return {"booking": _serialize(_find_booking(call, number))}


@method("booking.v1.booking.list")
def list_(call: Call) -> Page:
    filters = call.optional_array("filter")
    parse_created_within(call, filters)
    require_tool(call)
    wanted = field_value(filters, "resourceId")
    ids = {php.to_int(n) for n in php.values(wanted)} if php.is_array(wanted) else set()
    rows = [
        _serialize(booking)
        for booking in call.portal.state.bookings.values()
        if not booking.deleted and (not ids or ids & set(booking.resource_ids))
    ]
    return page_reply(call, "booking", rows)


@method("booking.v1.booking.update")
def update(call: Call) -> bool:
    """Change the given fields; the others stay as they are."""
    number, given = call.integer("id"), call.array("fields")
    fields.check_fields(given)
    require_tool(call)
    numbers, period = fields.parse_resource_ids(given), fields.parse_period(given)
    booking = _find_booking(call, number, "1019")
    require_feature(call, "booking")
    if numbers is not None:
        booking.resource_ids = fields.keep_known_resources(call, numbers)
    booking.date_period = period or booking.date_period
    _apply_texts(booking, given)
    _fire(call, booking, "UPDATE")
    return True


@method("booking.v1.booking.delete")
def delete(call: Call) -> bool:
    number = call.integer("id")
    require_tool(call)
    booking = _find_booking(call, number, "1020")
    booking.deleted = True
    _fire(call, booking, "DELETE")
    return True


@method("booking.v1.booking.createfromwaitlist")
def create_from_waitlist(call: Call) -> int:
    """Turn a record into a booking with its clients, links and note."""
    number, given = call.integer("waitListId"), call.array("fields")
    booking = _build_booking(call, given)
    try:
        record = find_record(call, number)
    except RestError as missing:
        raise RestError("1038", "wait list item not found") from missing
    booking.clients, booking.external, booking.note = record.clients, record.external, record.note
    record.clients, record.deleted = [], True
    call.portal.state.bookings[booking.id] = booking
    announce_change(call, record, "createfromwaitlist", "DELETE")
    _fire(call, booking, "ADD")
    return booking.id


@method("booking.v1.waitlist.createfrombooking")
def create_from_booking(call: Call) -> int:
    number = call.integer("bookingId")
    require_tool(call)
    booking = call.portal.state.bookings.get(number)
    if booking is None or booking.deleted:
        raise RestError("1037", "booking not found")
    require_feature(call, "booking", "booking_waitlist")
    record = add_record(call, booking.note)
    record.clients, record.external = booking.clients, booking.external
    booking.clients, booking.deleted = [], True
    announce_change(call, record, "createfrombooking", "ADD")
    _fire(call, booking, "DELETE")
    return record.id


@method("booking.v1.resource.list")
def resource_list(call: Call) -> Page:
    filters = call.optional_array("filter")
    require_tool(call)
    name, part = field_value(filters, "name"), field_value(filters, "searchQuery")
    rows = [
        {
            "description": row.description,
            "id": row.id,
            "isMain": "Y" if row.is_main else "N",
            "name": row.name,
            "typeId": row.type_id,
        }
        for row in call.portal.state.resources.values()
        if name in (None, row.name) and php.to_text(part).casefold() in row.name.casefold()
    ]
    return page_reply(call, "resource", rows)
