"""The OAuth server's tokens: access (1 h), refresh (for one use), codes (30 s).

The docs say that a refresh replaces the refresh token, but not whether the old one still works.
Here it does not, so that an application that loses the new one notices.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from threading import RLock

from sandbox.core.application import AccessToken, AuthCode, OAuthState, RefreshToken
from sandbox.core.clock import Clock
from sandbox.core.errors import RestError

ACCESS_SECONDS = 3600
REFRESH_SECONDS = 180 * 24 * 3600
CODE_SECONDS = 30
_KEEP_EXPIRED = 24 * 3600


@dataclass(frozen=True)
class Grant:
    """A new pair of tokens."""

    access_token: str
    refresh_token: str
    member_id: str
    user_id: int
    scope: str
    expires: float


class TokenStore:
    def __init__(self, state: OAuthState, clock: Clock) -> None:
        self.state = state
        self._clock = clock
        self._lock = RLock()

    def issue(
        self, member_id: str, user_id: int, scope: str, event_ttl: int | None = None
    ) -> Grant:
        now = self._clock.now()
        access, refresh = secrets.token_hex(35), secrets.token_hex(35)
        with self._lock:
            self._prune(now)
            expires = now + ACCESS_SECONDS
            self.state.access[access] = AccessToken(member_id, user_id, scope, expires, event_ttl)
            self.state.refresh[refresh] = RefreshToken(member_id, user_id, now + REFRESH_SECONDS)
        return Grant(access, refresh, member_id, user_id, scope, expires)

    def refresh(self, token: str, scope: str) -> Grant:
        with self._lock:
            known = self.state.refresh.pop(token, None)
        if known is None or known.expires < self._clock.now():
            raise RestError("invalid_grant", "Invalid refresh token")
        return self.issue(known.member_id, known.user_id, scope)

    def find_member(self, refresh_or_code: str) -> str | None:
        """Return the member_id that a refresh token or code was issued for."""
        state = self.state
        known = state.refresh.get(refresh_or_code) or state.codes.get(refresh_or_code)
        return known.member_id if known else None

    def issue_code(self, member_id: str, user_id: int) -> str:
        code = secrets.token_hex(25)
        expires = self._clock.now() + CODE_SECONDS
        with self._lock:
            self.state.codes[code] = AuthCode(member_id, user_id, expires)
        return code

    def exchange_code(self, code: str, scope: str) -> Grant:
        with self._lock:
            known = self.state.codes.get(code)
            if known is None:
                raise RestError("invalid_grant", "Invalid authorization code")
            if known.used or known.expires < self._clock.now():
                raise RestError("bad_verification_code", "The code was used or has expired")
            known.used = True
        return self.issue(known.member_id, known.user_id, scope)

    def find(self, token: str) -> AccessToken | None:
        return self.state.access.get(token)

    def is_expired(self, token: AccessToken) -> bool:
        return token.expires <= self._clock.now()

    def expire_access(self, member_id: str | None = None) -> int:
        """Let the access tokens of one portal, or all, expire now; returns their number."""
        past = self._clock.now() - 1
        with self._lock:
            tokens = [t for t in self.state.access.values() if member_id in (None, t.member_id)]
            for token in tokens:
                token.expires = min(token.expires, past)
        return len(tokens)

    def revoke(self, member_id: str) -> None:
        """Drop all tokens and codes of a portal, as a new installation does."""
        with self._lock:
            self._drop(lambda row: row.member_id == member_id)

    def _prune(self, now: float) -> None:
        if len(self.state.access) % 500 == 0:
            self._drop(lambda row: row.expires <= now - _KEEP_EXPIRED)

    def _drop(self, is_dropped: Callable[[AccessToken | RefreshToken | AuthCode], bool]) -> None:
        for name in ("access", "refresh", "codes"):
            rows = getattr(self.state, name)
            setattr(self.state, name, {k: v for k, v in rows.items() if not is_dropped(v)})
