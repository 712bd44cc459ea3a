"""A user's access token, renewed once however many threads and processes find it expired."""

from __future__ import annotations

import time
from dataclasses import replace

from bitrix24.errors import NoAnswer, SessionEnded
from oauth.server import AuthorizationServer
from store.tokens import Claim, TokenStore, UserToken

LEEWAY = 60
"""Seconds before its expiry at which a token is renewed rather than used."""
POLL = 0.05
"""Seconds between looks at whether another worker has finished its renewal."""


class UserTokens:
    """The tokens of one user of one portal, as `bitrix24.client.TokenSource` wants them."""

    def __init__(
        self, store: TokenStore, server: AuthorizationServer, member_id: str, user_id: int
    ) -> None:
        self._store = store
        self._server = server
        self._member_id = member_id
        self._user_id = user_id
        self._token: UserToken | None = None

    def access_token(self) -> str:
        """Raises SessionEnded when this user has to open the app again."""
        token = self._token or self._stored()
        if token.expires_at - LEEWAY <= time.time():
            token = self._renewed(token)
        self._token = token
        return token.access_token

    def renew(self, spent: str) -> str:
        """Another access token than `spent`."""
        token = self._token or self._stored()
        if token.access_token == spent:
            token = self._renewed(token)
        self._token = token
        return token.access_token

    def _stored(self) -> UserToken:
        token = self._store.find(self._member_id, self._user_id)
        if token is None:
            raise SessionEnded("NO_TOKEN")
        return token

    def _renewed(self, spent: UserToken) -> UserToken:
        deadline = time.monotonic() + self._server.timeout
        while time.monotonic() < deadline:
            turn = self._store.claim(spent)
            if isinstance(turn, UserToken):
                return turn
            if turn is not None:
                return self._refresh(turn)
            self._stored()  # raises when the portal has been uninstalled meanwhile
            time.sleep(POLL)
        raise NoAnswer("RefreshTimeout")

    def _refresh(self, claim: Claim) -> UserToken:
        fresh: UserToken | None = None
        try:
            grant = self._server.refresh(claim.token.oauth_url, claim.token.refresh_token)
            fresh = replace(
                claim.token,
                access_token=grant.access_token,
                refresh_token=grant.refresh_token,
                expires_at=grant.expires_at,
            )
        except SessionEnded:
            # Perhaps a launch stored better tokens while we asked; else this grant is dead, and
            # any launch may overwrite it.
            fresh = replace(claim.token, expires_at=0)
            stored = self._stored()
            if stored.access_token == claim.token.access_token:
                raise
            return stored
        finally:
            self._store.settle(claim, fresh)
        return self._stored()
