"""The handshake: turns launches into verified ones and keeps what they bring."""

from __future__ import annotations

import hashlib
import threading
from urllib.parse import urlsplit

from cachetools import TTLCache

from bitrix24.errors import (
    AppNotAllowed,
    Blocked,
    ExpiredToken,
    NoAnswer,
    PortalError,
    SessionEnded,
)
from bitrix24.http.ssrf_guard import is_public
from oauth.authorization_server import AuthorizationServer, TokenOwner
from oauth.launch import Launch, LaunchRefused, Posted, Refusal
from oauth.user_tokens import UserTokens
from settings import LOOPBACK_HOSTS, Settings
from store.portals import Portal, PortalStore, Status
from store.tokens import TokenStore, UserToken

REMEMBERED_SECONDS = 60
REMEMBERED_TOKENS = 10_000
WITNESSES = 5
"""Users whose tokens are tried before all tokens of a portal are taken for dead."""


class _Refused(Exception):
    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


class RefusedTokens:
    """Access tokens that an authorization server has just refused for good.

    Posting one of them again costs no further request. Only digests are kept, for a minute."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._refusals: TTLCache[bytes, Refusal] = TTLCache(REMEMBERED_TOKENS, REMEMBERED_SECONDS)

    def add(self, access_token: str, refusal: Refusal) -> None:
        with self._lock:
            self._refusals[_digest(access_token)] = refusal

    def find(self, access_token: str) -> Refusal | None:
        with self._lock:
            return self._refusals.get(_digest(access_token))


class Handshake:
    """Shared by all threads of a process."""

    def __init__(
        self,
        settings: Settings,
        server: AuthorizationServer,
        portals: PortalStore,
        tokens: TokenStore,
    ) -> None:
        self._settings = settings
        self._server = server
        self._portals = portals
        self._tokens = tokens
        self._refused = RefusedTokens()

    def accept(self, posted: Posted) -> Launch:
        """Verifies a launch and stores its tokens. Raises LaunchRefused."""
        oauth_url = self._server.choose(posted.server_endpoint)
        owner = self._verified_owner(posted, oauth_url)
        portal = self._portal(owner)
        self._tokens.save_newer(
            UserToken(
                member_id=owner.member_id,
                user_id=owner.user_id,
                access_token=posted.access_token,
                refresh_token=posted.refresh_token,
                expires_at=owner.expires_at,
                oauth_url=oauth_url,
            )
        )
        return Launch(
            portal=portal,
            user_id=owner.user_id,
            installed=owner.installed,
            lang=posted.lang,
            placement=posted.placement,
            options=posted.options,
            application_token=posted.application_token,
        )

    def relocate(self, portal: Portal, user_id: int, access_token: str) -> str:
        """Where a renamed portal is now, by the authorization server. Raises PortalError when it
        knows of no move, or of one to an address that is not allowed."""
        token = self._tokens.find(portal.member_id, user_id)
        if token is None:
            raise SessionEnded("NO_TOKEN")
        owner = self._server.owner(token.oauth_url, access_token)
        same = (owner.client_id, owner.member_id) == (self._settings.client_id, portal.member_id)
        allowed = allowed_address(owner.client_endpoint, self._settings.allow_loopback)
        if not same or not allowed or owner.client_endpoint == portal.client_endpoint:
            raise NoAnswer("Moved")
        return self._portal(owner).client_endpoint

    def is_installed(self, portal: Portal) -> bool:
        """Whether a token of this portal still works. When a portal has removed the app all its
        tokens are dead; where nobody answers, they are taken for that. Source: the page on
        uninstalling of the REST docs."""
        for user_id in self._tokens.user_ids(portal.member_id, WITNESSES):
            tokens = UserTokens(self._tokens, self._server, portal.member_id, user_id)
            try:
                if self._server.owner(tokens.oauth_url(), tokens.access_token()).installed:
                    return True
            except NoAnswer:
                return False
            except PortalError:
                # One user's tokens may be dead for reasons of their own.
                continue
        return False

    def _verified_owner(self, posted: Posted, oauth_url: str) -> TokenOwner:
        try:
            owner = self._owner(posted.access_token, oauth_url)
            self._check(posted, owner)
        except _Refused as refused:
            raise LaunchRefused(refused.refusal, posted.member_id, posted.domain) from None
        return owner

    def _owner(self, access_token: str, oauth_url: str) -> TokenOwner:
        if seen := self._refused.find(access_token):
            raise _Refused(seen)
        try:
            return self._server.owner(oauth_url, access_token)
        except AppNotAllowed:
            raise _Refused(Refusal.NOT_ALLOWED) from None
        except Blocked:
            raise _Refused(Refusal.BLOCKED) from None
        except (ExpiredToken, SessionEnded):
            self._refused.add(access_token, Refusal.EXPIRED)
            raise _Refused(Refusal.EXPIRED) from None
        except PortalError:
            raise _Refused(Refusal.UNVERIFIED) from None

    def _check(self, posted: Posted, owner: TokenOwner) -> None:
        if owner.client_id != self._settings.client_id:
            self._refused.add(posted.access_token, Refusal.FOREIGN_APPLICATION)
            raise _Refused(Refusal.FOREIGN_APPLICATION)
        if owner.member_id != posted.member_id:
            raise _Refused(Refusal.FOREIGN_PORTAL)
        if not allowed_address(owner.client_endpoint, self._settings.allow_loopback):
            raise _Refused(Refusal.ADDRESS)
        if _domain(owner.client_endpoint) != posted.domain:
            raise _Refused(Refusal.FOREIGN_PORTAL)

    def _portal(self, owner: TokenOwner) -> Portal:
        known = self._portals.find(owner.member_id)
        portal = Portal(
            member_id=owner.member_id,
            client_endpoint=owner.client_endpoint,
            status=known.status if known else Status.OPENED,
            installed_by=known.installed_by if known else 0,
            application_token=known.application_token if known else "",
        )
        if portal.status is Status.UNINSTALLED:
            portal = Portal(owner.member_id, owner.client_endpoint)
        if portal != known:
            self._portals.save(portal)
        return portal


def _digest(access_token: str) -> bytes:
    return hashlib.sha256(access_token.encode()).digest()


def allowed_address(client_endpoint: str, allow_loopback: bool) -> bool:
    """Whether a portal may be called there. Plain http and loopback are for development only."""
    try:
        parts = urlsplit(client_endpoint)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    bare = not parts.username and not parts.query and not parts.fragment and port != 0
    if not bare or not parts.path.endswith("/rest/") or not host:
        return False
    if host in LOOPBACK_HOSTS:
        return allow_loopback and parts.scheme in {"http", "https"}
    return parts.scheme == "https" and _may_be_public(host)


def _domain(client_endpoint: str) -> str:
    """Host and port as a launch names them in DOMAIN: the ports 80 and 443 are left out."""
    return urlsplit(client_endpoint).netloc.lower().removesuffix(":443").removesuffix(":80")


def _may_be_public(host: str) -> bool:
    """Whether a host is a name, or an address that is not private. Where a name really leads is
    seen when the socket opens, in `bitrix24.guard`."""
    try:
        return is_public(host)
    except ValueError:
        return "." in host
