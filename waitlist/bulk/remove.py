"""Removes several records for good, each only as the user has seen it."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum

from bitrix24.batch import BatchAnswer
from bitrix24.client import PortalClient
from bitrix24.errors import NoAnswer, NotSent, PortalError, unreadable_answer
from waitlist.context import UserContext
from waitlist.errors import (
    EarlierOutcomeUnknown,
    RecordGone,
    SaveFailed,
    WaitlistError,
    known_errors,
)
from waitlist.models import CustomerRefs, Record, note_digest, same_customers
from waitlist.pending_writes import Claim
from waitlist.records.read import record_commands, record_in
from waitlist.records.remove import deletion
from waitlist.sources.record_list import record_row

MOST = 24
"""Records of one request. Two calls for each, and two for the user's rights, fit into one batch."""


class Outcome(StrEnum):
    """What becomes of a record. GONE was removed before, perhaps by a colleague."""

    REMOVED = "removed"
    GONE = "gone"
    KEPT = "kept"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page shows of a record. `note` is the digest of the note."""

    customers: CustomerRefs
    note: str


@dataclass(frozen=True, slots=True)
class Removal:
    """The outcome of a record. One that is kept is different `now`, or there was an `error`."""

    outcome: Outcome
    now: Record | None = None
    error: Exception | None = None


Removals = dict[int, Removal]


def with_outcome(removals: Mapping[int, Removal], *outcomes: Outcome) -> list[int]:
    """Return the records with one of these outcomes."""
    return [record_id for record_id, removal in removals.items() if removal.outcome in outcomes]


def preview(context: UserContext, seen: Mapping[int, Seen]) -> Removals:
    """Tell what would become of records, and remove none. One HTTP request for MOST of them.

    Raises CrmClosed or PortalError.
    """
    answer = context.customers.batch_if_open(record_commands(*seen))
    return {record_id: _previewed(answer, record_id, seen[record_id]) for record_id in seen}


def _previewed(answer: BatchAnswer, record_id: int, seen: Seen) -> Removal:
    try:
        now = record_in(answer, record_id)
    except RecordGone:
        return Removal(Outcome.GONE)
    except (PortalError, WaitlistError) as error:
        return Removal(Outcome.KEPT, error=error)
    if note_digest(now.note) == seen.note and same_customers(now.customers, seen.customers):
        return Removal(Outcome.REMOVED)
    return Removal(Outcome.KEPT, now)


def remove_all(context: UserContext, seen: Mapping[int, Seen]) -> Removals:
    """Remove the records that are as `seen`; two HTTP requests for MOST of them.

    One more finds out about those that the portal gave no proper answer about. No record waits for
    another change of it: it is kept. Raises WaitlistError or PortalError if none was removed.
    """
    with _claimed(context, seen) as claims:
        removals = preview(context, {record_id: seen[record_id] for record_id in claims})
        if removable := with_outcome(removals, Outcome.REMOVED):
            removals |= _delete(context.client, {one: claims[one] for one in removable})
    # A form may name any ID, so open pages are not told about records that never existed.
    if gone := with_outcome(removals, Outcome.GONE):
        context.tracker.note_read((), gone)
    if removed := with_outcome(removals, Outcome.REMOVED):
        context.tracker.note_removed(*removed)
    return removals | {one: _unclaimed(context, one) for one in seen.keys() - removals.keys()}


@contextmanager
def _claimed(context: UserContext, record_ids: Collection[int]) -> Iterator[dict[int, Claim]]:
    """Claim the records that no other change is open for."""
    with ExitStack() as stack:
        claims = dict[int, Claim]()
        for record_id in record_ids:
            if claim := context.writes.claim(record_id):
                claims[record_id] = stack.enter_context(claim)
        yield claims


def _unclaimed(context: UserContext, record_id: int) -> Removal:
    """Return why a record could not be claimed: a removal without an answer may still happen."""
    pending_writes = context.writes.of_record(record_id)
    if any(write.blocks and not write.in_flight for write in pending_writes):
        return Removal(Outcome.UNKNOWN, error=EarlierOutcomeUnknown())
    return Removal(Outcome.KEPT, error=SaveFailed())


def _delete(client: PortalClient, claims: Mapping[int, Claim]) -> Removals:
    commands = {record_id: deletion(record_id) for record_id in claims}
    try:
        with ExitStack() as asked:
            for claim in claims.values():
                asked.enter_context(claim.removal_intent())
            answer = client.batch(commands.values())
    except NotSent:
        raise
    except NoAnswer as error:
        answer = BatchAnswer({}, dict.fromkeys(commands.values(), error))
    removals, unsure = dict[int, Removal](), dict[int, NoAnswer]()
    for record_id, command in commands.items():
        try:
            with claims[record_id].sending(), known_errors():
                if not answer[command]:
                    raise unreadable_answer()
            removals[record_id] = Removal(Outcome.REMOVED)
        except RecordGone:
            removals[record_id] = Removal(Outcome.REMOVED)
        except NoAnswer as error:
            unsure[record_id] = error
        except (PortalError, WaitlistError) as error:
            removals[record_id] = Removal(Outcome.KEPT, error=error)
    return removals | (_find_removed(client, claims, unsure) if unsure else {})


def _find_removed(
    client: PortalClient, claims: Mapping[int, Claim], unsure: Mapping[int, NoAnswer]
) -> Removals:
    """Look which records are gone. Those that are there may still be removed by a late call."""
    rows = {record_id: record_row(record_id) for record_id in unsure}
    try:
        answer = client.batch(rows.values())
    except PortalError as error:
        answer = BatchAnswer({}, dict.fromkeys(rows.values(), error))
    removals = dict[int, Removal]()
    for record_id, row in rows.items():
        why = unsure[record_id]
        removals[record_id] = Removal(Outcome.UNKNOWN, error=why)
        try:
            with known_errors():
                answer[row]
        except RecordGone:
            claims[record_id].note_found()
            removals[record_id] = Removal(Outcome.REMOVED)
        except (PortalError, WaitlistError):
            continue
        else:
            if why.is_final:
                removals[record_id] = Removal(Outcome.KEPT, error=why)
    return removals
