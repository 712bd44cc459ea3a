"""Access and refresh tokens per portal and user, and the claims to refresh them."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Engine, Row, Select, Update, delete, or_, select, update

from store.engine import InstallationEnded, for_reading, insert_for
from store.schema import portals, user_tokens
from store.vault import SealError, Vault


class TokensGone(LookupError):
    """The row was deleted: the portal removed the app, or the refresh token was invalid."""


@dataclass(frozen=True, slots=True)
class UserToken:
    """The tokens of one user on one portal.

    `expires_at` is in seconds since 1970; `oauth_url` is the authorization server that issued the
    tokens and can refresh them."""

    member_id: str
    user_id: int
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: int
    oauth_url: str


@dataclass(frozen=True, slots=True)
class RefreshClaim:
    """The right to refresh `token` once, until the lease or the `installation` ends."""

    token: UserToken
    lease: str
    installation: str = ""


class TokenStore:
    """One row per (member_id, user_id). Safe for threads, processes and hosts."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine = engine
        self._reading = for_reading(engine)
        self._vault = vault
        self._insert = insert_for(engine)

    def find(self, member_id: str, user_id: int) -> UserToken | None:
        """Return a user's tokens, or None if there are none that the keys open."""
        with self._reading.begin() as connection:
            row = connection.execute(_row(member_id, user_id)).one_or_none()
        return self._token(row) if row is not None else None

    def user_ids(self, member_id: str, limit: int, first: int = 0) -> list[int]:
        """Return the portal's users that have tokens, those with the latest expiry first.

        The user `first` comes before them.
        """
        table = user_tokens.c
        order = (table.user_id != first, table.expires_at.desc(), table.user_id)
        query = select(table.user_id).where(table.member_id == member_id).order_by(*order)
        with self._reading.begin() as connection:
            return list(connection.execute(query.limit(limit)).scalars())

    def oauth_url(self, member_id: str) -> str:
        """Return the authorization server of the portal's latest tokens, or ""."""
        table = user_tokens.c
        query = (
            select(user_tokens)
            .where(table.member_id == member_id)
            .order_by(table.expires_at.desc())
            .limit(1)
        )
        with self._reading.begin() as connection:
            row = connection.execute(query).one_or_none()
        token = self._token(row) if row is not None else None
        return token.oauth_url if token else ""

    def delete(self, member_id: str, user_id: int) -> None:
        table = user_tokens.c
        statement = delete(user_tokens).where(
            table.member_id == member_id, table.user_id == user_id
        )
        with self._engine.begin() as connection:
            connection.execute(statement)

    def retire(self, token: UserToken) -> None:
        """Delete tokens that do not work, unless others have replaced them since."""
        with self._engine.begin() as connection:
            query = _row(token.member_id, token.user_id).with_for_update()
            row = connection.execute(query).one_or_none()
            stored = self._token(row) if row is not None else None
            if stored and stored.access_token == token.access_token:
                table = user_tokens.c
                connection.execute(
                    delete(user_tokens).where(
                        table.member_id == token.member_id, table.user_id == token.user_id
                    )
                )

    def save_newer(self, token: UserToken, installation: str | None = None) -> None:
        """Store a launch's tokens unless the stored ones expire later: a reload posts old ones.

        Raises InstallationEnded if the portal has another `installation` by now.
        """
        self._upsert(token, installation, user_tokens.c.expires_at < token.expires_at)

    def save(self, token: UserToken, installation: str | None = None) -> None:
        """Store a launch's tokens in place of any others. Raises InstallationEnded."""
        self._upsert(token, installation)

    def _upsert(
        self, token: UserToken, installation: str | None, where: ColumnElement[bool] | None = None
    ) -> None:
        values = self._values(token) | {"lease": "", "lease_until": 0}
        statement = (
            self._insert(user_tokens)
            .values(member_id=token.member_id, user_id=token.user_id, **values)
            .on_conflict_do_update(
                index_elements=["member_id", "user_id"], set_=values, where=where
            )
        )
        with self._engine.begin() as connection:
            if installation is not None:
                # An uninstall locks this row, too, before it deletes all tokens.
                locked = connection.execute(_installation(token).with_for_update())
                if locked.scalar_one_or_none() != installation:
                    raise InstallationEnded
            connection.execute(statement)

    def claim(self, spent: UserToken, seconds: int) -> RefreshClaim | UserToken | None:
        """Ask for the right to refresh `spent`.

        Returns a RefreshClaim if the caller may refresh, the newer token if one has been stored
        since, or None while another worker refreshes. Raises TokensGone.

        A claim ends after `seconds` at the latest, so a worker that died does not block others."""
        with self._engine.begin() as connection:
            query = _row(spent.member_id, spent.user_id).with_for_update()
            row = connection.execute(query).one_or_none()
            token = self._token(row) if row is not None else None
            if row is None or token is None:
                raise TokensGone
            if token.access_token != spent.access_token:
                return token
            if row.lease and row.lease_until > time.time():
                return None
            lease = secrets.token_hex(16)
            connection.execute(
                _update(token).values(lease=lease, lease_until=int(time.time()) + seconds)
            )
            installation = str(connection.execute(_installation(token)).scalar_one())
        return RefreshClaim(token, lease, installation)

    def complete(self, claim: RefreshClaim, fresh: UserToken) -> bool:
        """End a claim with fresh tokens, and return whether they were stored.

        They are not if the row was deleted, if another worker or a launch has stored tokens that
        expire later, or if the app was installed again since."""
        table = user_tokens.c
        statement = (
            _update(fresh)
            .where(
                or_(table.lease == claim.lease, table.expires_at < fresh.expires_at),
                _installation(fresh).scalar_subquery() == claim.installation,
            )
            .values(**self._values(fresh), lease="", lease_until=0)
        )
        with self._engine.begin() as connection:
            return connection.execute(statement).rowcount == 1

    def release(self, claim: RefreshClaim) -> None:
        """End a claim without a result, so that another worker can try."""
        statement = _update(claim.token).where(user_tokens.c.lease == claim.lease)
        with self._engine.begin() as connection:
            connection.execute(statement.values(lease="", lease_until=0))

    def discard(self, claim: RefreshClaim) -> bool:
        """Delete tokens that cannot be refreshed any more. Return whether they were deleted.

        They are not if they have been replaced or deleted since the claim."""
        table = user_tokens.c
        statement = delete(user_tokens).where(
            table.member_id == claim.token.member_id,
            table.user_id == claim.token.user_id,
            table.lease == claim.lease,
        )
        with self._engine.begin() as connection:
            return connection.execute(statement).rowcount == 1

    def _values(self, token: UserToken) -> dict[str, str | int]:
        return {
            "access_token": self._vault.seal(token.access_token, _context(token, "access_token")),
            "refresh_token": self._vault.seal(
                token.refresh_token, _context(token, "refresh_token")
            ),
            "server": self._vault.seal(token.oauth_url, _context(token, "server")),
            "expires_at": token.expires_at,
        }

    def _token(self, row: Row[tuple[object, ...]]) -> UserToken | None:
        """Return the tokens of a row, or None if the keys do not open all that is sealed."""
        try:
            return UserToken(
                member_id=row.member_id,
                user_id=row.user_id,
                access_token=self._vault.open(row.access_token, _context(row, "access_token")),
                refresh_token=self._vault.open(row.refresh_token, _context(row, "refresh_token")),
                expires_at=row.expires_at,
                oauth_url=self._vault.open(row.server, _context(row, "server")),
            )
        except SealError:
            return None


def _row(member_id: str, user_id: int) -> Select[*tuple[Any, ...]]:
    table = user_tokens.c
    return select(user_tokens).where(table.member_id == member_id, table.user_id == user_id)


def _installation(token: UserToken) -> Select[str]:
    return select(portals.c.installation).where(portals.c.member_id == token.member_id)


def _update(token: UserToken) -> Update:
    table = user_tokens.c
    return update(user_tokens).where(
        table.member_id == token.member_id, table.user_id == token.user_id
    )


def _context(owner: UserToken | Row[tuple[object, ...]], column: str) -> str:
    return f"user_tokens/{owner.member_id}/{owner.user_id}/{column}"
