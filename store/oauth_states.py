"""States of the authorization-code flow. Each is valid once, for ten minutes, in one browser."""

from __future__ import annotations

import hashlib
import secrets
import time

from sqlalchemy import Engine, delete, insert

from store.schema import oauth_states

LIFETIME = 600
"""Seconds."""


class OAuthStateStore:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def issue(self, member_id: str, browser: str) -> str:
        """Return a new state for this portal. `browser` is a secret that the browser keeps."""
        state, now = secrets.token_urlsafe(32), int(time.time())
        with self._engine.begin() as connection:
            connection.execute(delete(oauth_states).where(oauth_states.c.expires_at < now))
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
