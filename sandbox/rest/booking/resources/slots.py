"""booking.v1.resource.slots.*: working hours, which are an offer and bind no booking.

Source: booking/lib/Rest/V1/Controller/resource/slots.php and Entity/Slot/Range.php.
"""

from typing import Any

from sandbox.core import php
from sandbox.core.booking.model import WEEK_DAYS, Slot
from sandbox.core.booking.zones import find_zone
from sandbox.core.errors import RestError
from sandbox.rest.booking.common import (
    announce,
    list_reply,
    object_rows,
    read_id,
    require_feature,
    require_tool,
)
from sandbox.rest.booking.resources.resources import find_resource
from sandbox.rest.call import Call, Page, method

_MINUTES = 24 * 60
_KEYS = ("from", "to", "timezone", "weekDays", "slotSize")


@method("booking.v1.resource.slots.list")
def list_(call: Call) -> Page:
    resource = find_resource(call, read_id(call, "resourceId"))
    rows = [
        {
            "from": slot.start or None,
            "id": slot.id,
            "slotSize": slot.size or None,
            "timezone": slot.timezone,
            "to": slot.end,
            "weekDays": slot.week_days,
        }
        for slot in resource.slots
    ]
    return list_reply(call, "slots", rows)


@method("booking.v1.resource.slots.set")
def set_(call: Call) -> bool:
    number, given = call.integer("resourceId"), call.array("slots")
    rows = list(object_rows(given, *_KEYS))
    require_tool(call)
    resource = find_resource(call, number)
    parsed = [_parse(row) for row in rows]
    require_feature(call, "booking")
    for slot in parsed:
        slot.id = call.portal.state.next_id("slot")
    resource.slots = parsed
    announce(call, "ONBOOKINGRESOURCEUPDATE", number)
    return True


@method("booking.v1.resource.slots.unset")
def unset(call: Call) -> bool:
    number = read_id(call, "resourceId")
    resource = find_resource(call, number)
    require_feature(call, "booking")
    resource.slots = []
    announce(call, "ONBOOKINGRESOURCEUPDATE", number)
    return True


def _parse(given: Any) -> Slot:
    """Check a slot; raises RestError 422 without a word which field is wrong."""
    start, end, size = (php.to_int(given[name]) for name in ("from", "to", "slotSize"))
    days = given["weekDays"]
    days = php.values(days) if php.is_array(days) else [days]
    zone = php.to_text(given["timezone"])
    if (
        not 0 <= start < end <= _MINUTES
        or size <= 0
        or not days
        or not set(map(php.to_text, days)) <= set(WEEK_DAYS)
        or find_zone(zone) is None
    ):
        raise RestError("422", "Invalid range fields")
    return Slot(0, start, end, zone, [php.to_text(day) for day in days], size)
