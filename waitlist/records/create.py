"""Creates a new record once. A form that is sent again gets the record that is there already.

A portal could create the record and fill it in one batch. But if that answer were lost, the ID of
the record would be lost, too. Two requests leave at most an unknown empty record behind, and
everything after the first can be read back.
"""

from dataclasses import replace

from sqlalchemy.exc import SQLAlchemyError

from bitrix24.batch import BatchAnswer, Command, has_reference
from bitrix24.errors import Busy, NoAnswer, NotSent, PortalError, Refused, unreadable_answer
from bitrix24.ids import Id, parse_id
from bitrix24.lists import read_lists
from waitlist.context import UserContext
from waitlist.customers.reader import customer_commands
from waitlist.errors import (
    CrmClosed,
    LeftEmpty,
    OutcomeUnknown,
    PerhapsCreated,
    RecordGone,
    WaitlistError,
    WrongAttempt,
    known_errors,
)
from waitlist.idempotency import Attempt
from waitlist.models import Age, CustomerRefs, CustomersByRef, Record, clean_note, keys_of
from waitlist.records.edit import Conflict, Edit, Saved, is_kept
from waitlist.records.read import client_list, customers_of, read_record
from waitlist.records.reconcile import claim_record
from waitlist.records.remove import delete_record
from waitlist.records.save import save, save_customers
from waitlist.records.visibility import refuse_hidden
from waitlist.records.write import SaveHook
from waitlist.sources.record_list import RecordRow, record_list, record_row

_ROW_OF_FIRST = Command("booking.v1.waitlist.get", {"id": "$result[0]"}, RecordRow, key="waitList")
"""Reads the record that the first command of the same batch has created."""
CANDIDATES = 20
"""New records with the same note: more than anyone creates before an answer arrives."""


def create_record(
    context: UserContext,
    key: str,
    customers: CustomerRefs,
    note: str,
    *,
    hook: SaveHook | None = None,
    anyway: bool = False,
) -> Saved | Conflict:
    """Create a record with its customers, for the attempt with this key.

    If the attempt has created a record already, its later changes in the form are saved there. If
    the outcome of an earlier request is unknown, the record is looked for first. As long as one may
    still appear, another one is created only if the user wants that `anyway`.

    Costs one HTTP request to check the user's access and the customers that are not in the cache,
    one to create the record and to read the customers once more, and one to write them and read
    them back. The empty record is removed again when the customers cannot be saved. Raises
    WaitlistError or PortalError.
    """
    fingerprint = "\n".join([*keys_of(customers), note])
    with context.attempts.begin(key, fingerprint, context.tracker.newest()) as attempt:
        wanted = Edit((), customers, note, note)
        if attempt.uncertain and (
            found := _find_or_refuse(context, attempt, wanted, anyway=anyway)
        ):
            attempt.mark_made(str(found))
        if attempt.made:
            return _save_again(context, attempt, wanted, hook)
        if attempt.may_arrive and not anyway:
            raise PerhapsCreated(attempt.seconds_to_next_check, anyway=True)
        return _create(context, attempt, wanted, hook)


def _create(
    context: UserContext, attempt: Attempt, wanted: Edit, hook: SaveHook | None
) -> Saved | Conflict:
    _check(context, wanted.customers, hook)
    attempt.mark_sent()
    record, customers = _add(context, wanted)
    attempt.mark_made(str(record.id))
    try:
        refuse_hidden(context.client, set(wanted.customers), customers)
        with claim_record(context, record.id) as claim:
            outcome = save_customers(context, claim, record, wanted, hook)
    except NotSent as error:
        raise LeftEmpty(record.id) from error
    except (NoAnswer, OutcomeUnknown, SQLAlchemyError) as error:
        raise PerhapsCreated from error
    except (PortalError, WaitlistError) as error:
        _remove_if_empty(context, record.id, error)
        attempt.mark_nothing_made()
        raise
    if isinstance(outcome, Conflict):
        return outcome
    attempt.mark_made(attempt.made, outcome.change)
    return replace(outcome, note_differs=record.note != wanted.note)


def _check(context: UserContext, customers: CustomerRefs, hook: SaveHook | None) -> None:
    """Check that CRM is open and shows these customers.

    One HTTP request; none without customers where CRM is known to be open.
    """
    if context.customers.closed:
        raise CrmClosed
    questions = hook.read_commands(0) if hook else []
    answer = context.customers.batch_if_open([*customer_commands(customers), *questions])
    if hook:
        hook.take_read(answer)
    context.customers.take(customers, answer)
    refuse_hidden(context.client, set(customers), context.customers.read(customers))


