"""Allows one write at a time to each record, and none after an unanswered one.

A portal may carry out a call after the app has given up waiting for it. So the app writes down what
it is about to ask for, and until the outcome is known it writes nothing else to that record. What
is found out later is decided in waitlist/records/settle.py.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Self, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from bitrix24.errors import NoAnswer, NotSent, PortalError
from store.pending.writes import Done, Keys, Kind, State, Write, WriteStore, digests
from waitlist.deferred import Deferred
from waitlist.errors import OutcomeUnknown, UnderWay, WaitlistError
from waitlist.models import CustomerRefs, keys_of, refs_of
from waitlist.unanswered import ask

FIRST_LOOK = 30
"""Seconds after which the app looks for the first time what has become of an unanswered call."""
HORIZON = 75
"""Seconds after which a call takes no effect any more. It has to reach the portal within the app's
timeout (20 s); PHP then stops it after 30 s, behind a proxy that gives up after 60 s at most."""

PATIENCE, PAUSE = 15.0, 0.25
"""Seconds that a request waits for another one of its form or record, and between two tries."""
Asking = AbstractContextManager[None]
Result = TypeVar("Result")


class Claim:
    """The right of one request to write to a record. Made by `waitlist.records.settle.claimed`."""

    def __init__(self, writes: OpenWrites, write: Write) -> None:
        self._writes = writes
        self._write = write
        self._open = self._watch = self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        self.leave(error)

    def asking_customers(self, before: CustomerRefs, after: CustomerRefs) -> Asking:
        """Write down a list of customers that is sent inside. Raises UnderWay."""
        return self._asking(Kind.CUSTOMERS, keys_of(before), keys_of(after))

    def asking_texts(self, kind: Kind, before: Collection[str], after: Collection[str]) -> Asking:
        """Write down digests of a note, or of links, that are sent inside. Raises UnderWay."""
        return self._asking(kind, digests(self._write, before), digests(self._write, after))

    def asking_removal(self) -> Asking:
        """Write down that the record is removed inside. Raises UnderWay."""
        return self._asking(Kind.REMOVAL, (), ())

    def asking_move_back(self, newest: int, customers: CustomerRefs) -> Asking:
        """Write down that a booking becomes a record again inside. Raises UnderWay.

        `newest` is the latest record known, and `customers` are those of the booking.
        """
        return self._asking(Kind.BACK, (str(newest),), keys_of(customers))

    def reserve(
        self, customers: CustomerRefs, wish: Keys, clash: Callable[[Write], bool]
    ) -> Write | None:
        """Write down a booking that is to be made of the record with these customers.

        Returns the open write that clashes with it, if any; nothing is written down then. The
        booking is asked for inside `sending`. Raises UnderWay.
        """
        try:
            return self._writes.store.ask_alone(
                self._write, Kind.BOOKING, keys_of(customers), wish, clash
            )
        except LookupError:
            raise UnderWay from None

    @contextmanager
    def _asking(self, kind: Kind, before: Keys, after: Keys) -> Iterator[None]:
        # If this cannot be written down, the portal is not asked.
        if not self._writes.store.ask(self._write, kind, before, after):
            raise UnderWay
        with self.sending():
            yield

    def ask(
        self,
        asking: Asking,
        send: Callable[[], Result],
        look: Callable[[], Result | None],
        *gone: type[WaitlistError],
        watch: bool = True,
    ) -> Result:
        """Do as `unanswered.ask`, and send inside `asking`.

        A change without an answer stays open. One that is found later is watched, unless it takes
        effect only once.
        """

        def sent() -> Result:
            with asking:
                return send()

        def found() -> Result | None:
            result = look()
            if result is not None:
                self.note_found(watch=watch)
            return result

        return ask(sent, found, *gone)

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Send inside what is written down. Its outcome stays open if no answer comes."""
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
        """Note who is on the record while the outcome is open."""
        self._write = replace(self._write, seen=keys_of(customers))

    def add_change(self, before: CustomerRefs, after: CustomerRefs) -> int | None:
        """Close the claim, and add the change to the history.

        Returns its ID, or None where the database cannot take it now.
        """
        self._closed = True
        done = Done(keys_of(before), keys_of(after))
        return self._writes.close(self._write, done, State.WATCHED if self._watch else None)

    def leave(self, error: BaseException | None = None) -> None:
        """Close the claim unless that is done. An open outcome stays open."""
        if self._closed:
            return
        if self._open:
            self._writes.release(self._write)
            if isinstance(error, SQLAlchemyError):
                raise OutcomeUnknown from error
        else:
            self._writes.close(self._write, None, State.WATCHED if self._watch else None)


class OpenWrites:
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

    def dismiss(self, record_id: int, word: str | None = None) -> None:
        """Forget a write that a user has read about, or all, except those that are open."""
        for write in self.of_record(record_id):
            if word in {None, write.word} and not write.blocks:
                self.close(write, None, None)

    def undone_by(self, record_id: int, word: str) -> CustomerRefs:
        """Return the customers that this late write has taken off the record."""
        writes = self.of_record(record_id)
        undone = (one for one in writes if (one.word, one.state) == (word, State.UNDONE))
        return refs_of(key for one in undone for key in one.seen)

    def close(self, write: Write, done: Done | None, state: State | None) -> int | None:
        """Close a write or set its state, at once or as soon as the database takes it."""
        return self._deferred.run(lambda: self.store.close(write, done, state))

    def release(self, write: Write) -> None:
        """Let the outcome of a write be looked up by later requests."""

        def release() -> None:
            self.store.save_look(write)
            self.store.release(write)

        self._deferred.run(release)

    def save_look(self, write: Write) -> None:
        """Store what was seen at another look."""
        self._deferred.run(lambda: self.store.save_look(write))


def tries(before_waiting: Callable[[], None]) -> Iterator[None]:
    """Yield at once, and again after each pause, until PATIENCE is over."""
    give_up = time.monotonic() + PATIENCE
    yield
    while time.monotonic() <= give_up:
        before_waiting()
        time.sleep(PAUSE)
        yield


def seconds_to_next_look(age: float) -> float:
    """Return in how many seconds there will be more to know about an unanswered call."""
    return max(1.0, (FIRST_LOOK if age < FIRST_LOOK else HORIZON) - age)
