"""booking.v1.resourceType.*: kinds of resources, with settings that new ones take in the portal.

Source: booking/lib/Rest/V1/Controller/resourcetype.php.
"""

from collections.abc import Callable
from typing import Any

from sandbox.core import php
from sandbox.core.booking.model import ResourceType
from sandbox.core.errors import RestError
from sandbox.rest.booking.common import announce, page_reply, read_id, require_tool
from sandbox.rest.booking.resources.notices import parse_notices, show_notices
from sandbox.rest.booking.resources.resources import texts_match
from sandbox.rest.call import Call, Page, field_value, method, require_keys

_NOT_FOUND = "Resource type not found"
_ORDER: dict[str, Callable[[ResourceType], Any]] = {
    "id": lambda row: row.id,
    "name": lambda row: row.name.casefold(),
    "code": lambda row: row.code.casefold(),
}


def _serialize(row: ResourceType) -> dict[str, Any]:
    # The template of the information is the one field of a resource that a type does not show.
    notices = {name: value for name, value in row.notices.items() if name != "templateTypeInfo"}
    own = {"id": row.id, "name": row.name or None, "code": row.code or None}
    return dict(sorted({**own, **show_notices(notices)}.items()))


@method("booking.v1.resourceType.get")
def get(call: Call) -> dict[str, Any]:
    found = call.portal.state.resource_types.get(read_id(call))
    if found is None:
        raise RestError("1013", _NOT_FOUND)
    return {"resourceType": _serialize(found)}


@method("booking.v1.resourceType.list")
def list_(call: Call) -> Page:
    filters = call.optional_array("filter")
    require_tool(call)
    rows = [row for row in call.portal.state.resource_types.values() if _matches(row, filters)]
    return page_reply(call, "resourceType", rows, _serialize, _ORDER)


def _matches(row: ResourceType, filters: Any) -> bool:
    return texts_match(filters, name=row.name, code=row.code, moduleId=row.module_id)


@method("booking.v1.resourceType.add")
def add(call: Call) -> int:
    given = call.array("fields")
    require_keys(given, "name", "code")
    require_tool(call)
    notices = parse_notices(given)
    code = _parse_code(call, given, "1010")
    state = call.portal.state
    row = ResourceType(state.next_id("resource_type"), code, php.to_text(given["name"]))
    row.notices |= notices
    state.resource_types[row.id] = row
    announce(call, "ONBOOKINGRESOURCETYPEADD", row.id)
    return row.id


def _parse_code(call: Call, given: Any, error: str) -> str:
    code = php.to_text(field_value(given, "code"))
    types = call.portal.state.resource_types.values()
    if any(row.module_id == "booking" and code.casefold() == row.code.casefold() for row in types):
        raise RestError(error, f'Resource type with code "{code}" already exists')
    return code


@method("booking.v1.resourceType.update")
def update(call: Call) -> bool:
    """Change the given fields; a new code must be among them."""
    number, given = call.integer("id"), call.array("fields")
    require_tool(call)
    notices = parse_notices(given)
    if field_value(given, "code") is None:
        # A portal fails on the missing key; its text depends on the version of PHP.
        raise RestError("0", "Required fields: code")
    code = _parse_code(call, given, "1011")
    found = call.portal.state.resource_types.get(number)
    if found is None:
        raise RestError("1007", _NOT_FOUND)
    found.code = code
    if field_value(given, "name") is not None:
        found.name = php.to_text(given["name"])
    found.notices |= notices
    announce(call, "ONBOOKINGRESOURCETYPEUPDATE", number)
    return True


@method("booking.v1.resourceType.delete")
def delete(call: Call) -> bool:
    number = read_id(call)
    state = call.portal.state
    if any(row.type_id == number and row.deleted_at is None for row in state.resources.values()):
        text = "The type can not be deleted. There are resources of  type"
        raise RestError("1012", text)
    if state.resource_types.pop(number, None) is None:
        raise RestError("1012", "Resource type has not been found")
    announce(call, "ONBOOKINGRESOURCETYPEDELETE", number)
    return True
