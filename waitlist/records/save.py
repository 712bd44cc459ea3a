"""Saves a record so that no customer gets lost.

`client.set` replaces the whole list of customers, without a version, a lock or a history. So a
save reads the record again, merges, checks the new customers, writes, reads back, and notes in the
app's history what the list was before. Before the portal is asked, what is to be written is stored
(waitlist/pending_writes.py): a call without an answer is never followed by another one while it may
still take effect.
"""

from collections.abc import Set as AbstractSet
from dataclasses import replace

from bitrix24.errors import NoAnswer, PortalError
from store.pending.writes import Kind
from waitlist.context import UserContext
from waitlist.customers.reader import customer_commands
from waitlist.errors import OnlyNoteSaved, OutcomeUnknown, RecordGone, SaveFailed, WaitlistError
from waitlist.models import CustomerRef, CustomerRefs, Record, same_customers
from waitlist.pending_writes import Claim
from waitlist.records.edit import (
    Conflict,
    Edit,
    MergeConflict,
    Saved,
    conflicts,
    is_kept,
    merge,
    note_conflicts,
    unique,
)
from waitlist.records.read import detailed_record_commands, detailed_record_in, read_record
from waitlist.records.reconcile import claim_record
from waitlist.records.visibility import find_gone, refuse_hidden
from waitlist.records.write import SaveHook, write_customers, write_note

ROUNDS = 3
"""Attempts to write a list while others write the same record at the same moment."""


def save(
    context: UserContext,
    record_id: int,
    edit: Edit,
    *,
    known: AbstractSet[CustomerRef] = frozenset(),
    hook: SaveHook | None = None,
) -> Saved | Conflict:
    """Save an edit in two HTTP requests: read and check, then write and read back.

    Customers `known` to have been on the record before need not be visible in CRM, but must exist.
    Raises WaitlistError or PortalError; nothing was changed unless the error says so.
    """
    with claim_record(context, record_id) as claim:
        found, edit, gone = _read_before(context, record_id, edit, known, hook)
        outcome = _save_found(context, claim, found, edit, hook)
    return replace(outcome, gone=gone) if isinstance(outcome, Saved) else outcome


def add_customers(
    context: UserContext, record_id: int, customers: CustomerRefs, *, hook: SaveHook | None = None
) -> Saved:
    """Add customers in two HTTP requests, or one if all are there. Raises as `save` does."""
    return _without_conflict(save(context, record_id, Edit((), customers), hook=hook))


def remove_customers(context: UserContext, record_id: int, customers: CustomerRefs) -> Saved:
    """Remove customers in two HTTP requests, or one if none is there. Raises as `save` does."""
    return _without_conflict(save(context, record_id, Edit(customers, ())))


def undo(
    context: UserContext, record_id: int, change_id: int, notes: tuple[str, str] | None = None
) -> Saved | Conflict | None:
    """Restore the list as it was before a change, keeping what others have done since.

    `notes` are the note before and after the change, if it is to be restored, too. With a
    `change_id` of 0 only the note is. Customers that the change removed come back even if CRM does
    not show them to this user: the history proves that they were on the record.

    Returns None when this record has no such change. Raises as `save` does.
    """
    change = context.history.find(record_id, change_id)
    if change is None and (change_id or notes is None):
        return None
    before, after = (change.before, change.after) if change else ((), ())
    note, base_note = notes or ("", "")
    edit = Edit(after, before, base_note, note)
    with claim_record(context, record_id) as claim:
        found, edit, gone = _read_before(context, record_id, edit, frozenset(before), None)
        if change is None:
            # Only the note is undone: the customers stay as they are.
            edit = replace(edit, base=found.customers, customers=found.customers)
        stays = note_conflicts(edit, found)
        if stays:
            edit = replace(edit, base_note=found.note, note=found.note)
        outcome = _save_found(context, claim, found, edit, None)
    if isinstance(outcome, Conflict):
        return outcome
    return replace(outcome, note_stays=stays, gone=gone)


def save_customers(
    context: UserContext, claim: Claim, found: Record, edit: Edit, hook: SaveHook | None = None
) -> Saved | Conflict:
    """Merge, write and read back, again if others write meanwhile. Raises as `save` does."""
    base, mine, now = edit.base, unique(edit.customers), found.customers
    for _ in range(ROUNDS):
        target = merge(base, mine, now)
        if isinstance(target, MergeConflict):
            return Conflict(edit, replace(found, customers=now), target.both)
        if target == now:
            return _close(context, claim, replace(found, customers=now), found.customers, edit)
        written, after = _write(context, claim, replace(found, customers=now), target, hook)
        if written and same_customers(after, target):
            return _close(context, claim, replace(found, customers=after), found.customers, edit)
        if written:
            # Another user or program wrote at the same moment: merge both changes.
            base, mine = now, target
        now = after
    raise SaveFailed(now, changed=set(now) != set(found.customers))


