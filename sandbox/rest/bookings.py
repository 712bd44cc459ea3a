"""booking.v1.booking.*, resource.list, and the ways between a booking and the waiting list."""

from __future__ import annotations

from typing import Any

from sandbox import errors, php
from sandbox.errors import RestError
from sandbox.model import Booking
from sandbox.rest import clients
from sandbox.rest.booking_common import (
    changed,
    created_within,
    one_page,
    record,
    require_feature,
    require_tool,
)
from sandbox.rest.call import Call, Page, field_value, method
from sandbox.rest.waitlist import new_record, parse_external, shown_external


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


def _fields(given: Any) -> dict[str, Any]:
    """resourceIds and a period with both ends are required, nested names told one level deep."""
    missing = [name for name in ("resourceIds", "datePeriod") if field_value(given, name) is None]
    if missing:
        raise errors.required(*missing)
    period = given["datePeriod"]
    missing = [name for name in ("from", "to") if field_value(period, name) is None]
    if missing:
        raise errors.required(*missing)
    for end in (period["from"], period["to"]):
        missing = [name for name in ("timestamp", "timezone") if field_value(end, name) is None]
        if missing:
            raise errors.required(*missing)
    ends = {
        name: {
            "timestamp": php.to_int(period[name]["timestamp"]),
            "timezone": php.to_text(period[name]["timezone"]),
        }
        for name in ("from", "to")
    }
    ids = given["resourceIds"] if php.is_array(given["resourceIds"]) else []
    return {"resource_ids": [php.to_int(n) for n in php.values(ids)], "date_period": ends}


def _create(call: Call, given: Any) -> Booking:
    fields = _fields(given)
    require_tool(call)
    require_feature(call, "booking")
    state = call.portal.state
    if any(number not in state.resources for number in fields["resource_ids"]):
        raise RestError("1018", "Resource not found")
    now = call.portal.hub.clock.iso()
    booking = Booking(state.next_id("booking"), created_by=call.user.id, created=now, **fields)
    booking.name = php.to_text(field_value(given, "name")) or None
    booking.description = php.to_text(field_value(given, "description")) or None
    return booking


def _fire(call: Call, booking: Booking, what: str) -> None:
    data = {"ID": booking.id}
    call.portal.fire(f"ONBOOKING{what}", data, call.user.id, hops=call.auth.hops)
    call.portal.hub.changed()


@method("booking.v1.booking.add")
def add(call: Call) -> int:
    booking = _create(call, call.array("fields"))
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
    number, given = call.integer("id"), call.array("fields")
    require_tool(call)
    booking = _booking(call, number, "1019")
    require_feature(call, "booking")
    for name in ("name", "description"):
        if isinstance(given, dict) and name in given:
            setattr(booking, name, php.to_text(given[name]) or None)
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
    return clients.listed("bookingClient", _booking(call, number).clients)


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
    return Page({"externalData": shown_external(_booking(call, number).external)}, total=0)


@method("booking.v1.booking.externalData.set")
def external_set(call: Call) -> bool:
    number, given = call.integer("bookingId"), call.array("externalData")
    rows = parse_external(given)
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
