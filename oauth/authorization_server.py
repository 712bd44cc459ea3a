"""The Bitrix24 authorization server: finds the owner of a token, refreshes tokens, trades codes.

Only this module holds the application's secret. It sends the secret to the configured servers only.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session

from bitrix24.answers import decode
from bitrix24.errors import ODD_ANSWER, NoAnswer, SessionEnded, error_from
from bitrix24.exchange import Exchange, Observer, ignore, observed
from bitrix24.http.reasons import reason_of
from bitrix24.http.transport import Transport
from bitrix24.isolation.browser_request import seconds_left
from bitrix24.limits import Limits
from oauth.portal_address import normalize_endpoint
from oauth.server_answers import AppInfo, Grant, TokenAnswer, TokenOwner, read_expiry
from store.tokens import UserToken

Report = Callable[[Mapping[str, Any]], None]
"""Writes a line into the security log."""


class ForeignTokens(SessionEnded):
    """The server issued tokens of another application, portal or user. They are dropped."""


class AuthorizationServer:
    """Client of the authorization servers at `oauth_urls`.

    A browser, a portal or a stored row can choose one of these servers but never add one.
    """

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        oauth_urls: tuple[str, ...],
        transport: Transport,
        observer: Observer = ignore,
        report: Report = lambda _: None,
        limits: Limits | None = None,
    ) -> None:
        self._client_id = client_id
        self._client_secret = client_secret
        self._oauth_urls = oauth_urls
        self._transport = transport
        self._observer = observer
        self._report = report
        self._limits = limits or Limits()

    @property
    def timeout(self) -> float:
        """Return the seconds that a request may take: fewer near a browser request's end."""
        return seconds_left(self._transport.timeout)

    def authorize_url(self, portal_origin: str, state: str) -> str:
        """Return the portal's page that authorizes the app for the browser's user.

        The portal then redirects to the address registered for the app; there is no redirect_uri.
        """
        query = urlencode({"client_id": self._client_id, "state": state})
        return f"{portal_origin}/oauth/authorize/?{query}"

    def choose_urls(self, server_endpoint: str, stored: str) -> tuple[str, ...]:
        """Return the allowed servers to ask for new tokens of a portal, in this order.

        This is the one that a posted SERVER_ENDPOINT names. If it names none of them, these are
        all, beginning with `stored`: the server of the portal's stored tokens, or "".
        """
        for oauth_url in self._oauth_urls:
            if _origin(server_endpoint) == _origin(oauth_url):
                return (oauth_url,)
        return tuple(sorted(self._oauth_urls, key=lambda oauth_url: oauth_url != stored))

    def find_owner(self, oauth_url: str, access_token: str) -> TokenOwner:
        """Ask `app.info` for the owner of a token. Raises PortalError."""
        self._require_configured(oauth_url)
        exchange = Exchange("app.info")
        with self._calling(oauth_url, only_reads=True), observed(self._observer, exchange):
            answer = self._transport.post_form(f"{oauth_url}/rest/app.info", {"auth": access_token})
            if answer.body.get("error") is not None:
                raise error_from(answer.body, answer.status)
            info = decode(answer.body.get("result"), AppInfo)
            exchange.member_id, exchange.user_id = info.install.member_id, info.user_id
            exchange.status = 200
        return TokenOwner(
            client_id=info.client_id,
            member_id=info.install.member_id,
            client_endpoint=normalize_endpoint(info.install.client_endpoint),
            user_id=info.user_id,
            expires_at=read_expiry(info.expires, answer.body.get("time")),
            installed=info.install.installed,
        )

    def refresh(self, token: UserToken) -> UserToken:
        """Trade a refresh token for fresh tokens of the same portal and user.

        The refresh token comes from a browser, so it may belong to another user. Costs a second
        request when the answer does not name the portal and the user.
        Raises SessionEnded if the refresh token is not valid, and ForeignTokens if it is another
        user's.
        """
        self._require_configured(token.oauth_url)
        grant = self._request_grant(
            token.oauth_url,
            Exchange("oauth.token", token.member_id, token.user_id),
            self._refreshing(token.oauth_url, token.refresh_token),
        )
        self._check_owner(token, grant)
        return replace(
            token,
            access_token=grant.access_token,
            refresh_token=grant.refresh_token,
            expires_at=grant.expires_at,
        )

    def trade_code(self, oauth_url: str, code: str) -> Grant:
        """Trade the code of the authorization-code flow for tokens. A code lives for 30 seconds.

        The answer names no user: verify the access token like that of a launch.
        """
        return self._request_grant(
            oauth_url,
            Exchange("oauth.token"),
            lambda: self._session().fetch_token(
                f"{oauth_url}/oauth/token/",
                code=code,
                grant_type="authorization_code",
                allow_redirects=False,
                timeout=self.timeout,
            ),
        )

    def check_keys(self, oauth_url: str) -> None:
        """Ask whether the server knows the application.

        It checks the keys before the refresh token, which is a random word here. Raises
        AppMisconfigured if it does not know it, and PortalError if it does not answer.
        """
        with suppress(SessionEnded):
            send = self._refreshing(oauth_url, secrets.token_hex(16))
            self._request_grant(oauth_url, Exchange("oauth.token"), send)

    def _calling(self, oauth_url: str, *, only_reads: bool) -> AbstractContextManager[None]:
        host = _origin(oauth_url)[1]
        self._limits.admit(host)
        return self._limits.calling(host, only_reads=only_reads)

    def _require_configured(self, oauth_url: str) -> None:
        """Raise SessionEnded for a server that the operator has removed from the settings."""
        if oauth_url not in self._oauth_urls:
            raise SessionEnded("SERVER_NOT_CONFIGURED")

    def _check_owner(self, token: UserToken, grant: Grant) -> None:
        """Raise ForeignTokens, and log it, unless the grant is for the owner of `token`."""
        owner = (self._client_id, grant.member_id, grant.user_id)
        if not grant.member_id or not grant.user_id:
            found = self.find_owner(token.oauth_url, grant.access_token)
            owner = (found.client_id, found.member_id, found.user_id)
        if owner == (self._client_id, token.member_id, token.user_id):
            return
        self._report(
            {
                "refused": "tokens",
                "why": "foreign_owner",
                "member_id": token.member_id,
                "user_id": token.user_id,
                "owner_member_id": owner[1][:64],
                "owner_user_id": owner[2],
            }
        )
        raise ForeignTokens("FOREIGN_TOKENS")

    def _session(self) -> OAuth2Session:
        """Return a session for one request. It shares connections, so it must not be closed."""
        session = OAuth2Session(
            self._client_id,
            self._client_secret,
            token_endpoint_auth_method="client_secret_post",  # noqa: S106
        )
        self._transport.configure(session)
        return session

    def _refreshing(self, oauth_url: str, refresh_token: str) -> Callable[[], Any]:
        return lambda: self._session().refresh_token(
            f"{oauth_url}/oauth/token/",
            refresh_token=refresh_token,
            allow_redirects=False,
            timeout=self.timeout,
        )

    def _request_grant(self, oauth_url: str, exchange: Exchange, send: Callable[[], Any]) -> Grant:
        # Tokens are used up by a request, so one that ends too early would end the session.
        with self._calling(oauth_url, only_reads=False), observed(self._observer, exchange):
            answer = decode(_send(send), TokenAnswer)
            exchange.status = 200
        return Grant(
            access_token=answer.access_token,
            refresh_token=answer.refresh_token,
            expires_at=int(time.time()) + answer.lifetime,
            member_id=answer.member_id,
            user_id=answer.user_id,
        )


def _send(send: Callable[[], Any]) -> Any:
    """Send a request with Authlib, and raise its errors as PortalError."""
    try:
        return send()
    except OAuthError as error:
        raise error_from({"error": error.error}, 400) from None
    except (requests.RequestException, OSError, ValueError) as error:
        raise NoAnswer(reason_of(error)) from None
    except (TypeError, AttributeError, OverflowError, RecursionError):
        # Authlib fails like this on JSON of another shape.
        raise NoAnswer(ODD_ANSWER) from None


def _origin(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    return parts.scheme, parts.netloc.lower()
