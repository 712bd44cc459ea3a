"""The Bitrix24 authorization server: asks who a token belongs to, and trades tokens.

The only module that holds the application's secret. It sends it to the configured servers only.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from msgspec import Struct

from bitrix24.answers import decode
from bitrix24.errors import NoAnswer, error_from
from bitrix24.exchange import Exchange, Observer, ignore, observed
from bitrix24.http.transport import Transport
from store.tokens import UserToken

UNKNOWN_LIFETIME = 60
"""Seconds an access token is trusted for when its answer does not say how long it lives."""


@dataclass(frozen=True, slots=True)
class TokenOwner:
    """What the authorization server says of an access token: whose it is, where it works, and
    until when (`expires_at`, seconds since 1970)."""

    client_id: str
    member_id: str
    client_endpoint: str
    user_id: int
    expires_at: int
    installed: bool


@dataclass(frozen=True, slots=True)
class Grant:
    """Fresh tokens. The refresh token replaces the one that was used."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: int


class _Install(Struct, frozen=True):
    member_id: str
    client_endpoint: str
    installed: bool = False


class _AppInfo(Struct, frozen=True):
    client_id: str
    install: _Install
    user_id: int
    expires: str = ""


class AuthorizationServer:
    """`oauth_urls` are the servers allowed; nothing a browser or a portal says can add one."""

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        oauth_urls: tuple[str, ...],
        transport: Transport,
        observer: Observer = ignore,
    ) -> None:
        self._client_id = client_id
        self._client_secret = client_secret
        self._oauth_urls = oauth_urls
        self._transport = transport
        self._observer = observer
        self.timeout = transport.timeout

    def authorize_url(self, portal_origin: str, state: str) -> str:
        """Where a browser asks the portal to let its user into the app. The portal sends it back
        to the address registered for the app; a redirect_uri is not a parameter."""
        query = urlencode({"client_id": self._client_id, "state": state})
        return f"{portal_origin}/oauth/authorize/?{query}"

    def choose(self, server_endpoint: str) -> str:
        """The allowed server that a posted SERVER_ENDPOINT means, or the first of them."""
        for oauth_url in self._oauth_urls:
            if _origin(server_endpoint) == _origin(oauth_url):
                return oauth_url
        return self._oauth_urls[0]

    def owner(self, oauth_url: str, access_token: str) -> TokenOwner:
        """Asks `app.info`. Raises PortalError; an answer of another shape is NoAnswer."""
        with observed(self._observer, Exchange("app.info")) as exchange:
            owner = self._owner(oauth_url, access_token)
            exchange.member_id, exchange.user_id = owner.member_id, owner.user_id
            exchange.status = 200
            return owner

    def _owner(self, oauth_url: str, access_token: str) -> TokenOwner:
        answer = self._transport.post_form(f"{oauth_url}/rest/app.info", {"auth": access_token})
        if "error" in answer.body:
            raise error_from(answer.body, answer.status)
        told = decode(answer.body.get("result"), _AppInfo)
        return TokenOwner(
            client_id=told.client_id,
            member_id=told.install.member_id,
            client_endpoint=told.install.client_endpoint,
            user_id=told.user_id,
            expires_at=_expiry(told.expires),
            installed=told.install.installed,
        )

    def refresh(self, token: UserToken) -> UserToken:
        """Trades a refresh token for fresh tokens of the same user. Raises SessionEnded when it
        is not good any more."""
        grant = self._grant(
            Exchange("oauth.token", token.member_id, token.user_id),
            lambda: self._session().refresh_token(
                f"{token.oauth_url}/oauth/token/",
                refresh_token=token.refresh_token,
                allow_redirects=False,
                timeout=self.timeout,
            ),
        )
        return replace(
            token,
            access_token=grant.access_token,
            refresh_token=grant.refresh_token,
            expires_at=grant.expires_at,
        )

    def exchange(self, oauth_url: str, code: str) -> Grant:
        """Trades the code of the authorization-code flow; it lives for 30 seconds."""
        return self._grant(
            Exchange("oauth.token"),
            lambda: self._session().fetch_token(
                f"{oauth_url}/oauth/token/",
                code=code,
                grant_type="authorization_code",
                allow_redirects=False,
                timeout=self.timeout,
            ),
        )

    def _session(self) -> OAuth2Session:
        """One for each trade, as it remembers tokens. Its connections are the transport's, so it
        is never to be closed."""
        session = OAuth2Session(
            self._client_id,
            self._client_secret,
            token_endpoint_auth_method="client_secret_post",  # noqa: S106
        )
        self._transport.configure(session)
        return session

    def _grant(self, exchange: Exchange, trade: Callable[[], Any]) -> Grant:
        with observed(self._observer, exchange):
            grant = _read_grant(self._traded(trade))
            exchange.status = 200
            return grant

    @staticmethod
    def _traded(trade: Callable[[], Any]) -> Any:
        try:
            return trade()
        except OAuthError as error:
            raise error_from({"error": error.error}, 400) from None
        except (requests.RequestException, OSError, ValueError) as error:
            raise NoAnswer(type(error).__name__) from None
        except (TypeError, AttributeError, OverflowError, RecursionError):
            raise NoAnswer("NotAGrant") from None


def _read_grant(token: Mapping[str, Any]) -> Grant:
    try:
        lifetime = int(token.get("expires_in") or UNKNOWN_LIFETIME)
        return Grant(
            access_token=str(token["access_token"]),
            refresh_token=str(token["refresh_token"]),
            expires_at=int(time.time()) + lifetime,
        )
    except (KeyError, TypeError, ValueError):
        raise NoAnswer("NotAGrant") from None


def _origin(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    return parts.scheme, parts.netloc.lower()


def _expiry(value: object) -> int:
    """`expires` is an ISO time in app.info, seconds since 1970 in a refresh answer."""
    try:
        return int(str(value))
    except ValueError:
        pass
    try:
        return int(datetime.fromisoformat(str(value)).timestamp())
    except (ValueError, OverflowError):
        return int(time.time()) + UNKNOWN_LIFETIME
