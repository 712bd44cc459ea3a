"""Access and refresh tokens per portal and user, and the claims to refresh them."""

import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, delete, or_, select, update

from store.engine import InstallationEnded, SealedStore
from store.schema import portals, user_tokens
from store.vault import SealError


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


class TokenStore(SealedStore):
    """One row per (member_id, user_id). Safe for threads, processes and hosts."""

    def find(self, member_id: str, user_id: int) -> UserToken | None:
        """Return a user's tokens, or None if there are none that the keys open."""
        row = self._row(select(user_tokens).where(*_of_user(member_id, user_id)))
        return self._token(row) if row is not None else None

    def user_ids(self, member_id: str, limit: int, first: int = 0) -> list[int]:
        """Return the portal's users that have tokens, those with the latest expiry first.

        The user `first` comes before them.
        """
        table = user_tokens.c
        order = (table.user_id != first, table.expires_at.desc(), table.user_id)
        query = select(table.user_id).where(table.member_id == member_id).order_by(*order)
        return list(self._values(query.limit(limit)))

    def oauth_url(self, member_id: str) -> str:
        """Return the authorization server of the portal's latest tokens, or ""."""
        table = user_tokens.c
        query = (
            select(user_tokens)
            .where(table.member_id == member_id)
            .order_by(table.expires_at.desc())
            .limit(1)
        )
        row = self._row(query)
        token = self._token(row) if row is not None else None
        return token.oauth_url if token else ""

    def delete(self, member_id: str, user_id: int) -> None:
        self._write(delete(user_tokens).where(*_of_user(member_id, user_id)))

    def retire(self, token: UserToken) -> None:
        """Delete tokens that do not work, unless others have replaced them since."""
        with self._engine.begin() as connection:
            query = select(user_tokens).where(*_of(token)).with_for_update()
            row = connection.execute(query).one_or_none()
            stored = self._token(row) if row is not None else None
            if stored and stored.access_token == token.access_token:
                connection.execute(delete(user_tokens).where(*_of(token)))

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
        values = self._sealed(token) | {"lease": "", "lease_until": 0}
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
            query = select(user_tokens).where(*_of(spent)).with_for_update()
            row = connection.execute(query).one_or_none()
            token = self._token(row) if row is not None else None
            if row is None or token is None:
                raise TokensGone
            if token.access_token != spent.access_token:
                return token
            if row.lease and row.lease_until > time.time():
                return None
            lease = secrets.token_hex(16)
            held = {"lease": lease, "lease_until": int(time.time()) + seconds}
            connection.execute(update(user_tokens).where(*_of(token)).values(held))
            installation = str(connection.execute(_installation(token)).scalar_one())
        return RefreshClaim(token, lease, installation)

    def complete(self, claim: RefreshClaim, fresh: UserToken) -> bool:
        """End a claim with fresh tokens, and return whether they were stored.

        They are not if the row was deleted, if another worker or a launch has stored tokens that
        expire later, or if the app was installed again since."""
        table = user_tokens.c
        statement = (
            update(user_tokens)
            .where(
                *_of(fresh),
                or_(table.lease == claim.lease, table.expires_at < fresh.expires_at),
                _installation(fresh).scalar_subquery() == claim.installation,
            )
            .values(**self._sealed(fresh), lease="", lease_until=0)
        )
        return self._write(statement) == 1

    def release(self, claim: RefreshClaim) -> None:
        """End a claim without a result, so that another worker can try."""
        held = update(user_tokens).where(*_of(claim.token), user_tokens.c.lease == claim.lease)
        self._write(held.values(lease="", lease_until=0))

    def discard(self, claim: RefreshClaim) -> bool:
        """Delete tokens that cannot be refreshed any more. Return whether they were deleted.

        They are not if they have been replaced or deleted since the claim."""
        held = (*_of(claim.token), user_tokens.c.lease == claim.lease)
        return self._write(delete(user_tokens).where(*held)) == 1

    def _sealed(self, token: UserToken) -> dict[str, str | int]:
        return {
            "access_token": self._vault.seal(token.access_token, _context(token, "access_token")),
            "refresh_token": self._vault.seal(
                token.refresh_token, _context(token, "refresh_token")
            ),
            "server": self._vault.seal(token.oauth_url, _context(token, "server")),
            "expires_at": token.expires_at,
        }

    def _token(self, row: Row[Any]) -> UserToken | None:
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


def _of_user(member_id: str, user_id: int) -> tuple[ColumnElement[bool], ...]:
    return user_tokens.c.member_id == member_id, user_tokens.c.user_id == user_id


def _of(token: UserToken) -> tuple[ColumnElement[bool], ...]:
    return _of_user(token.member_id, token.user_id)


def _installation(token: UserToken) -> Select[str]:
    return select(portals.c.installation).where(portals.c.member_id == token.member_id)


def _context(owner: UserToken | Row[Any], column: str) -> str:
    return f"user_tokens/{owner.member_id}/{owner.user_id}/{column}"
