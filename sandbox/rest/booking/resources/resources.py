"""booking.v1.resource.*: what can be booked; working hours are in slots.py."""

from collections.abc import Callable
from typing import Any

from sandbox.core import php
from sandbox.core.booking.model import Resource
from sandbox.core.errors import RestError
from sandbox.rest.booking.common import announce, page_reply, read_id, require_feature, require_tool
from sandbox.rest.booking.resources.notices import parse_flag, parse_notices, show_notices
from sandbox.rest.call import Call, Page, field_value, method, require_keys

_NOT_FOUND = "Resource not found"
_ORDER: dict[str, Callable[[Resource], Any]] = {
    "id": lambda row: row.id,
    "name": lambda row: row.name.casefold(),
}


def find_resource(call: Call, number: int, code: str = "1009") -> Resource:
    found = call.portal.state.resources.get(number)
    if found is None or found.deleted_at is not None:
        raise RestError(code, _NOT_FOUND)
    return found


def _serialize(resource: Resource) -> dict[str, Any]:
    row = {
        "id": resource.id,
        "name": resource.name or None,
        "description": resource.description or None,
        "typeId": resource.type_id or None,
        "isMain": "Y" if resource.is_main else "N",
        **show_notices(resource.notices),
    }
    return dict(sorted(row.items()))


@method("booking.v1.resource.get")
def get(call: Call) -> dict[str, Any]:
    return {"resource": _serialize(find_resource(call, read_id(call)))}


@method("booking.v1.resource.list")
def list_(call: Call) -> Page:
    filters = call.optional_array("filter")
    require_tool(call)
    rows = [row for row in call.portal.state.resources.values() if _matches(row, filters)]
    return page_reply(call, "resource", rows, _serialize, _ORDER)


def _matches(resource: Resource, filters: Any) -> bool:
    main, type_id = parse_flag(field_value(filters, "isMain")), field_value(filters, "typeId")
    return (
        resource.deleted_at is None
        and (main is None or resource.is_main is main)
        and (type_id is None or resource.type_id == php.to_int(type_id))
        and texts_match(filters, name=resource.name, description=resource.description or "")
    )


def texts_match(filters: Any, **stored: str) -> bool:
    """Compare texts in any case; a part of the name is enough for `searchQuery`."""
    part = php.to_text(field_value(filters, "searchQuery")).casefold()
    wanted = {name: field_value(filters, name) for name in stored}
    return part in stored["name"].casefold() and all(
        value is None or php.to_text(value).casefold() == stored[name].casefold()
        for name, value in wanted.items()
    )


@method("booking.v1.resource.add")
def add(call: Call) -> int:
    given = call.array("fields")
    require_keys(given, "name")
    require_tool(call)
    notices = _check_fields(call, given)
    require_feature(call, "booking")
    state = call.portal.state
    resource = Resource(0, "", 0)
    _apply(resource, given)
    if not resource.type_id:
        raise RestError("1006", "ResourceType not found")
    resource.id = state.next_id("resource")
    resource.notices |= notices
    state.resources[resource.id] = resource
    announce(call, "ONBOOKINGRESOURCEADD", resource.id)
    return resource.id


@method("booking.v1.resource.update")
def update(call: Call) -> bool:
    """Change the given fields; what REST does not show is lost.

    A portal builds a new resource from the fields that REST shows, so that it has no slots, no
    calendar and, unless it is given, no type. Inferred from updateAction in
    booking/lib/Rest/V1/Controller/resource.php; the switch is `update_wipes_slots`.
    """
    number, given = call.integer("id"), call.array("fields")
    require_tool(call)
    notices = _check_fields(call, given)
    resource = find_resource(call, number, "1007")
    require_feature(call, "booking")
    if call.portal.hub.switches.update_wipes_slots:
        resource.slots, resource.calendar, resource.type_id = [], False, 0
    _apply(resource, given)
    resource.notices |= notices
    announce(call, "ONBOOKINGRESOURCEUPDATE", resource.id)
    return True


def _check_fields(call: Call, given: Any) -> dict[str, bool | int | str]:
    type_id = field_value(given, "typeId")
    number = php.to_int(type_id)
    if type_id is not None and number not in call.portal.state.resource_types:
        raise RestError("1013", f"Resource type with id {number} does not exist")
    return parse_notices(given)


def _apply(resource: Resource, given: Any) -> None:
    name, description = field_value(given, "name"), field_value(given, "description")
    resource.name = resource.name if name is None else php.to_text(name)
    if description is not None:
        resource.description = php.to_text(description) or None
    type_id, main = field_value(given, "typeId"), parse_flag(field_value(given, "isMain"))
    resource.type_id = resource.type_id if type_id is None else php.to_int(type_id)
    resource.is_main = resource.is_main if main is None else main


@method("booking.v1.resource.delete")
def delete(call: Call) -> bool:
    number = read_id(call)
    now = call.portal.hub.clock.now()
    if any(
        number in booking.resource_ids and booking.start >= now
        for booking in call.portal.state.bookings.values()
        if not booking.deleted
    ):
        text = "The resource can not be deleted. There are future bookings with that resource."
        raise RestError("1008", text)
    resource = find_resource(call, number, "1008")
    resource.deleted_at = now
    announce(call, "ONBOOKINGRESOURCEDELETE", resource.id)
    return True
