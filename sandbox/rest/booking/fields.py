"""`fields` of a booking: when, and with which resources."""

from __future__ import annotations

from typing import Any

from sandbox.core import php
from sandbox.core.errors import RestError
from sandbox.rest.call import Call, field_value, require_keys


def require_fields(given: Any, *names: str) -> None:
    """A period has both ends wherever it is given."""
    require_keys(given, *names)
    period = field_value(given, "datePeriod")
    if period is None:
        return
    require_keys(period, "from", "to")
    for end in (period["from"], period["to"]):
        require_keys(end, "timestamp", "timezone")


def resource_ids(given: Any) -> list[int] | None:
    """The ids in `fields`, None without any.

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


def period(given: Any) -> dict[str, Any] | None:
    """The period in `fields`; which names of time zones there are is not checked."""
    period = field_value(given, "datePeriod")
    if period is None:
        return None
    moments = [php.to_int(period[name]["timestamp"]) for name in ("from", "to")]
    zones = [php.to_text(period[name]["timezone"]) for name in ("from", "to")]
    if moments[0] > moments[1] or "" in zones:
        raise RestError("422", "Invalid date period")
    ends = [{"timestamp": at, "timezone": zone} for at, zone in zip(moments, zones, strict=True)]
    return {"from": ends[0], "to": ends[1]}


def known_resources(call: Call, numbers: list[int]) -> list[int]:
    """Unknown ones are left out without a word, as long as one is known."""
    known = [number for number in numbers if number in call.portal.state.resources]
    if not known:
        raise RestError("1018", "Empty resource collection")
    return known
