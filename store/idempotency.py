"""What has come of each attempt to make something, so that a form which is sent twice makes one.

An attempt is a random word in a form. It is kept as a digest, like what was asked for with it.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, insert, select, update

from store.engine import lock_portal
from store.schema import attempts

KEPT = 24 * 3600
"""Seconds; nobody waits for an answer of yesterday."""
MOST = 200
"""Attempts of one user that are kept, the latest."""


@dataclass(frozen=True, slots=True)
class AttemptClaim:
    """The right to make what an attempt is for, until the lease runs out.

    `again` says that it was claimed before. Then `made` is what came of it, a record's number or a
    customer's key, "" where nobody knows; `change` is its row in the history, `same` whether this
    was asked for, and `newest` what the first claim was given."""

    member_id: str
    user_id: int
    attempt: str
    wish: str
    lease: str
    again: bool = False
    made: str = ""
    change: int | None = None
    same: bool = True
    newest: int = 0


class AttemptStore:
    """One row per (member_id, user_id, attempt). Safe for threads, processes and hosts."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def claim(
        self, member_id: str, user_id: int, attempt: str, wish: str, newest: int, seconds: int
    ) -> AttemptClaim | None:
        """Asks to make what `wish` says; None while another worker is at it. Others wait `seconds`
        at most for a claim to end, then take it over: its worker has died."""
        now, lease = int(time.time()), secrets.token_hex(16)
        # What was asked for may be short and easy to guess; together with the attempt it is not.
        claim = AttemptClaim(member_id, user_id, _digest(attempt), _digest(attempt + wish), lease)
        held = {"lease": lease, "lease_until": now + seconds}
        with self._engine.begin() as connection:
            lock_portal(connection, member_id)
            query = select(attempts).where(_is(claim)).with_for_update()
            known = connection.execute(query).one_or_none()
            if known is None:
                self._forget_old(connection, claim, now)
                row = {
                    "member_id": member_id,
                    "user_id": user_id,
                    "attempt": claim.attempt,
                    "wish": claim.wish,
                    "made": "",
                    "newest": newest,
                    "claimed_at": now,
                }
                connection.execute(insert(attempts).values(**row, **held))
                return claim
            if known.lease and known.lease_until > now:
                return None
            connection.execute(update(attempts).where(_is(claim)).values(**held))
        return replace(
            claim,
            again=True,
            made=known.made,
            change=known.change_id,
            same=known.wish == claim.wish,
            newest=known.newest,
        )

    def hold(self, claim: AttemptClaim, seconds: int) -> bool:
        """Has the lease begin anew. Answers False when another worker has taken it over."""
        return self._write(claim, lease_until=int(time.time()) + seconds)

    def keep(self, claim: AttemptClaim, made: str, change: int | None = None) -> None:
        """Notes what has come of it, so that it is known whatever happens next."""
        self._write(claim, made=made, change_id=change, wish=claim.wish)

    def end(self, claim: AttemptClaim) -> None:
        """Ends a claim; what is known of the attempt stays."""
        self._write(claim, lease="", lease_until=0)

    def forget(self, claim: AttemptClaim) -> None:
        """Ends a claim of which nothing has come: the next is the first again."""
        with self._engine.begin() as connection:
            connection.execute(delete(attempts).where(_is_held(claim)))

    def _write(self, claim: AttemptClaim, **values: str | int | None) -> bool:
        statement = update(attempts).where(_is_held(claim)).values(**values)
        with self._engine.begin() as connection:
            return connection.execute(statement).rowcount == 1

    @staticmethod
    def _forget_old(connection: Connection, claim: AttemptClaim, now: int) -> None:
        table = attempts.c
        connection.execute(delete(attempts).where(table.claimed_at < now - KEPT))
        mine = and_(table.member_id == claim.member_id, table.user_id == claim.user_id)
        newest_first = select(table.claimed_at).where(mine).order_by(table.claimed_at.desc())
        eldest = connection.execute(newest_first.offset(MOST - 1).limit(1)).scalar_one_or_none()
        if eldest is not None:
            connection.execute(delete(attempts).where(mine, table.claimed_at <= eldest))


def _is(claim: AttemptClaim) -> ColumnElement[bool]:
    table = attempts.c
    return and_(
        table.member_id == claim.member_id,
        table.user_id == claim.user_id,
        table.attempt == claim.attempt,
    )


def _is_held(claim: AttemptClaim) -> ColumnElement[bool]:
    return and_(_is(claim), attempts.c.lease == claim.lease)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
