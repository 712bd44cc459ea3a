"""The parameter `fields` of a booking: its period and its resources."""

from typing import Any

from sandbox.core import php
from sandbox.core.booking.zones import find_zone
from sandbox.core.errors import RestError
from sandbox.rest.booking.common import require_object
from sandbox.rest.call import field_value, require_keys


def check_fields(given: Any, *names: str) -> None:
    """Require these fields, then both ends of the period if there is one.

    Source: checkRequiredFieldsRecursive in booking/lib/Rest/V1/View/View.php.
    """
    require_keys(given, *names)
    period = require_object(given, "datePeriod", "from", "to")
    for name in ("from", "to") if period else ():
        require_object(period, name, "timestamp", "timezone")


def parse_resource_ids(given: Any) -> list[int] | None:
    """Return the ids in `fields`, or None if there are none.

    Source: validateResourceIds in booking/lib/Rest/V1/Factory/Entity/Resource.php.
    """
    value = field_value(given, "resourceIds")
    if value is None:
        return None
    if not php.is_array(value):
        raise RestError("422", "Parameter resourceIds must be array")
    numbers = [php.to_int(number) for number in php.values(value)]
    if any(number <= 0 for number in numbers):
        raise RestError("422", "Parameter resourceIds must be array of integers")
    return numbers


def parse_period(given: Any) -> dict[str, Any] | None:
    """Return the period in `fields`, or None; zones stay as they are sent."""
    period = field_value(given, "datePeriod")
    if period is None:
        return None
    moments = [php.to_int(period[name]["timestamp"]) for name in ("from", "to")]
    zones = [php.to_text(period[name]["timezone"]) for name in ("from", "to")]
    if moments[0] >= moments[1] or not all(find_zone(zone) for zone in zones):
        raise RestError("422", "Invalid date period")
    ends = [{"timestamp": at, "timezone": zone} for at, zone in zip(moments, zones, strict=True)]
    return {"from": ends[0], "to": ends[1]}
