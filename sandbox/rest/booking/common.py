"""What every booking.v1 method shares: prefilter, feature check, dates, events after a write."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any

from sandbox.core import errors
from sandbox.core.errors import RestError
from sandbox.core.model import WaitListItem
from sandbox.portal import events
from sandbox.rest.call import PAGE, Call, Page, field_value, require_keys


def require_tool(call: Call) -> None:
    """Prefilter: comes after the field checks and before the record is looked up."""
    if not call.portal.state.booking_tool or call.hit("booking_disabled"):
        text = "Booking tool is disabled. Please contact your administrator."
        raise RestError("0", text)


def require_feature(call: Call, *features: str) -> None:
    """Reads never check the tariff; writes do, late."""
    fault = call.hit("feature_off")
    missing = fault.options.get("feature", "booking") if fault else None
    for feature in features:
        if missing == feature or not call.portal.state.features.get(feature, False):
            raise errors.feature_not_available()


def record(call: Call, record_id: int) -> WaitListItem:
    found = call.portal.state.records.get(record_id)
    if found is None or found.deleted:
        raise RestError("1040", "Wait list not found")
    return found


def one_page(call: Call, key: str, rows: list[Any]) -> Page:
    """50 rows of a list that `start` leafs through."""
    if call.portal.hub.switches.shuffle:
        rows = sorted(rows, key=lambda _: random.random())  # noqa: S311 - order only
    return whole_list(call, key, rows[call.offset : call.offset + PAGE])


def whole_list(call: Call, key: str, rows: list[Any]) -> Page:
    """Booking lists have total 0, none at all with `start` -1, and never a next."""
    return Page({key: rows}, total=None if call.start == -1 else 0)


def changed(call: Call, item: WaitListItem, kind: str, event: str = "UPDATE") -> None:
    """The call's user has changed a record: journal, mirror and event of it."""
    events.record_changed(
        call.portal, item, user_id=call.user.id, kind=kind, event=event, hops=call.auth.hops
    )


def created_within(call: Call, filters: Any) -> tuple[datetime, datetime] | None:
    """`from` inclusive, `to` exclusive, written in the portal's own date format."""
    within = field_value(filters, "createdWithin")
    if within is None:
        return None
    require_keys(within, "from", "to")
    return _date(call, within["from"]), _date(call, within["to"])


def _date(call: Call, value: Any) -> datetime:
    for form in (call.portal.state.date_format, f"{call.portal.state.date_format} %H:%M:%S"):
        try:
            return datetime.strptime(str(value), form).replace(tzinfo=call.portal.zone)
        except ValueError:
            continue
    raise RestError("422", "Invalid date")
