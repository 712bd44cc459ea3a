"""booking.v1.booking.*, resource.list, and the ways between a booking and the waiting list."""

from __future__ import annotations

from typing import Any

from sandbox.core import php
from sandbox.core.errors import RestError
from sandbox.core.model import Booking, ExternalRow
from sandbox.portal import events
from sandbox.rest.booking import clients, fields
from sandbox.rest.booking.common import (
    changed,
    created_within,
    one_page,
    record,
    require_feature,
    require_tool,
    whole_list,
)
from sandbox.rest.booking.waitlist import new_record, parse_external, shown_external
from sandbox.rest.call import Call, Page, field_value, method


def _shown(booking: Booking) -> dict[str, Any]:
    return {
        "datePeriod": booking.date_period,
        "description": booking.description or None,
        "id": booking.id,
        "name": booking.name or None,
        "resourceIds": booking.resource_ids,
    }


def _booking(call: Call, number: int, code: str = "1021") -> Booking:
    found = call.portal.state.bookings.get(number)
    if found is None or found.deleted:
        raise RestError(code, "Booking not found")
    return found


def _create(call: Call, given: Any) -> Booking:
    fields.require_fields(given, "resourceIds", "datePeriod")
    require_tool(call)
    numbers, period = fields.resource_ids(given) or [], fields.period(given) or {}
    require_feature(call, "booking")
    resources = fields.known_resources(call, numbers)
    number, now = call.portal.state.next_id("booking"), call.portal.hub.clock.iso()
    return Booking(number, resources, period, created_by=call.user.id, created=now)


def _name(booking: Booking, given: Any) -> None:
    for name in ("name", "description"):
        value = field_value(given, name)
        if value is not None:
            setattr(booking, name, php.to_text(value) or None)


def _fire(call: Call, booking: Booking, what: str) -> None:
    data = {"ID": booking.id}
    events.fire(call.portal, f"ONBOOKING{what}", data, call.user.id, hops=call.auth.hops)
    call.portal.hub.changed()


@method("booking.v1.booking.add")
def add(call: Call) -> int:
    given = call.array("fields")
    booking = _create(call, given)
    _name(booking, given)
    call.portal.state.bookings[booking.id] = booking
    _fire(call, booking, "ADD")
    return booking.id


@method("booking.v1.booking.get")
def get(call: Call) -> dict[str, Any]:
    number = call.integer("id")
    require_tool(call)
    return {"booking": _shown(_booking(call, number))}


@method("booking.v1.booking.list")
def list_(call: Call) -> Page:
    filters = call.optional_array("filter")
    created_within(call, filters)
    require_tool(call)
    wanted = field_value(filters, "resourceId")
    ids = {php.to_int(n) for n in php.values(wanted)} if php.is_array(wanted) else set()
    rows = [
        _shown(booking)
        for booking in call.portal.state.bookings.values()
        if not booking.deleted and (not ids or ids & set(booking.resource_ids))
    ]
    return one_page(call, "booking", rows)


@method("booking.v1.booking.update")
def update(call: Call) -> bool:
    """What is not given stays as it is."""
    number, given = call.integer("id"), call.array("fields")
    fields.require_fields(given)
    require_tool(call)
    numbers, period = fields.resource_ids(given), fields.period(given)
    booking = _booking(call, number, "1019")
    require_feature(call, "booking")
    if numbers is not None:
        booking.resource_ids = fields.known_resources(call, numbers)
    booking.date_period = period or booking.date_period
    _name(booking, given)
    _fire(call, booking, "UPDATE")
    return True


@method("booking.v1.booking.delete")
def delete(call: Call) -> bool:
    number = call.integer("id")
    require_tool(call)
    booking = _booking(call, number, "1020")
    booking.deleted = True
    _fire(call, booking, "DELETE")
    return True


@method("booking.v1.booking.createfromwaitlist")
def create_from_waitlist(call: Call) -> int:
    """Copies clients, links and note; the record is soft-deleted and can not come back."""
    number, given = call.integer("waitListId"), call.array("fields")
    booking = _create(call, given)
    try:
        item = record(call, number)
    except RestError as missing:
        raise RestError("1038", "wait list item not found") from missing
    booking.clients, booking.external, booking.note = item.clients, item.external, item.note
    item.clients, item.deleted = [], True
    call.portal.state.bookings[booking.id] = booking
    changed(call, item, "createfromwaitlist", "DELETE")
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
    item = new_record(call, booking.note)
    item.clients, item.external = booking.clients, booking.external
    booking.clients, booking.deleted = [], True
    changed(call, item, "createfrombooking", "ADD")
    _fire(call, booking, "DELETE")
    return item.id


@method("booking.v1.booking.client.list")
def client_list(call: Call) -> Page:
    number = call.integer("bookingId")
    require_tool(call)
    return clients.listed(call, "bookingClient", _booking(call, number).clients)


@method("booking.v1.booking.client.set")
def client_set(call: Call) -> bool:
    number, given = call.integer("bookingId"), call.array("clients")
    parsed = clients.parse(given)
    require_tool(call)
    booking = _booking(call, number)
    wanted = clients.known_types(call, parsed)
    require_feature(call, "booking")
    clients.replace(call, booking, wanted, failed="1019")
    _fire(call, booking, "UPDATE")
    return True


@method("booking.v1.booking.client.unset")
def client_unset(call: Call) -> bool:
    number = call.integer("bookingId")
    require_tool(call)
    booking = _booking(call, number)
    require_feature(call, "booking")
    booking.clients = []
    _fire(call, booking, "UPDATE")
    return True


@method("booking.v1.booking.externalData.list")
def external_list(call: Call) -> Page:
    number = call.integer("bookingId")
    require_tool(call)
    return whole_list(call, "externalData", shown_external(_booking(call, number).external))


@method("booking.v1.booking.externalData.set")
def external_set(call: Call) -> bool:
    number, given = call.integer("bookingId"), call.array("externalData")
    return _replace_external(call, number, parse_external(given))


@method("booking.v1.booking.externalData.unset")
def external_unset(call: Call) -> bool:
    return _replace_external(call, call.integer("bookingId"), [])


def _replace_external(call: Call, number: int, rows: list[ExternalRow]) -> bool:
    require_tool(call)
    booking = _booking(call, number)
    require_feature(call, "booking")
    booking.external = rows
    _fire(call, booking, "UPDATE")
    return True


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
    return one_page(call, "resource", rows)
