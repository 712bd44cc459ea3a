"""A user's access token, refreshed once even if many processes need it."""

import threading
import time

from bitrix24.errors import NoAnswer, SessionEnded
from oauth.authorization_server import AuthorizationServer
from store.tokens import RefreshClaim, TokensGone, TokenStore, UserToken

NO_TOKEN = "NO_TOKEN"  # noqa: S105 - an error code
"""No tokens are stored, or none that the keys open."""
LEEWAY = 60
"""A token is refreshed this many seconds before it expires."""
POLL = 0.05
"""Seconds between checks whether another process has finished its refresh."""
REQUESTS = 2
"""A refresh costs a second request when its answer does not name the owner of the tokens."""
CLAIM_MARGIN = 10
"""Seconds by which a claim outlives the longest refresh, to leave time for storing the tokens."""

_locks = tuple(threading.Lock() for _ in range(1024))
"""One thread of this process refreshes a user's token and polls the database; the others wait here.
Users share the locks by hash, which may cost a wait."""


class UserTokens:
    """The tokens of one user of one portal. Implements `bitrix24.client.TokenSource`."""

    def __init__(
        self, store: TokenStore, server: AuthorizationServer, member_id: str, user_id: int
    ) -> None:
        self._store = store
        self._server = server
        self._member_id = member_id
        self._user_id = user_id
        self._token: UserToken | None = None

    def oauth_url(self) -> str:
        """Return the authorization server that issued the tokens. Raises SessionEnded."""
        return (self._token or self._load()).oauth_url

    def access_token(self) -> str:
        """Return a valid token. Raises SessionEnded when the user has to open the app again."""
        token = self._token or self._load()
        if token.expires_at - LEEWAY <= time.time():
            token = self._refresh(token)
        self._token = token
        return token.access_token

    def renew(self, spent: str) -> str:
        """Return another token than `spent`. Raises SessionEnded."""
        token = self._token or self._load()
        if token.access_token == spent:
            token = self._refresh(token)
        self._token = token
        return token.access_token

    def retire(self, refused: str) -> None:
        """Delete the stored tokens if `refused` is still the access token."""
        if self._token and self._token.access_token == refused:
            self._store.retire(self._token)

    def _load(self) -> UserToken:
        token = self._store.find(self._member_id, self._user_id)
        if token is None:
            raise SessionEnded(NO_TOKEN)
        return token

    def _refresh(self, spent: UserToken) -> UserToken:
        deadline = time.monotonic() + self._server.timeout
        lock = _locks[hash((self._member_id, self._user_id)) % len(_locks)]
        if not lock.acquire(timeout=self._server.timeout):
            raise NoAnswer("RefreshTimeout")
        try:
            return self._refresh_once(spent, deadline)
        except TokensGone:
            raise SessionEnded(NO_TOKEN) from None
        finally:
            lock.release()

    def _refresh_once(self, spent: UserToken, deadline: float) -> UserToken:
        while True:
            claim = self._store.claim(spent, int(REQUESTS * self._server.timeout) + CLAIM_MARGIN)
            if isinstance(claim, UserToken):
                return claim
            if claim is not None:
                return self._refresh_claimed(claim)
            if time.monotonic() > deadline:
                raise NoAnswer("RefreshTimeout")
            time.sleep(POLL)

    def _refresh_claimed(self, claim: RefreshClaim) -> UserToken:
        try:
            fresh = self._server.refresh(claim.token)
        except SessionEnded:
            if self._store.discard(claim):
                raise
            # A launch or another worker has stored newer tokens in the meantime.
            return self._load()
        except BaseException:
            self._store.release(claim)
            raise
        return fresh if self._store.complete(claim, fresh) else self._load()