def _write(
    context: UserContext, claim: Claim, now: Record, target: CustomerRefs, hook: SaveHook | None
) -> tuple[bool, CustomerRefs]:
    """Write the list as `write_customers` does. Read the record if no answer comes.

    Raises OutcomeUnknown where the call may still take effect: another one must not follow it.
    """
    there: CustomerRefs | None = None

    def find() -> tuple[bool, CustomerRefs] | None:
        nonlocal there
        there = read_record(context.client, now.id).customers
        return (True, there) if same_customers(there, target) else None

    intent = claim.customers_intent(now.customers, target)
    try:
        return claim.send_or_find(
            intent, lambda: write_customers(context, now.id, target, hook), find, RecordGone
        )
    except NoAnswer:
        if there is None or same_customers(there, now.customers):
            raise
        return False, there
    except OutcomeUnknown:
        if there is not None:
            claim.note_seen(there)
        raise


def _read_before(
    context: UserContext,
    record_id: int,
    edit: Edit,
    known: AbstractSet[CustomerRef],
    hook: SaveHook | None,
) -> tuple[Record, Edit, CustomerRefs]:
    """Read the record, and check the added customers in CRM. One HTTP request.

    Returns the record, the edit without customers that no longer exist, and those. One more request
    tells `known` customers that are hidden from those.
    """
    added = set(edit.customers) - set(edit.base)
    answer = context.customers.batch_if_open(
        [
            *detailed_record_commands(record_id),
            *customer_commands(added),
            *(hook.read_commands(record_id) if hook else []),
        ]
    )
    if hook:
        hook.take_read(answer)
    record = detailed_record_in(answer, record_id, context.today)
    found, new = context.customers.take(added, answer), added - set(record.customers)
    refuse_hidden(context.client, new - known, found)
    unseen = [ref for ref in edit.customers if ref in new and not found[ref].visible]
    gone = find_gone(context.client, unseen) if unseen else frozenset()
    kept = tuple(ref for ref in edit.customers if ref not in gone)
    return record, replace(edit, customers=kept), tuple(ref for ref in unseen if ref in gone)


def _save_found(
    context: UserContext, claim: Claim, found: Record, edit: Edit, hook: SaveHook | None
) -> Saved | Conflict:
    if conflicts(edit, found):
        return Conflict(edit, found, unique(edit.customers + found.customers))
    if edit.note in (edit.base_note, found.note):
        return save_customers(context, claim, found, edit, hook)
    kept = _write_note(context, claim, found, edit.note)
    try:
        outcome = _save_after_note(context, claim, replace(found, note=kept), edit, hook)
        if isinstance(outcome, Conflict):
            raise SaveFailed(outcome.theirs.customers)
    except (PortalError, WaitlistError) as error:
        raise OnlyNoteSaved from error
    return replace(outcome, note_before=found.note, note_differs=kept != edit.note)


def _write_note(context: UserContext, claim: Claim, found: Record, note: str) -> str:
    """Write the note, and return what the portal holds. Raises as `_write` does."""
    client, intent = context.client, claim.texts_intent(Kind.NOTE, [found.note], [note])

    def find() -> str | None:
        now = read_record(client, found.id).note
        return now if now != found.note and is_kept(now, note) else None

    return claim.send_or_find(intent, lambda: write_note(client, found.id, note), find, RecordGone)


def _save_after_note(
    context: UserContext, claim: Claim, found: Record, edit: Edit, hook: SaveHook | None
) -> Saved | Conflict:
    if found.customers or edit.customers:
        return save_customers(context, claim, found, edit, hook)
    # A portal that writes the note of an empty record also fills it from its deal.
    now = read_record(context.client, found.id).customers
    saved = _close(context, claim, replace(found, customers=now), found.customers, edit)
    return replace(saved, merged=False, refilled=bool(now))


def _close(
    context: UserContext, claim: Claim, record: Record, before: CustomerRefs, edit: Edit
) -> Saved:
    """Note in the history and for open pages that the record was saved."""
    changed = record.customers != before
    change = claim.add_change(before, record.customers) if changed else None
    if changed or edit.note != edit.base_note:
        context.tracker.note_saved(record)
    merged = not same_customers(record.customers, edit.customers)
    return Saved(record, change, merged, history_waits=changed and change is None)


def _without_conflict(outcome: Saved | Conflict) -> Saved:
    # Only adding or only removing chooses no order, so it cannot conflict.
    if isinstance(outcome, Conflict):
        raise SaveFailed
    return outcome
