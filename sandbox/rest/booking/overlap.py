"""Which resources a booking may take, and which bookings it overlaps.

Source: OverlapPolicy and checkIntersection in booking/lib/Internals/Service. A resource can be
booked twice in the same minute, but not three times.
"""

from sandbox.core.errors import RestError
from sandbox.core.model import Booking, PortalState
from sandbox.rest.booking.common import require_feature
from sandbox.rest.call import Call

_MINUTE = 60
_MOST_OVERLAPS = 1


def require_booking_features(call: Call, resource_ids: list[int]) -> None:
    """Refuse a tariff without bookings, or without those of several resources."""
    require_feature(call, "booking")
    if len(resource_ids) > 1 and "booking_multi" in call.missing_features:
        raise RestError("0", "Multi-resource booking feature is not available")


def check_resources(call: Call, numbers: list[int], code: str, *, deleted: bool = False) -> None:
    """Refuse resources that do not exist, or are deleted unless `deleted` is set.

    Raises RestError `code`, which names them all.
    """
    known = call.portal.state.resources
    missing = [
        str(number)
        for number in dict.fromkeys(numbers)
        if number not in known or (known[number].deleted_at is not None and not deleted)
    ]
    if missing:
        raise RestError(code, f"Some resources were not found: {', '.join(missing)}")


def check_overlaps(call: Call, booking: Booking, code: str) -> list[Booking]:
    """Return the bookings that this one overlaps.

    Raises RestError `code` when a resource would be booked for the third time, or at all when
    the tariff has no overbooking.
    """
    minutes = (booking.end - booking.start) // _MINUTE
    others = [
        (other, max(0, (other.start - booking.start) // _MINUTE))
        for other in _find_overlapping(call.portal.state, booking)
    ]
    overlapped: list[Booking] = []
    for minute in sorted({first for _, first in others if first < minutes}):
        at = booking.start + minute * _MINUTE
        counts = dict.fromkeys(booking.resource_ids, 0)
        for other, _ in others:
            if not (other.start < at + _MINUTE and other.end > at):
                continue
            if other not in overlapped:
                overlapped.append(other)
            for number in counts.keys() & set(other.resource_ids):
                counts[number] += 1
            if max(counts.values()) > _MOST_OVERLAPS:
                raise _unavailable(overlapped, code)
    if overlapped and "booking_overbooking" in call.missing_features:
        raise _unavailable(overlapped, code)
    return overlapped


def _find_overlapping(state: PortalState, booking: Booking) -> list[Booking]:
    wanted = set(booking.resource_ids)
    found = [
        other
        for other in state.bookings.values()
        if not other.deleted
        and other.id != booking.id
        and other.start < booking.end
        and other.end > booking.start
        and wanted & set(other.resource_ids)
    ]
    return sorted(found, key=lambda other: (other.start, other.id))


def _unavailable(overlapped: list[Booking], code: str) -> RestError:
    numbers = ",".join(str(other.id) for other in overlapped)
    text = f"Some resources are unavailable for the requested time range: {numbers}"
    return RestError(code, text)
