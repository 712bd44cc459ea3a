"""The results of attempts. A form that is sent twice creates one record or customer.

An attempt is a random word in a form. The word and what was asked for are stored as digests.
"""

import hashlib
import secrets
import time
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update

from store.engine import Store, lock_portal
from store.pending.elapsed import Moment
from store.schema import attempts

RETENTION = 24 * 3600
"""Seconds for which an attempt is kept."""
MOST = 200
"""The number of attempts kept per user. Older ones are deleted."""


@dataclass(frozen=True, slots=True)
class AttemptClaim:
    """The right to carry out an attempt until the lease expires.

    `again` says that it was claimed before. Then `made` is its result so far: a record's ID, a
    customer's key, or "" if unknown. `change` is its row in the history, `same` says whether the
    earlier claim asked for the same thing, and `newest` is what the first claim passed. `asked` is
    when the portal was last asked to create something, None if never."""

    member_id: str
    user_id: int
    attempt: str
    fingerprint: str
    lease: str
    again: bool = False
    made: str = ""
    change: int | None = None
    same: bool = True
    newest: int = 0
    asked: Moment | None = None


class AttemptStore(Store):
    """One row per (member_id, user_id, attempt). Safe for threads, processes and hosts."""

    def is_known(self, member_id: str, user_id: int, attempt: str) -> bool:
        """Return whether an attempt is claimed, has made something, or may have."""
        query = select(attempts.c.attempt).where(
            attempts.c.member_id == member_id,
            attempts.c.user_id == user_id,
            attempts.c.attempt == _digest(attempt),
        )
        return bool(self._values(query))

    def claim(
        self,
        member_id: str,
        user_id: int,
        attempt: str,
        fingerprint: str,
        newest: int,
        seconds: int,
    ) -> AttemptClaim | None:
        """Ask for the right to carry out an attempt. Return None while another worker has it.

        A claim ends after `seconds` at the latest, so a worker that died does not block others.
        `newest` is the ID of the latest known record."""
        now, lease = int(time.time()), secrets.token_hex(16)
        # A fingerprint may be short and easy to guess. Hashed together with the attempt it is not.
        claim = AttemptClaim(
            member_id, user_id, _digest(attempt), _digest(attempt + fingerprint), lease
        )
        held = {"lease": lease, "lease_until": now + seconds}
        with self._engine.begin() as connection:
            lock_portal(connection, member_id)
            query = select(attempts).where(_is(claim)).with_for_update()
            known = connection.execute(query).one_or_none()
            if known is None:
                self._make_room(connection, claim)
                row = {
                    "member_id": member_id,
                    "user_id": user_id,
                    "attempt": claim.attempt,
                    "fingerprint": claim.fingerprint,
                    "made": "",
                    "newest": newest,
                    "claimed_at": now,
                }
                connection.execute(insert(attempts).values(**row, **held))
                return claim
            # An end that is further away was written before the clock was set back.
            if known.lease and now < known.lease_until <= now + seconds:
                return None
            connection.execute(update(attempts).where(_is(claim)).values(**held))
        return replace(
            claim,
            again=True,
            made=known.made,
            change=known.change_id,
            same=known.fingerprint == claim.fingerprint,
            newest=known.newest,
            asked=Moment.asked_in(known) if known.asked_at else None,
        )

    def extend(self, claim: AttemptClaim, seconds: int) -> bool:
        """Start the lease again, and note that the portal is asked now.

        Returns False if another worker has taken the claim over.
        """
        now = Moment.now()
        return self._change(claim, lease_until=now.at + seconds, **now.asked_columns)

    def save_result(self, claim: AttemptClaim, made: str, change: int | None = None) -> None:
        self._change(claim, made=made, change_id=change, fingerprint=claim.fingerprint)

    def release(self, claim: AttemptClaim) -> None:
        """End a claim and keep the result of its attempt."""
        self._change(claim, lease="", lease_until=0)

    def discard(self, claim: AttemptClaim) -> None:
        """End a claim that created nothing. The next claim counts as the first again."""
        self._write(delete(attempts).where(_is_held(claim)))

    def _change(self, claim: AttemptClaim, **values: str | int | None) -> bool:
        return self._write(update(attempts).where(_is_held(claim)).values(**values)) == 1

    @staticmethod
    def _make_room(connection: Connection, claim: AttemptClaim) -> None:
        """Delete this user's oldest attempts. Old ones of all users: store/retention.py."""
        table = attempts.c
        mine = and_(table.member_id == claim.member_id, table.user_id == claim.user_id)
        newest_first = select(table.claimed_at).where(mine).order_by(table.claimed_at.desc())
        oldest = connection.execute(newest_first.offset(MOST - 1).limit(1)).scalar_one_or_none()
        if oldest is not None:
            connection.execute(delete(attempts).where(mine, table.claimed_at <= oldest))


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
