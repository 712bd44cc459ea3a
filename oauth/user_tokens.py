"""A user's access token, renewed once however many threads and processes find it expired."""

from __future__ import annotations

import threading
import time

from bitrix24.errors import NoAnswer, SessionEnded
from oauth.authorization_server import AuthorizationServer
from store.tokens import RefreshClaim, TokensGone, TokenStore, UserToken

LEEWAY = 60
"""Seconds before its expiry at which a token is renewed rather than used."""
POLL = 0.05
"""Seconds between looks at whether another process has finished its renewal."""
SPARE = 10
"""A claim outlives the longest request by so many seconds, to store what the request brought."""

_turns = tuple(threading.Lock() for _ in range(1024))
"""The threads of this process that renew one user's token stand in line here, so that only one of
them asks the database. Users share the locks by hash: sharing costs a wait, never a mistake."""


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

    def oauth_url(self) -> str:
        """The authorization server that knows these tokens. Raises SessionEnded."""
        return (self._token or self._stored()).oauth_url

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
        turn = _turns[hash((self._member_id, self._user_id)) % len(_turns)]
        if not turn.acquire(timeout=self._server.timeout):
            raise NoAnswer("RefreshTimeout")
        try:
            return self._claimed(spent, deadline)
        except TokensGone:
            raise SessionEnded("NO_TOKEN") from None
        finally:
            turn.release()

    def _claimed(self, spent: UserToken, deadline: float) -> UserToken:
        while True:
            turn = self._store.claim(spent, int(self._server.timeout) + SPARE)
            if isinstance(turn, UserToken):
                return turn
            if turn is not None:
                return self._refreshed(turn)
            if time.monotonic() > deadline:
                raise NoAnswer("RefreshTimeout")
            time.sleep(POLL)

    def _refreshed(self, claim: RefreshClaim) -> UserToken:
        try:
            fresh = self._server.refresh(claim.token)
        except SessionEnded:
            if self._store.discard(claim):
                raise
            # A launch or another worker has stored better tokens while we asked.
            return self._stored()
        except BaseException:
            self._store.release(claim)
            raise
        return fresh if self._store.complete(claim, fresh) else self._stored()
