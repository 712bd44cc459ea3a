"""The writes that portals were asked for: stored before the call, and closed once it is known.

One row per claim of a record. While a row is open, the app writes nothing else to that record: a
portal may still carry out what it has not answered.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, Update, and_, delete, insert, select, update

from store.engine import Store, fields_in, lock_portal, next_number
from store.pending.elapsed import Moment
from store.schema import changes, writes

Keys = tuple[str, ...]
"""Of customers, such as `CONTACT:5`; or digests of a note or of links."""
CLAIM_SECONDS, LEASE_SECONDS = 30, 90
"""After these times a silent worker is taken for dead: before it asks the portal, and after."""
NEVER = Moment()
RETENTION = 7 * 24 * 3600
"""Seconds for which a write is kept that no user has read about."""


class State(StrEnum):
    """What is known of a write.

    CLAIMED: nothing was asked yet. ASKED: the portal is at work. UNKNOWN: no answer came. WATCHED:
    the outcome is known, but not yet whether an unanswered call comes late. FOUND, FAILED, UNCLEAR
    and UNDONE wait until a user has read them.
    """

    CLAIMED = "claimed"
    ASKED = "asked"
    UNKNOWN = "unknown"
    WATCHED = "watched"
    FOUND = "found"
    FAILED = "failed"
    UNCLEAR = "unclear"
    UNDONE = "undone"


class Kind(StrEnum):
    """What was to be written. Of notes and links, only digests are stored.

    A BOOKING of a record has its time and resources as `after`. BACK is a booking that becomes a
    record again: `record_id` is the booking's ID, negative, and `before` the newest record then.
    """

    CUSTOMERS = "customers"
    NOTE = "note"
    LINKS = "links"
    REMOVAL = "removal"
    BOOKING = "booking"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Write:
    """A row. `before` and `after` are customer keys, or digests. `seen` are customer keys."""

    id: int
    member_id: str
    record_id: int
    user_id: int
    state: State = State.CLAIMED
    kind: Kind = Kind.CUSTOMERS
    before: Keys = ()
    after: Keys = ()
    seen: Keys = ()
    checks: int = 0
    asked: Moment = NEVER
    lease: str = ""

    @property
    def public_id(self) -> str:
        """Return its name for pages: its `id` would tell how much other portals write."""
        return hashlib.sha256(self.lease.encode()).hexdigest()[:32]

    @property
    def in_flight(self) -> bool:
        """Return whether a worker is at work on it, as far as that can be known."""
        seconds = {State.CLAIMED: CLAIM_SECONDS, State.ASKED: LEASE_SECONDS}.get(self.state, 0)
        return self.asked.age() < seconds

    @property
    def blocks(self) -> bool:
        """Return whether nothing else may be written to the record."""
        return self.in_flight or self.state in {State.ASKED, State.UNKNOWN}


@dataclass(frozen=True, slots=True)
class CustomerChange:
    """A change of customers to add to the history of a record."""

    before: Keys
    after: Keys


class WriteStore(Store):
    """Safe for threads, processes and hosts."""

    def claim(self, member_id: str, record_id: int, user_id: int) -> Write | None:
        """Claim a record for one write, or return None while another write is open.

        The result of the user's write before is forgotten unless it is UNCLEAR.
        """
        now, lease = Moment.now(), secrets.token_hex(16)
        row = {
            "member_id": member_id,
            "record_id": record_id,
            "user_id": user_id,
            "state": State.CLAIMED,
            "lease": lease,
            **now.asked_columns,
        }
        with self._engine.begin() as connection:
            lock_portal(connection, member_id)
            found = [_write(one) for one in connection.execute(_of_record(member_id, record_id))]
            if any(one.blocks for one in found):
                return None
            read = {State.FOUND, State.FAILED}
            mine = {one.id for one in found if one.state in read and one.user_id == user_id}
            if dead := mine | {one.id for one in found if one.state is State.CLAIMED}:
                connection.execute(delete(writes).where(writes.c.id.in_(dead)))
            number = connection.execute(insert(writes).values(row).returning(writes.c.id))
            return Write(number.scalar_one(), member_id, record_id, user_id, asked=now, lease=lease)

    def save_intent(self, write: Write, kind: Kind, before: Keys, after: Keys) -> bool:
        """Store what the portal is about to be asked for. Returns False if the claim is lost."""
        return self._write(_intent(write, kind, before, after)) == 1

    def save_intent_unless(
        self, write: Write, kind: Kind, before: Keys, after: Keys, clash: Callable[[Write], bool]
    ) -> Write | None:
        """Do as `save_intent`, but return a pending write that clashes, if any.

        Raises LookupError if the claim is lost.
        """
        query = _of_portal(write.member_id).where(writes.c.id != write.id)
        with self._engine.begin() as connection:
            lock_portal(connection, write.member_id)
            others = map(_write, connection.execute(query))
            if found := next((one for one in others if one.blocks and clash(one)), None):
                return found
            if connection.execute(_intent(write, kind, before, after)).rowcount != 1:
                raise LookupError("the claim is lost")
        return None

    def close(
        self, write: Write, change: CustomerChange | None = None, state: State | None = None
    ) -> int | None:
        """Close a write, or leave it in this state. Returns the ID of the `change`, if any."""
        with self._engine.begin() as connection:
            number = None
            if change:
                lock_portal(connection, write.member_id)
                number = next_number(connection, changes.c.number, write.member_id)
                row = {
                    "member_id": write.member_id,
                    "number": number,
                    "record_id": write.record_id,
                    "user_id": write.user_id,
                    "before": ",".join(change.before),
                    "after": ",".join(change.after),
                    "made_at": write.asked.at,
                }
                connection.execute(insert(changes).values(row))
            if state is None:
                connection.execute(delete(writes).where(writes.c.id == write.id))
            else:
                values = {"state": state, "seen": ",".join(write.seen)}
                connection.execute(update(writes).where(writes.c.id == write.id).values(values))
            return number

    def release(self, write: Write) -> None:
        """Note that no worker waits for the outcome any longer."""
        self._change(_is_held(write), state=State.UNKNOWN)

    def save_check(self, write: Write) -> None:
        """Store what another check has seen."""
        self._change(writes.c.id == write.id, seen=",".join(write.seen), checks=write.checks)

    def of_record(self, member_id: str, record_id: int) -> list[Write]:
        """Return the writes of a record that are not closed, the oldest first."""
        return list(map(_write, self._rows(_of_record(member_id, record_id))))

    def of_portal(self, member_id: str) -> list[Write]:
        """Return the writes of a portal that are not closed, the oldest first."""
        return list(map(_write, self._rows(_of_portal(member_id))))

    def _change(self, condition: ColumnElement[bool], **values: object) -> bool:
        return self._write(update(writes).where(condition).values(values)) == 1


def digests(write: Write, texts: Iterable[str]) -> Keys:
    """Return digests that no table of words reveals: they contain the claim's random word."""
    return tuple(hashlib.sha256(f"{write.lease}{text}".encode()).hexdigest() for text in texts)


def _of_portal(member_id: str) -> Any:
    return select(writes).where(writes.c.member_id == member_id).order_by(writes.c.id)


def _of_record(member_id: str, record_id: int) -> Any:
    return _of_portal(member_id).where(writes.c.record_id == record_id)


def _is_held(write: Write) -> ColumnElement[bool]:
    return and_(writes.c.id == write.id, writes.c.lease == write.lease)


def _intent(write: Write, kind: Kind, before: Keys, after: Keys) -> Update:
    values = {"kind": kind, "before": ",".join(before), "after": ",".join(after)}
    asked = {"state": State.ASKED, **values, **Moment.now().asked_columns}
    return update(writes).where(_is_held(write)).values(asked)


def _write(row: Row[Any]) -> Write:
    keys = {
        name: tuple(text.split(",")) if (text := row._mapping[name]) else ()
        for name in ("before", "after", "seen")
    }
    others = {
        "state": State(row.state),
        "kind": Kind(row.kind) if row.kind else Kind.CUSTOMERS,
        "asked": Moment.asked_in(row),
    }
    return Write(**{**fields_in(row, Write), **keys, **others})
