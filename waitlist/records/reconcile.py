"""Finds out what has become of writes that a portal did not answer."""

from contextlib import suppress
from dataclasses import replace

from bitrix24.errors import PortalError
from store.pending.writes import CustomerChange, Keys, Kind, State, Write, digests
from waitlist.context import UserContext
from waitlist.errors import (
    EarlierOutcomeUnknown,
    OutcomeUnknown,
    RecordGone,
    SaveFailed,
    WaitlistError,
)
from waitlist.models import CustomerRef, Record, keys_of, refs_of, same_customers
from waitlist.pending_writes import FIRST_CHECK, HORIZON, Claim, seconds_to_next_check, tries
from waitlist.records.booking_outcomes import reconcile_booking, reconcile_move_back
from waitlist.records.read import record_commands, record_in
from waitlist.sources.links import link_list

MOST_AT_ONCE = 5
"""Records that one request reconciles in the background."""


def claim_record(context: UserContext, record_id: int) -> Claim:
    """Claim a record for a `with` block, once no other write to it is pending.

    Costs HTTP requests only where an earlier call got no answer. Raises OutcomeUnknown or
    EarlierOutcomeUnknown while that may still take effect, SaveFailed while others save.
    """
    for _ in tries(context.client.hold_place):
        reconcile(context, record_id)
        claim = context.writes.claim(record_id)
        if claim is not None:
            return claim
    raise SaveFailed


def reconcile(context: UserContext, record_id: int) -> None:
    """Find out what has become of the writes of a record that no worker waits for.

    Raises OutcomeUnknown while one of this user's may still take effect, EarlierOutcomeUnknown
    while a colleague's may.
    """
    for write in context.writes.of_record(record_id):
        if _is_unanswered(write) and not _reconcile_write(context, write):
            unknown = OutcomeUnknown if write.user_id == context.user_id else EarlierOutcomeUnknown
            raise unknown(seconds_to_next_check(write.asked.age()))


def reconcile_due(context: UserContext) -> None:
    """Reconcile the writes of the portal for which it is time.

    Costs one HTTP request for each, and none where nothing is open. A portal that does not answer
    is asked again by the next request.
    """
    due = [write for write in context.writes.of_portal() if _is_due(write)]
    for write in due[:MOST_AT_ONCE]:
        with suppress(PortalError, WaitlistError):
            _reconcile_write(context, write)


def try_to_reconcile(context: UserContext, record_id: int) -> None:
    """Reconcile the writes of a record that a user opens, where that can be done now."""
    with suppress(PortalError, OutcomeUnknown, EarlierOutcomeUnknown):
        reconcile(context, record_id)


def _is_unanswered(write: Write) -> bool:
    return write.blocks and not write.in_flight


def _is_due(write: Write) -> bool:
    age = write.asked.age()
    if write.state is State.WATCHED:
        return age >= HORIZON
    first = write.checks == 0 and age >= FIRST_CHECK
    return _is_unanswered(write) and (first or age >= HORIZON)


def _reconcile_write(context: UserContext, write: Write) -> bool:
    """Read the record, and return whether the outcome of a write is known.

    Raises PortalError or WaitlistError.
    """
    over = write.asked.age() >= HORIZON
    if write.kind is Kind.BOOKING:
        return reconcile_booking(context, write, over=over)
    if write.kind is Kind.BACK:
        return reconcile_move_back(context, write, over=over)
    try:
        record, now = _read(context, write)
    except RecordGone:
        context.writes.close(write, None, None)
        context.tracker.note_removed(write.record_id)
        return True
    if write.state is State.WATCHED:
        _close_watched(context, write, record)
        return True
    if _is_done(write, now, over=over):
        _close_done(context, write, record, over=over)
    elif over:
        # A worker that ended may have been answered, and others may have changed it back since.
        nothing = write.state is State.UNKNOWN and _is_as_before(write, now)
        context.writes.close(write, None, State.FAILED if nothing else State.UNCLEAR)
    else:
        seen = keys_of(record.customers)
        # An earlier check, for a user who came back soon, does not stand for the first one.
        checks = write.checks + (write.asked.age() >= FIRST_CHECK)
        context.writes.save_check(replace(write, seen=seen, checks=checks))
        return False
    return True


def _read(context: UserContext, write: Write) -> tuple[Record, Keys]:
    """Read a record, and what it has in place of what was to be written. One HTTP request."""
    links = [link_list(write.record_id)] if write.kind is Kind.LINKS else []
    answer = context.client.batch([*record_commands(write.record_id), *links])
    record = record_in(answer, write.record_id)
    if write.kind is Kind.CUSTOMERS:
        return record, keys_of(record.customers)
    texts = [link.text for command in links for link in answer[command]]
    return record, digests(write, [record.note] if write.kind is Kind.NOTE else texts)


def _close_done(context: UserContext, write: Write, record: Record, *, over: bool) -> None:
    """Add a change that was found to the history, and note customers it has removed."""
    done = CustomerChange(write.before, write.after) if write.kind is Kind.CUSTOMERS else None
    removed = set(write.before) - set(write.after)
    undone = tuple(
        key
        for key in write.seen
        if key not in removed | set(write.after) and CustomerRef.parse(key) not in record.customers
    )
    state = State.UNDONE if done and undone else None if over or not done else State.WATCHED
    context.writes.close(replace(write, seen=undone), done, state)
    context.tracker.note_saved(record)


def _close_watched(context: UserContext, write: Write, record: Record) -> None:
    """Note the customers that a call has removed by taking effect again later."""
    latest = context.history.latest(write.record_id)
    customers = write.kind is Kind.CUSTOMERS
    again = customers and same_customers(record.customers, refs_of(write.after))
    left = latest.after if latest and again else ()
    undone = keys_of(ref for ref in left if ref not in record.customers)
    context.writes.close(replace(write, seen=undone), None, State.UNDONE if undone else None)
    if undone:
        context.tracker.note_saved(record)


def _is_done(write: Write, now: Keys, *, over: bool) -> bool:
    """Return whether a record shows a write. Others may have changed more of it meanwhile.

    As long as the call may still take effect, a record that shows more may have got it from others.
    """
    if write.kind is Kind.CUSTOMERS and (not over or set(write.before) == set(write.after)):
        return same_customers(refs_of(now), refs_of(write.after))
    before, after, there = set(write.before), set(write.after), set(now)
    shown = after - before <= there and not (before - after) & there
    return shown and write.kind is not Kind.REMOVAL


def _is_as_before(write: Write, now: Keys) -> bool:
    if write.kind is Kind.CUSTOMERS:
        return same_customers(refs_of(now), refs_of(write.before))
    return write.kind is Kind.REMOVAL or set(now) == set(write.before)
