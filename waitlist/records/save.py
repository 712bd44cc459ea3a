"""Saves a record so that no customer gets lost.

`client.set` replaces the whole list of customers, without a version, a lock or a history. So a
save reads the record again, merges, checks the new customers, writes, reads back, and notes in the
app's history what the list was before.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import replace

from bitrix24.errors import NoAnswer, PortalError
from waitlist.context import UserContext
from waitlist.customers.reader import customer_commands
from waitlist.errors import OnlyNoteSaved, SaveFailed, UnknownCustomers, WaitlistError
from waitlist.models import CustomerRef, CustomerRefs, CustomersByRef, Record, same_customers
from waitlist.records.edit import (
    Clash,
    Conflict,
    Edit,
    Saved,
    conflicts,
    merge,
    note_conflicts,
    unique,
)
from waitlist.records.read import read_record, record_commands, record_in
from waitlist.records.write import SaveHook, read_written, write_customers, write_note

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

    Customers `known` to have been on the record before need not be visible in CRM.
    Raises WaitlistError or PortalError; nothing was changed unless the error says so.
    """
    found = _read_before(context, record_id, edit, known, hook)
    return _save_found(context, found, edit, hook)


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
    found = _read_before(context, record_id, edit, frozenset(before), None)
    stays = note_conflicts(edit, found)
    if stays:
        edit = replace(edit, base_note=found.note, note=found.note)
    outcome = _save_found(context, found, edit, None)
    return replace(outcome, note_stays=stays) if isinstance(outcome, Saved) else outcome


def save_customers(
    context: UserContext, found: Record, edit: Edit, hook: SaveHook | None = None
) -> Saved | Conflict:
    """Merge, write and read back, again if others write meanwhile. Raises as `save` does."""
    base, mine, now = edit.base, unique(edit.customers), found.customers
    lost: NoAnswer | None = None
    for _ in range(ROUNDS):
        target = merge(base, mine, now)
        if isinstance(target, Clash):
            return Conflict(edit, replace(found, customers=now), target.both)
        if target == now:
            return _note_saved(context, replace(found, customers=now), found.customers, edit)
        try:
            written, after = write_customers(context, found.id, target, hook)
        except NoAnswer as error:
            # The portal may have carried it out: what the record holds now decides.
            lost, after = error, read_written(context.client, found.id)
            written = same_customers(after, target)
        if written and same_customers(after, target):
            return _note_saved(context, replace(found, customers=after), found.customers, edit)
        if written:
            # Somebody else wrote at the same moment: merge their change into ours.
            base, mine = now, target
        now = after
    raise SaveFailed(now, changed=set(now) != set(found.customers)) from lost


def refuse_hidden(added: AbstractSet[CustomerRef], found: CustomersByRef) -> None:
    """Raise UnknownCustomers if CRM does not show all customers that are to be added.

    Raises NoAnswer if it is not known whether CRM shows them.
    """
    if any(found[ref].unread for ref in added):
        raise NoAnswer("OddAnswer", status=200)
    hidden = sorted(ref for ref in added if not found[ref].visible)
    if hidden:
        raise UnknownCustomers(hidden)


def _read_before(
    context: UserContext,
    record_id: int,
    edit: Edit,
    known: AbstractSet[CustomerRef],
    hook: SaveHook | None,
) -> Record:
    """Read the record, and check that CRM shows the added customers. One HTTP request."""
    added = set(edit.customers) - set(edit.base) - known
    access = context.customers.access_commands()
    answer = context.client.batch(
        [
            *record_commands(record_id),
            *customer_commands(added),
            *(hook.read_commands(record_id) if hook else []),
            *access,
        ]
    )
    context.customers.require_access(answer)
    if hook:
        hook.take_read(answer)
    record = record_in(answer, record_id)
    refuse_hidden(added - set(record.customers), context.customers.take(added, answer))
    return record


def _save_found(
    context: UserContext, found: Record, edit: Edit, hook: SaveHook | None
) -> Saved | Conflict:
    if conflicts(edit, found):
        return Conflict(edit, found, unique(edit.customers + found.customers))
    if edit.note in (edit.base_note, found.note):
        return save_customers(context, found, edit, hook)
    write_note(context.client, found.id, edit.note)
    try:
        outcome = _save_after_note(context, replace(found, note=edit.note), edit, hook)
        if isinstance(outcome, Conflict):
            raise SaveFailed(outcome.theirs.customers)
    except (PortalError, WaitlistError) as error:
        raise OnlyNoteSaved from error
    return replace(outcome, note_before=found.note)


def _save_after_note(
    context: UserContext, found: Record, edit: Edit, hook: SaveHook | None
) -> Saved | Conflict:
    if found.customers or edit.customers:
        return save_customers(context, found, edit, hook)
    # A portal that writes the note of an empty record also fills it from its deal.
    now = read_record(context.client, found.id).customers
    saved = _note_saved(context, replace(found, customers=now), found.customers, edit)
    return replace(saved, merged=False, refilled=bool(now))


def _note_saved(context: UserContext, record: Record, before: CustomerRefs, edit: Edit) -> Saved:
    """Note in the history and for open pages that the record was saved."""
    change = None
    if record.customers != before:
        change = context.history.add(record.id, context.user_id, before, record.customers)
    if change is not None or edit.note != edit.base_note:
        context.tracker.note_saved(record)
    return Saved(record, change, merged=not same_customers(record.customers, edit.customers))


def _without_conflict(outcome: Saved | Conflict) -> Saved:
    # Only adding or only removing chooses no order, so it cannot conflict.
    if isinstance(outcome, Conflict):
        raise SaveFailed
    return outcome
