"""What the booking.v1 methods share: checks, list replies, dates, events."""

import random
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, TypeVar

from sandbox.core import errors, php
from sandbox.core.errors import RestError
from sandbox.core.model import ClientOwner, Record
from sandbox.portal import events
from sandbox.rest.call import PAGE, Call, Page, field_value, require_keys

Row = TypeVar("Row")


def require_tool(call: Call) -> None:
    """Refuse the call if the Booking tool is off; call it before any lookup."""
    if not call.portal.state.booking_tool or call.take_fault("booking_disabled"):
        text = "Booking tool is disabled. Please contact your administrator."
        raise RestError("0", text)


def read_id(call: Call, name: str = "id") -> int:
    """Read an id, then refuse the call if the Booking tool is off."""
    number = call.integer(name)
    require_tool(call)
    return number


def require_feature(call: Call, *features: str) -> None:
    """Refuse a write that the tariff does not include; reads are never refused."""
    if call.missing_features & set(features):
        raise RestError("0", "Feature is not available")


def find_record(
    call: Call, number: int, code: str = "1040", text: str = "Wait list not found"
) -> Record:
    found = call.portal.state.records.get(number)
    if found is None or found.deleted:
        raise RestError(code, text)
    return found


def page_reply(
    call: Call,
    key: str,
    rows: list[Row],
    serialize: Callable[[Row], Any],
    sort_keys: dict[str, Callable[[Row], Any]] | None = None,
) -> Page:
    """Reply with the 50 rows that `start` and `order` ask for.

    `sort_keys` has the fields for `order`; other names are dropped silently.
    """
    order = php.entries(call.optional_array("order")) if sort_keys else []
    wanted = [(sort_keys[name], way) for name, way in order if sort_keys and name in sort_keys]
    for sort_key, way in reversed(wanted):
        rows = sorted(rows, key=sort_key, reverse=php.to_text(way).upper() == "DESC")
    if call.portal.hub.switches.shuffle and not wanted:
        rows = sorted(rows, key=lambda _: random.random())  # noqa: S311 - order only
    page = rows[call.offset : call.offset + PAGE]
    return list_reply(call, key, [serialize(row) for row in page])


def list_reply(call: Call, key: str, rows: list[Any]) -> Page:
    """Reply with all rows; total is 0, or missing with `start` -1, and never a next."""
    return Page({key: rows}, total=None if call.start == -1 else 0)


def announce(call: Call, event: str, number: int) -> None:
    """Send the event of a change by the calling user, unless it is of a record."""
    events.fire(call.portal, event, {"ID": number}, call.user.id, hops=call.auth.hops)
    call.portal.hub.mark_changed()


def announce_record(call: Call, record: Record, kind: str, event: str = "UPDATE") -> None:
    """Send the event of a change of a record by the calling user, and note it."""
    events.announce_record_change(
        call.portal, record, user_id=call.user.id, kind=kind, event=event, hops=call.auth.hops
    )


def created_within(call: Call, filters: Any) -> Callable[[ClientOwner], bool]:
    """Return the test of the filter `createdWithin`: `from` is included, `to` is not.

    Both are written in the portal's own date format.
    """
    within = require_object(filters, "createdWithin", "from", "to")
    if within is None:
        return lambda _: True
    first, last = (_parse_date(call, within[name]) for name in ("from", "to"))
    return lambda item: first <= datetime.fromisoformat(item.created) < last


def _parse_date(call: Call, value: Any) -> datetime:
    for form in (call.portal.state.date_format, f"{call.portal.state.date_format} %H:%M:%S"):
        try:
            return datetime.strptime(str(value), form).replace(tzinfo=call.portal.zone)
        except ValueError:
            continue
    raise RestError("422", "Invalid date")


def require_object(given: Any, name: str, *keys: str) -> Any:
    """Return an object with all of these keys, or None if there is none of this name."""
    value = field_value(given, name)
    if value is None:
        return None
    if not php.is_array(value):
        raise errors.required_fields(name)
    require_keys(value, *keys)
    return value


def object_rows(given: Any, *keys: str) -> Iterator[Any]:
    """Yield the rows of an array; each must be an object with all of these keys."""
    for row in php.values(given):
        if not php.is_array(row):
            # The portal's text says "string" whatever the type is.
            raise RestError("422", "Array's element must be array, string given")
        require_keys(row, *keys)
        yield row
