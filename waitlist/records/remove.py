"""Takes a record off the waiting list. A portal cannot bring it back, so the record is looked at
first: nobody removes what they have not seen."""

from __future__ import annotations

from dataclasses import dataclass

from bitrix24.client import PortalClient
from bitrix24.errors import NoAnswer, PortalError
from waitlist.customers.reader import CustomerReader
from waitlist.errors import OutcomeUnknown, RecordGone, raise_known
from waitlist.models import Record, same_customers
from waitlist.records.read import read_record, record_commands, record_in
from waitlist.sources.tracker import RecordTracker


@dataclass(frozen=True, slots=True)
class Removed:
    """The record as it was seen last; it is gone, by this user or by somebody before them."""

    record: Record


@dataclass(frozen=True, slots=True)
class Changed:
    """The record is not what the user has seen. It was not removed; `now` is how it is."""

    now: Record


def look(client: PortalClient, reader: CustomerReader, record_id: int) -> Record:
    """The record as it is right now, for somebody who may remove it. Raises RecordGone, CrmClosed
    or PortalError."""
    answer = client.batch(record_commands(record_id) | reader.questions())
    reader.admit(answer)
    return record_in(answer, record_id)


def remove(
    client: PortalClient, reader: CustomerReader, tracker: RecordTracker, seen: Record
) -> Removed | Changed:
    """Removes a record that still is as `seen`. Two HTTP requests. Raises WaitlistError or
    PortalError; the record is still there, unless it is OutcomeUnknown."""
    try:
        now = look(client, reader, seen.id)
        if now.note != seen.note or not same_customers(now.customers, seen.customers):
            return Changed(now)
        delete(client, seen.id)
    except RecordGone:
        # Anybody may name any record: pages are not told of one that perhaps never was.
        tracker.looked_at((), [seen.id])
    else:
        tracker.removed(seen.id)
    return Removed(seen)


def delete(client: PortalClient, record_id: int) -> None:
    """Removes a record, whatever is on it. When no answer comes, the record is looked for.

    Raises RecordGone, NotRemoved, OutcomeUnknown or PortalError."""
    try:
        client.call("booking.v1.waitlist.delete", {"id": record_id})
    except NoAnswer:
        if not _is_gone(client, record_id):
            raise
    except PortalError as error:
        raise_known(error)
        raise


def _is_gone(client: PortalClient, record_id: int) -> bool:
    try:
        read_record(client, record_id)
    except RecordGone:
        return True
    except PortalError as error:
        raise OutcomeUnknown from error
    return False
