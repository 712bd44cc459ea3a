"""Makes a new record once. A form that is sent again gets the record that is there already."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bitrix24.client import PortalClient
from bitrix24.errors import PortalError
from bitrix24.lists import ListCommand, read_lists
from waitlist.errors import RecordGone, raise_known
from waitlist.idempotency import Attempts, Turn
from waitlist.models import Age, CustomerRefs, clean_note
from waitlist.records.edit import Conflict, Edit, Saved, unique
from waitlist.records.history import History
from waitlist.records.read import customers_of, list_commands, read_record
from waitlist.records.save import Saver
from waitlist.sources.ages import KEY, METHOD
from waitlist.sources.tracker import RecordTracker

FIRST_PAGES = 5
CANDIDATES = 20
"""New records with the same note; nobody makes more of them while an answer is on its way."""


@dataclass(frozen=True, slots=True)
class RecordMaker:
    """Makes records as one user."""

    client: PortalClient
    saver: Saver
    history: History
    tracker: RecordTracker
    attempts: Attempts
    user_id: int

    def make(self, attempt: str, customers: CustomerRefs, note: str) -> Saved | Conflict:
        """A new record, in the requests that `Saver.create` tells of. Where the attempt has made
        one already, this record as it is now, with what has been changed in the form since; where
        nobody knows, it is looked for first. Raises WaitlistError or PortalError."""
        wish = "\n".join([*(ref.key for ref in customers), note])
        with self.attempts.turn(attempt, wish, self.tracker.newest()) as turn:
            if turn.lost and (found := self._look(turn, customers, note)):
                turn.keep(str(found))
            if turn.made:
                return self._again(turn, customers, note)
            return self._create(turn, customers, note)

    def _create(self, turn: Turn, customers: CustomerRefs, note: str) -> Saved | Conflict:
        outcome = self.saver.create(turn, customers, note)
        if isinstance(outcome, Saved):
            turn.keep(turn.made, outcome.change)
        return outcome

    def _again(self, turn: Turn, customers: CustomerRefs, note: str) -> Saved | Conflict:
        record_id = int(turn.made)
        change = self.history.find(record_id, turn.change) if turn.change else None
        base = change.after if change else ()
        wanted = base if change and turn.same else customers
        try:
            base_note = note if turn.same else read_record(self.client, record_id).note
            outcome = self.saver.save(record_id, Edit(base, wanted, base_note, note))
        except RecordGone:
            turn.nothing()
            if change is None:
                # It was taken away again for want of customers, and the answer to that was lost.
                return self._create(turn, customers, note)
            raise
        if isinstance(outcome, Conflict):
            return outcome
        record = replace(outcome.record, age=Age.TODAY)
        saved = replace(outcome, record=record, change=outcome.change or turn.change)
        if saved.change is None and record.customers and not self.history.newest(record_id):
            # Its worker died after the portal had taken the customers.
            change_id = self.history.add(record_id, self.user_id, (), record.customers)
            self.tracker.saved(record)
            saved = replace(saved, change=change_id)
        turn.keep(turn.made, saved.change)
        return saved

    def _look(self, turn: Turn, customers: CustomerRefs, note: str) -> int:
        """The record that an earlier request has made, if it can be found: later than those known
        then, with this note, and with these customers or none yet; 0 where there is none."""
        wanted = {"all": ListCommand(METHOD, KEY, pages=FIRST_PAGES)}
        try:
            rows = read_lists(self.client, wanted)["all"].rows
        except PortalError as error:
            raise_known(error)
            raise
        later = sorted((one for one in rows if one > turn.newest), reverse=True)
        alike = [one for one in later if clean_note(rows[one].get("note")) == clean_note(note)]
        alike = alike[:CANDIDATES]
        listed = customers_of(self.client.read(list_commands(alike)), alike)
        found = {one: there for one, there in listed.customers.items() if one not in listed.foreign}
        full = [one for one, there in found.items() if set(there) == set(unique(customers))]
        empty = [one for one, there in found.items() if not there]
        return next(iter(full + empty), 0)
