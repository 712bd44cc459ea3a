"""Saves the customers of a record without losing anybody.

`client.set` replaces the whole list, without version, lock or history. So: read again, merge,
send nothing when nothing changed, write, read back, and note what it was before.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import replace

from bitrix24.client import PortalClient
from bitrix24.errors import NoAnswer, PortalError
from waitlist.customers.reader import CustomerReader, commands_for
from waitlist.errors import (
    CrmClosed,
    LeftEmpty,
    OnlyNoteSaved,
    OutcomeUnknown,
    PerhapsCreated,
    RecordGone,
    SaveFailed,
    UnknownCustomers,
    WaitlistError,
    raise_known,
)
from waitlist.idempotency import Turn
from waitlist.models import (
    Age,
    CustomerRef,
    CustomerRefs,
    CustomersByRef,
    Record,
    parse_id,
    same_customers,
)
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
from waitlist.records.history import History
from waitlist.records.read import read_record, record_commands, record_in
from waitlist.records.remove import delete
from waitlist.records.write import Companion, look, write_customers, write_note
from waitlist.sources.tracker import RecordTracker

ROUNDS = 3
"""Tries to get a list in while others write the same record at the same moment."""


class Saver:
    """Saves as one user of one portal."""

    def __init__(
        self,
        client: PortalClient,
        reader: CustomerReader,
        history: History,
        tracker: RecordTracker,
        user_id: int,
        companion: Companion | None = None,
    ) -> None:
        self._client = client
        self._reader = reader
        self._history = history
        self._tracker = tracker
        self._user_id = user_id
        self._companion = companion or Companion()

    def beside(self, companion: Companion) -> Saver:
        """A saver in whose requests something else of the record travels too."""
        others = (self._history, self._tracker, self._user_id)
        return Saver(self._client, self._reader, *others, companion)

    def save(
        self, record_id: int, edit: Edit, *, known: AbstractSet[CustomerRef] = frozenset()
    ) -> Saved | Conflict:
        """Two HTTP requests: read and check, write and read back. Raises WaitlistError or
        PortalError; nothing was changed, unless the error says so. Who is `known` to have been on
        the record need not be found in CRM."""
        return self._save(self._read(record_id, edit, known), edit)

    def undo(
        self, record_id: int, change_id: int, notes: tuple[str, str] | None = None
    ) -> Saved | Conflict | None:
        """Puts the list back to what it was before a change, keeping what others did since, and so
        the note where there are `notes`, before and after. Without a change (0) only the note is
        put back; None when this record has no such change.

        Whom the change took off comes back, also where CRM shows this user nothing of them: that
        they were there is known and not guessed."""
        change = self._history.find(record_id, change_id)
        if change is None and (change_id or notes is None):
            return None
        before, after = (change.before, change.after) if change else ((), ())
        note, base_note = notes or ("", "")
        edit = Edit(after, before, base_note, note)
        found = self._read(record_id, edit, frozenset(before))
        stays = note_conflicts(edit, found)
        if stays:
            edit = replace(edit, base_note=found.note, note=found.note)
        outcome = self._save(found, edit)
        return replace(outcome, note_stays=stays) if isinstance(outcome, Saved) else outcome

    def create(self, turn: Turn, customers: CustomerRefs, note: str) -> Saved | Conflict:
        """A new record with its customers: one HTTP request to check whom nobody has looked up
        in the last minutes, one to make the record, one to write the customers and read them back.
        The empty record is taken away again when the customers cannot be saved.

        A portal could make the record and fill it in one batch. But a record is asked for by its
        number only, and an answer that is lost would take the number along: now at most an empty
        record is left behind that nobody knows of, and everything after it can be read back."""
        # Not asked for, as that would be a request more where nobody is to be checked. The list has
        # mostly told already, and who sees nobody could make an empty record at most.
        if self._reader.closed:
            raise CrmClosed
        self._check(customers)
        turn.ask()
        try:
            added = self._client.call("booking.v1.waitlist.add", {"fields": {"note": note}})
        except PortalError as error:
            raise_known(error, adding=True)
            if isinstance(error, NoAnswer):
                raise PerhapsCreated from error
            raise
        record_id = parse_id(added.result)
        if not record_id:
            raise PerhapsCreated
        turn.keep(str(record_id))
        try:
            record = Record(record_id, note, age=Age.TODAY)
            return self._save_customers(record, Edit((), customers))
        except (NoAnswer, OutcomeUnknown) as error:
            raise PerhapsCreated from error
        except (PortalError, WaitlistError) as error:
            self._take_away(record_id, error)
            turn.nothing()
            raise

    def _take_away(self, record_id: int, reason: Exception) -> None:
        """Only while it is empty: a colleague may have put somebody on it at once."""
        try:
            if read_record(self._client, record_id).customers:
                raise LeftEmpty(record_id)
            delete(self._client, record_id)
        except RecordGone:
            pass
        except (PortalError, WaitlistError):
            raise LeftEmpty(record_id) from reason

    def _read(self, record_id: int, edit: Edit, known: AbstractSet[CustomerRef]) -> Record:
        """The record now, and whether CRM shows this user everybody who is to be added."""
        added = set(edit.customers) - set(edit.base) - known
        questions = self._companion.questions(record_id)
        questions |= self._reader.questions()
        answer = self._client.batch(record_commands(record_id) | commands_for(added) | questions)
        self._reader.admit(answer)
        self._companion.answered(answer)
        record = record_in(answer, record_id)
        _refuse_hidden(added - set(record.customers), self._reader.take(added, answer))
        return record

    def _save(self, found: Record, edit: Edit) -> Saved | Conflict:
        if conflicts(edit, found):
            return Conflict(edit, found, unique(edit.customers + found.customers))
        if edit.note in (edit.base_note, found.note):
            return self._save_customers(found, edit)
        write_note(self._client, found.id, edit.note)
        try:
            outcome = self._save_beside_note(replace(found, note=edit.note), edit)
            if isinstance(outcome, Conflict):
                raise SaveFailed(outcome.theirs.customers)
        except (PortalError, WaitlistError) as error:
            raise OnlyNoteSaved from error
        return replace(outcome, note_before=found.note)

    def _check(self, customers: CustomerRefs) -> None:
        unknown = self._reader.unknown(customers)
        answer = self._client.batch(commands_for(unknown) | self._companion.questions(0))
        self._companion.answered(answer)
        self._reader.take(unknown, answer)
        _refuse_hidden(set(customers), self._reader.read(customers))

    def _save_beside_note(self, found: Record, edit: Edit) -> Saved | Conflict:
        """A portal that writes the note of an empty record also fills it from its deal."""
        if found.customers or edit.customers:
            return self._save_customers(found, edit)
        now = read_record(self._client, found.id).customers
        saved = self._saved(replace(found, customers=now), found.customers, edit)
        return replace(saved, merged=False, refilled=bool(now))

    def _save_customers(self, found: Record, edit: Edit) -> Saved | Conflict:
        base, mine, now = edit.base, unique(edit.customers), found.customers
        lost: NoAnswer | None = None
        for _ in range(ROUNDS):
            target = merge(base, mine, now)
            if isinstance(target, Clash):
                return Conflict(edit, replace(found, customers=now), target.both)
            if target == now:
                return self._saved(replace(found, customers=now), found.customers, edit)
            try:
                written, after = write_customers(
                    self._client, self._reader, self._companion, found.id, target
                )
            except NoAnswer as error:
                # Perhaps it was carried out. What the record holds now decides, not the answer.
                lost, after = error, look(self._client, found.id)
                written = same_customers(after, target)
            if written and same_customers(after, target):
                return self._saved(replace(found, customers=after), found.customers, edit)
            if written:
                # Somebody else wrote at the same moment: merge what they did into what we did.
                base, mine = now, target
            now = after
        raise SaveFailed(now, changed=set(now) != set(found.customers)) from lost

    def _saved(self, record: Record, before: CustomerRefs, edit: Edit) -> Saved:
        change = None
        if record.customers != before:
            change = self._history.add(record.id, self._user_id, before, record.customers)
        if change is not None or edit.note != edit.base_note:
            self._tracker.saved(record)
        return Saved(record, change, merged=not same_customers(record.customers, edit.customers))


def _refuse_hidden(added: AbstractSet[CustomerRef], found: CustomersByRef) -> None:
    hidden = sorted(ref for ref in added if not found[ref].visible)
    if hidden:
        raise UnknownCustomers(hidden)
