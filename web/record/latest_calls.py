"""The latest calls to records, as the list and the editor show them."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from bitrix24.errors import PortalError
from waitlist.context import UserContext
from waitlist.models import CustomersByRef, Record
from web.presenters.calls import CallView, call_view
from web.presenters.history import Names
from web.presenters.record_row import RecordRow, record_row


@dataclass(frozen=True, slots=True)
class CallsOfRecord:
    """The latest call to the record in the editor.

    `ahead` are the minutes that the portal's clock is ahead of UTC, None until it has answered.
    """

    latest: CallView | None
    ahead: int | None


def read_calls(context: UserContext, records: Iterable[int] | None = None) -> dict[int, CallView]:
    """Return the latest call of today to each record, or to these.

    Costs an HTTP request if there is a call and the portal has not answered this process yet.
    Raises PortalError.
    """
    calls, now = context.calls.latest_today(records), time.time()
    if not calls:
        return {}
    users = context.user_names(call.user_id for call in calls.values())
    names, zone = Names({}, users, context.user_id), context.calls.zone()
    return {record_id: call_view(call, names, zone, now) for record_id, call in calls.items()}


def latest_calls(context: UserContext, records: Iterable[int] | None = None) -> dict[int, CallView]:
    """Return the same as `read_calls`, or nothing if the calls cannot be read."""
    try:
        return read_calls(context, records)
    except (SQLAlchemyError, PortalError):
        # A save that the portal has carried out is told as saved, though nothing is known of calls.
        return {}


def rows_with_calls(
    context: UserContext, records: Sequence[Record], names: CustomersByRef
) -> list[RecordRow]:
    calls = latest_calls(context, [record.id for record in records])
    return [record_row(record, names, call=calls.get(record.id)) for record in records]


def calls_of(context: UserContext, record_id: int) -> CallsOfRecord:
    """Return what the editor shows of the calls to a record."""
    return calls_view(context, latest_calls(context, [record_id]).get(record_id))


def calls_view(context: UserContext, latest: CallView | None) -> CallsOfRecord:
    """Return what the editor shows of a record whose latest call is known."""
    zone = context.client.zone()
    ahead = zone.utcoffset(None) if zone else None
    minutes = None if ahead is None else round(ahead.total_seconds() / 60)
    return CallsOfRecord(latest, minutes)
