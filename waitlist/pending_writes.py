"""Allows one write at a time to each record, and none after an unanswered one.

A portal may carry out a call after the app has given up waiting for it. So the app writes down what
it is about to ask for, and until the outcome is known it writes nothing else to that record. What
is found out later is decided in waitlist/records/reconcile.py.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Self, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from bitrix24.errors import NoAnswer, NotSent, PortalError
from store.pending.deferred import Deferred
from store.pending.writes import CustomerChange, Keys, Kind, State, Write, WriteStore, digests
from waitlist.errors import InProgress, OutcomeUnknown, WaitlistError
from waitlist.models import CustomerRefs, keys_of, refs_of
from waitlist.unanswered import send_or_find

FIRST_CHECK = 30
"""Seconds after which the app first checks what has become of an unanswered call."""
HORIZON = 75
"""Seconds after which a call takes no effect any more. It has to reach the portal within the app's
timeout (20 s); PHP then stops it after 30 s, behind a proxy that gives up after 60 s at most."""

PATIENCE, PAUSE = 15.0, 0.25
"""Seconds that a request waits for another one of its form or record, and between two tries."""
Intent = AbstractContextManager[None]
"""Stores what is sent inside. Raises InProgress, before that, where another worker took over."""
Result = TypeVar("Result")


class Claim:
    """The right of one request to write to a record.

    `waitlist.records.reconcile.claim_record` returns it.
    """

    def __init__(self, writes: PendingWrites, write: Write) -> None:
        self._writes = writes
        self._write = write
        self._open = self._watch = self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        self.close(error)

    def customers_intent(self, before: CustomerRefs, after: CustomerRefs) -> Intent:
        """Return the intent to replace a list of customers."""
        return self._intent(Kind.CUSTOMERS, keys_of(before), keys_of(after))

    def texts_intent(self, kind: Kind, before: Collection[str], after: Collection[str]) -> Intent:
        """Return the intent to replace a note or links, of which only digests are stored."""
        return self._intent(kind, digests(self._write, before), digests(self._write, after))

    def removal_intent(self) -> Intent:
        return self._intent(Kind.REMOVAL, (), ())

    def move_back_intent(self, newest: int, customers: CustomerRefs) -> Intent:
        """Return the intent to make a record of a booking again.

        `newest` is the latest record known, and `customers` are those of the booking.
        """
        return self._intent(Kind.BACK, (str(newest),), keys_of(customers))

    def reserve(
        self, customers: CustomerRefs, appointment: Keys, clash: Callable[[Write], bool]
    ) -> Write | None:
        """Store the intent to make a booking of the record with these customers.

        Returns the pending write that clashes with it, if any; nothing is stored then. The booking
        is asked for inside `sending`. Raises InProgress.
        """
        try:
            return self._writes.store.save_intent_unless(
                self._write, Kind.BOOKING, keys_of(customers), appointment, clash
            )
        except LookupError:
            raise InProgress from None

    @contextmanager
    def _intent(self, kind: Kind, before: Keys, after: Keys) -> Iterator[None]:
        # If this cannot be stored, the portal is not asked.
        if not self._writes.store.save_intent(self._write, kind, before, after):
            raise InProgress
        with self.sending():
            yield

    def send_or_find(
        self,
        intent: Intent,
        send: Callable[[], Result],
        find: Callable[[], Result | None],
        *gone: type[WaitlistError],
        watch: bool = True,
    ) -> Result:
        """Do as `unanswered.send_or_find`, and send inside `intent`.

        A change without an answer stays open. One that is found later is watched, unless it takes
        effect only once.
        """

        def sent() -> Result:
            with intent:
                return send()

        def found() -> Result | None:
            result = find()
            if result is not None:
                self.note_found(watch=watch)
            return result

        return send_or_find(sent, found, *gone)

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Send inside what is stored. Its outcome stays open if no answer comes."""
        self._open = True
        try:
            yield
        except (PortalError, WaitlistError) as error:
            unsure = isinstance(error, NoAnswer | OutcomeUnknown)
            self._open = unsure and not isinstance(error, NotSent)
            raise
        self._open = False

    def note_found(self, *, watch: bool = True) -> None:
        """Note that the record shows what a call without an answer was to write."""
        self._open, self._watch = False, watch

    def note_seen(self, customers: CustomerRefs) -> None:
        """Note which customers are on the record while the outcome is open."""
        self._write = replace(self._write, seen=keys_of(customers))

    def add_change(self, before: CustomerRefs, after: CustomerRefs) -> int | None:
        """Close the claim, and add the change to the history.

        Returns its ID, or None where the database cannot take it now.
        """
        self._closed = True
        change = CustomerChange(keys_of(before), keys_of(after))
        return self._writes.close(self._write, change, State.WATCHED if self._watch else None)

    def close(self, error: BaseException | None = None) -> None:
        """Close the claim unless that is done. An open outcome stays open."""
        if self._closed:
            return
        if self._open:
            self._writes.release(self._write)
            if isinstance(error, SQLAlchemyError):
                raise OutcomeUnknown from error
        else:
            self._writes.close(self._write, None, State.WATCHED if self._watch else None)


class PendingWrites:
    """The writes of a portal that are not closed, and the claims of one user."""

    def __init__(self, store: WriteStore, deferred: Deferred, member_id: str, user_id: int) -> None:
        self.store = store
        self._deferred = deferred
        self._member_id = member_id
        self.user_id = user_id

    def claim(self, record_id: int) -> Claim | None:
        """Claim a record, or return None while another write is open."""
        write = self.store.claim(self._member_id, record_id, self.user_id)
        return Claim(self, write) if write else None

    def of_record(self, record_id: int) -> list[Write]:
        """Return the writes of a record that are not closed, the oldest first."""
        self._deferred.flush()
        return self.store.of_record(self._member_id, record_id)

    def of_portal(self) -> list[Write]:
        """Return the writes of the portal that are not closed, the oldest first."""
        self._deferred.flush()
        return self.store.of_portal(self._member_id)

    def dismiss(self, record_id: int, public_id: str | None = None) -> None:
        """Forget a write that a user has read about, or all, except those that are open."""
        for write in self.of_record(record_id):
            if public_id in {None, write.public_id} and not write.blocks:
                self.close(write, None, None)

    def undone_by(self, record_id: int, public_id: str) -> CustomerRefs:
        """Return the customers that this late write has taken off the record."""
        writes = self.of_record(record_id)
        undone = (one for one in writes if (one.public_id, one.state) == (public_id, State.UNDONE))
        return refs_of(key for one in undone for key in one.seen)

    def close(self, write: Write, change: CustomerChange | None, state: State | None) -> int | None:
        """Close a write or set its state, at once or as soon as the database takes it."""
        return self._deferred.run(lambda: self.store.close(write, change, state))

    def release(self, write: Write) -> None:
        """Let later requests find out the outcome of a write."""

        def release() -> None:
            self.store.save_check(write)
            self.store.release(write)

        self._deferred.run(release)

    def save_check(self, write: Write) -> None:
        """Store what another check has seen."""
        self._deferred.run(lambda: self.store.save_check(write))


def tries(before_waiting: Callable[[], None]) -> Iterator[None]:
    """Yield at once, and again after each pause, until PATIENCE is over."""
    give_up = time.monotonic() + PATIENCE
    yield
    while time.monotonic() <= give_up:
        before_waiting()
        time.sleep(PAUSE)
        yield


def seconds_to_next_check(age: float) -> float:
    """Return in how many seconds there will be more to know about an unanswered call."""
    return max(1.0, (FIRST_CHECK if age < FIRST_CHECK else HORIZON) - age)
