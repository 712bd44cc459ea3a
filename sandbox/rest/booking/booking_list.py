"""booking.v1.booking.list: its filters and its order.

Source: booking/lib/Provider/Params/Booking/BookingFilter.php.
"""

from collections.abc import Callable
from typing import Any

from sandbox.core import errors, php
from sandbox.core.model import Booking
from sandbox.rest.booking.bookings import serialize
from sandbox.rest.booking.common import created_within, page_reply, require_object, require_tool
from sandbox.rest.call import Call, Page, field_value, method, require_keys

_Test = Callable[[Booking], bool]
_CODES = ("CONTACT", "COMPANY")
_ORDER: dict[str, Callable[[Booking], int]] = {
    "id": lambda booking: booking.id,
    "dateFrom": lambda booking: booking.start,
    "dateTo": lambda booking: booking.end,
}


@method("booking.v1.booking.list")
def list_(call: Call) -> Page:
    filters = call.optional_array("filter")
    within = require_object(filters, "within", "dateFrom", "dateTo")
    require_object(filters, "createdWithin", "from", "to")
    entities = _check_client(filters)
    require_tool(call)
    tests: list[_Test] = [_by_resource(filters), _by_time(within), _by_client(entities)]
    tests.append(created_within(call, filters))
    rows = [booking for booking in call.portal.state.bookings.values() if not booking.deleted]
    rows = [booking for booking in rows if all(test(booking) for test in tests)]
    return page_reply(call, "booking", rows, serialize, _ORDER)


def _check_client(filters: Any) -> list[Any]:
    client = require_object(filters, "client", "entities")
    entities = field_value(client, "entities")
    rows = php.values(entities) if php.is_array(entities) else []
    for row in rows:
        if not php.is_array(row):
            raise errors.required_fields("entities")
        require_keys(row, "module", "code", "id")
    return rows


def _by_resource(filters: Any) -> _Test:
    wanted = field_value(filters, "resourceId")
    ids = {php.to_int(number) for number in php.values(wanted)} if php.is_array(wanted) else set()
    return lambda booking: not ids or bool(ids & set(booking.resource_ids))


def _by_time(within: Any) -> _Test:
    """Keep what overlaps the window, whose end does not belong to it."""
    if within is None:
        return lambda _: True
    first, last = php.to_int(within["dateFrom"]), php.to_int(within["dateTo"])
    return lambda booking: booking.start < last and booking.end > first


def _by_client(entities: list[Any]) -> _Test:
    """Keep what has the first contact and the first company of the list."""
    wanted = [
        (code, {php.to_int(number) for number in ids})
        for code in _CODES
        if (ids := _first_ids(entities, code))
    ]
    return lambda booking: all(
        any(row.code == code and row.id in ids for row in booking.clients) for code, ids in wanted
    )


def _first_ids(entities: list[Any], code: str) -> list[Any]:
    named = (row["id"] for row in entities if (row["module"], row["code"]) == ("crm", code))
    first: Any = next(named, [])
    return php.values(first) if php.is_array(first) else [first]
