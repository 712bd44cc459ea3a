"""Removes a record for good, so it is read first: users remove only what they have seen."""

from bitrix24.batch import Command
from bitrix24.client import PortalClient
from waitlist.context import UserContext
from waitlist.errors import RecordGone, known_errors
from waitlist.models import Record, same_customers
from waitlist.pending_writes import Claim
from waitlist.records.read import read_record, record_commands, record_in
from waitlist.records.reconcile import claim_record


def remove(context: UserContext, seen: Record) -> Record | None:
    """Remove a record if it is still as `seen`; two HTTP requests.

    Returns None once the record is gone, or the record as it is now if it differs and was kept.
    Raises WaitlistError or PortalError; the record is still there unless it is OutcomeUnknown.
    """
    try:
        now, removed = _remove_as_seen(context, seen)
    except RecordGone:
        # A form may name any ID, so open pages are not told about a record that never existed.
        context.tracker.note_read((), [seen.id])
        return None
    return None if removed else now


def remove_if_untouched(
    context: UserContext, record_id: int, change_id: int, note: str
) -> Record | None:
    """Remove a record that is still as this user's change made it. Returns it, None if kept.

    Raises WaitlistError or PortalError.
    """
    change = context.history.find(record_id, change_id)
    if change is None or change.before or change.user_id != context.user_id:
        return None
    now, removed = _remove_as_seen(context, Record(record_id, note, change.after))
    return now if removed else None


def _remove_as_seen(context: UserContext, seen: Record) -> tuple[Record, bool]:
    """Remove a record unless it differs. Return what it is now, and whether it was removed."""
    with claim_record(context, seen.id) as claim:
        answer = context.customers.batch_if_open(record_commands(seen.id))
        now = record_in(answer, seen.id)
        if now.note != seen.note or not same_customers(now.customers, seen.customers):
            return now, False
        delete_record(context.client, claim, seen.id)
    context.tracker.note_removed(seen.id)
    return now, True


def deletion(record_id: int) -> Command[bool]:
    return Command("booking.v1.waitlist.delete", {"id": record_id}, bool)


def delete_record(client: PortalClient, claim: Claim, record_id: int) -> None:
    """Delete a record or find it gone. Raises RecordGone, OutcomeUnknown or another error."""

    def delete() -> bool:
        with known_errors():
            return client.call(deletion(record_id))

    def find_removed() -> bool | None:
        try:
            read_record(client, record_id)
        except RecordGone:
            return True
        return None

    claim.send_or_find(claim.removal_intent(), delete, find_removed)