def _add(context: UserContext, wanted: Edit) -> tuple[Record, CustomersByRef]:
    """Create an empty record. Return it and the customers as the portal has them.

    The customers are read in the same request: between the check and this, one may be deleted.
    """
    client, refs = context.client, wanted.customers
    fields = {"fields": {"note": wanted.note}}
    add = Command("booking.v1.waitlist.add", fields, Id)
    names, row = customer_commands(refs), _ROW_OF_FIRST
    alone = has_reference(wanted.note)
    try:
        with known_errors(adding=True):
            answer = BatchAnswer({}, {}) if alone else client.chain([add, row, *names])
            record_id = client.call(add) if alone else answer[add]
    except NotSent:
        raise
    except NoAnswer as error:
        raise PerhapsCreated from error
    if alone:
        row = record_row(record_id)
        answer = client.batch([row, *names])
    stored = answer.get(row)
    note = clean_note(stored.note) if stored else wanted.note
    customers = context.customers.take(refs, answer) if refs else {}
    return Record(record_id, note, age=Age.TODAY), customers


def _remove_if_empty(context: UserContext, record_id: int, reason: Exception) -> None:
    """Remove the new record. Raises LeftEmpty if that failed or a colleague has filled it."""
    try:
        with claim_record(context, record_id) as claim:
            if read_record(context.client, record_id).customers:
                raise LeftEmpty(record_id)
            delete_record(context.client, claim, record_id)
    except RecordGone:
        pass
    except (PortalError, WaitlistError):
        raise LeftEmpty(record_id) from reason


def _save_again(
    context: UserContext, attempt: Attempt, wanted: Edit, hook: SaveHook | None
) -> Saved | Conflict:
    """Save what the form has now on the record that an earlier request has created."""
    record_id = parse_id(attempt.made)
    if not record_id:
        raise WrongAttempt
    change = context.history.find(record_id, attempt.change) if attempt.change else None
    base = change.after if change else ()
    customers = base if change and attempt.same else wanted.customers
    try:
        base_note = wanted.note if attempt.same else read_record(context.client, record_id).note
        edit = Edit(base, customers, base_note, wanted.note)
        outcome = save(context, record_id, edit, hook=hook)
    except RecordGone:
        attempt.mark_nothing_made()
        if change is None:
            # It was removed because its customers could not be saved, and that answer was lost.
            return _create(context, attempt, wanted, hook)
        raise
    if isinstance(outcome, Conflict):
        return outcome
    record = replace(outcome.record, age=Age.TODAY)
    saved = replace(outcome, record=record, change=outcome.change or attempt.change)
    if saved.change is None and record.customers:
        saved = replace(saved, change=_find_change(context, record))
    attempt.mark_made(attempt.made, saved.change)
    differs = record.note != wanted.note and is_kept(record.note, wanted.note)
    return replace(saved, note_differs=differs)


def _find_change(context: UserContext, record: Record) -> int | None:
    """Return the change that has filled a new record. Add it if its worker died."""
    latest = context.history.latest(record.id)
    if latest:
        mine = latest.user_id == context.user_id and not latest.before
        return latest.id if mine else None
    context.tracker.note_saved(record)
    return context.history.add(record.id, context.user_id, (), record.customers)


def _find_or_refuse(context: UserContext, attempt: Attempt, wanted: Edit, *, anyway: bool) -> int:
    """Do as `_find_created`. Raises PerhapsCreated where the portal does not tell."""
    try:
        return _find_created(context, attempt, wanted)
    except (Busy, NoAnswer, Refused) as error:
        if anyway:
            return 0
        raise PerhapsCreated(anyway=True) from error


def _find_created(context: UserContext, attempt: Attempt, wanted: Edit) -> int:
    """Return the record that an earlier request has created, or 0 when there is none.

    It is later than the records known then, and has this note and these customers or none yet.
    """
    everything = record_list()
    with known_errors():
        listing = read_lists(context.client, [everything])[everything]
    rows = listing.rows
    later = sorted((one for one in rows if one > attempt.newest), reverse=True)
    alike = [one for one in later if is_kept(clean_note(rows[one].note), wanted.note)][:CANDIDATES]
    listed = customers_of(context.client.read(map(client_list, alike)), alike)
    found = {one: there for one, there in listed.customers.items() if one not in listed.foreign}
    full = [one for one, there in found.items() if set(there) == set(wanted.customers)]
    empty = [one for one, there in found.items() if not there]
    if listing.unreadable + len(listed.unread) and not full + empty:
        raise unreadable_answer()  # One of those may be it.
    return next(iter(full + empty), 0)
