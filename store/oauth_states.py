"""States of the authorization-code flow. Each is valid once, for ten minutes, in one browser."""

import hashlib
import secrets
import time

from sqlalchemy import delete, insert, select

from store.engine import Store, lock_portal
from store.schema import oauth_states

LIFETIME = 600
"""Seconds."""
MOST = 1000
"""States of one portal that are kept. Any browser can ask for one, so the oldest make room."""
SURPLUS_AT_ONCE = 10


class OAuthStateStore(Store):
    def issue(self, member_id: str, browser: str) -> str:
        """Return a new state for this portal. `browser` is a secret that the browser keeps."""
        state, now, table = secrets.token_urlsafe(32), int(time.time()), oauth_states.c
        of_portal = table.member_id == member_id
        newest = select(table.state).where(of_portal).order_by(table.expires_at.desc())
        surplus = newest.offset(MOST - 1).limit(SURPLUS_AT_ONCE)
        with self._engine.begin() as connection:
            lock_portal(connection, member_id)
            connection.execute(delete(oauth_states).where(table.state.in_(surplus)))
            connection.execute(
                insert(oauth_states).values(
                    state=_digest(state),
                    browser=_digest(browser),
                    member_id=member_id,
                    expires_at=now + LIFETIME,
                )
            )
        return state

    def consume(self, state: str, browser: str) -> str | None:
        """Delete a state and return its member_id, or None. One statement, so only once."""
        table = oauth_states.c
        statement = (
            delete(oauth_states)
            .where(
                table.state == _digest(state),
                table.browser == _digest(browser),
                table.expires_at >= int(time.time()),
            )
            .returning(table.member_id)
        )
        with self._engine.begin() as connection:
            return connection.execute(statement).scalar_one_or_none()


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
