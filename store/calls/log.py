"""Calls to the customers of records: which user called, and with what result. IDs only, no names.

A row is never deleted before its time: a user who corrects a result, or takes it back, hides it.
"""

import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, Row, and_, func, insert, or_, select, update

from store.engine import Store, fields_in, lock_portal, next_number
from store.schema import calls

CALLING_SECONDS = 600
"""How long a call without a result is shown, and how long another result corrects one."""
REPEATED_SECONDS = 60
"""The same result again within this time is a form that was sent again."""
LONGEST_CALLBACK = 24 * 3600
"""A call back is at most so many seconds ahead."""
NEWEST = 50
"""The number of calls that the history of a record shows."""


class Result(StrEnum):
    """What came of a call. A user is CALLING until a result is chosen."""

    CALLING = "calling"
    NO_ANSWER = "no_answer"
    WILL_COME = "will_come"
    DECLINED = "declined"
    CALL_BACK = "call_back"


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `number` counts within the portal. `callback_at` is 0 except for CALL_BACK."""

    number: int
    record_id: int
    user_id: int
    result: Result
    callback_at: int
    made_at: int


@dataclass(frozen=True, slots=True)
class Mark:
    """What a page knows of the calls: the last change that it has shown, and when."""

    changed: int = 0
    moment: int = 0

    def __str__(self) -> str:
        return f"{self.changed}.{self.moment}"


class CallLog(Store):
    """The calls of one portal. Safe for threads, processes and hosts."""

    def __init__(self, engine: Engine, member_id: str) -> None:
        super().__init__(engine)
        self._member_id = member_id
        self._ours = calls.c.member_id == member_id

    def add(self, record_id: int, user_id: int, result: Result, callback_at: int = 0) -> Call:
        """Add a call and return it, or return the same one that was added just before.

        A result ends the user's own call to this record, or corrects its result.
        """
        now = int(time.time())
        with self._engine.begin() as connection:
            lock_portal(connection, self._member_id)
            last = self._last_of(connection, record_id, user_id, now - CALLING_SECONDS)
            if last and _is_repeated(last, result, callback_at, now):
                return last
            number = next_number(connection, calls.c.number, self._member_id)
            if last and (result is not Result.CALLING or last.result is Result.CALLING):
                is_it = calls.c.number == last.number
                connection.execute(update(calls).where(self._ours, is_it).values(hidden_by=number))
            call = Call(number, record_id, user_id, result, callback_at, now)
            changed = next_number(connection, calls.c.changed, self._member_id)
            row = {**asdict(call), "member_id": self._member_id, "changed": changed}
            connection.execute(insert(calls).values(row))
        return call

    def undo(self, record_id: int, user_id: int, number: int) -> Call | None:
        """Hide a user's call, and show again what it has corrected.

        Returns None if there is nothing to hide.
        """
        is_it = (
            self._ours,
            calls.c.record_id == record_id,
            calls.c.user_id == user_id,
            calls.c.number == number,
            calls.c.hidden_by == 0,
        )
        with self._engine.begin() as connection:
            lock_portal(connection, self._member_id)
            row = connection.execute(select(calls).where(*is_it)).one_or_none()
            if row is None:
                return None
            corrected = calls.c.hidden_by == number
            connection.execute(update(calls).where(self._ours, corrected).values(hidden_by=0))
            changed = next_number(connection, calls.c.changed, self._member_id)
            hidden = update(calls).where(*is_it).values(hidden_by=number, changed=changed)
            connection.execute(hidden)
        return _call(row)

    def newest(self, record_id: int) -> list[Call]:
        shown = select(calls).where(self._ours, calls.c.hidden_by == 0)
        of_record = shown.where(calls.c.record_id == record_id)
        query = of_record.order_by(calls.c.number.desc()).limit(NEWEST)
        return [_call(row) for row in self._rows(query)]

    def latest_since(self, since: int, records: Iterable[int] | None = None) -> dict[int, Call]:
        """Return the latest call to each record, or to these, since a moment.

        A call back counts from the time on when it is due, too. Calls without a result count for
        CALLING_SECONDS.
        """
        table, now = calls.c, int(time.time())
        query = select(calls).where(
            self._ours,
            table.hidden_by == 0,
            table.made_at >= since - LONGEST_CALLBACK,
            or_(table.made_at >= since, table.callback_at >= since),
            or_(table.result != Result.CALLING, table.made_at > now - CALLING_SECONDS),
        )
        if records is not None:
            query = query.where(table.record_id.in_(list(records)))
        return {row.record_id: _call(row) for row in self._rows(query.order_by(table.number))}

    def mark(self) -> Mark:
        """Return the mark of a page that knows all calls as they are now."""
        now, query = int(time.time()), select(func.max(calls.c.changed))
        (found,) = self._values(query.where(self._ours))
        return Mark(found or 0, now)

    def changed_since(self, mark: Mark) -> frozenset[int]:
        """Return the records whose latest call looks different since then.

        Calls were added or hidden, were left without a result, or are due.
        """
        table, now = calls.c, int(time.time())
        ended = (table.result == Result.CALLING, table.made_at + CALLING_SECONDS)
        due = (table.result == Result.CALL_BACK, table.callback_at)
        query = select(table.record_id).where(
            self._ours,
            or_(
                table.changed > mark.changed,
                *(
                    and_(
                        table.made_at >= mark.moment - LONGEST_CALLBACK,
                        has_result,
                        moment > mark.moment,
                        moment <= now,
                    )
                    for has_result, moment in (ended, due)
                ),
            ),
        )
        return frozenset(self._values(query))

    def _last_of(
        self, connection: Connection, record_id: int, user_id: int, since: int
    ) -> Call | None:
        last = select(calls).order_by(calls.c.number.desc()).limit(1)
        query = last.where(
            self._ours,
            calls.c.record_id == record_id,
            calls.c.user_id == user_id,
            calls.c.hidden_by == 0,
            calls.c.made_at > since,
        )
        row = connection.execute(query).one_or_none()
        return _call(row) if row is not None else None


def _is_repeated(last: Call, result: Result, callback_at: int, now: int) -> bool:
    """Return whether a user notes the same call again."""
    same = (last.result, last.callback_at) == (result, callback_at)
    recent = last.made_at > now - REPEATED_SECONDS
    return same and (recent or result in {Result.CALLING, Result.CALL_BACK})


def _call(row: Row[Any]) -> Call:
    return Call(**{**fields_in(row, Call), "result": Result(row.result)})
