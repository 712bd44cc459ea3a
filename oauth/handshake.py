"""The handshake: verifies launches and stores their tokens."""

import hashlib
import threading
import time
from contextlib import suppress
from enum import StrEnum
from typing import Generic, TypeVar

from cachetools import TTLCache

from bitrix24.errors import (
    AppNotInstalled,
    ExpiredToken,
    NoAnswer,
    PortalClosed,
    PortalError,
    SessionEnded,
    Unresponsive,
)
from oauth.authorization_server import AuthorizationServer
from oauth.launch import Launch, LaunchRefused, PostedLaunch, Refusal, refusal_for
from oauth.portal_address import allowed_address, normalize_domain
from oauth.server_answers import TokenOwner
from oauth.user_tokens import NO_TOKEN, UserTokens
from settings import Settings
from store.engine import InstallationEnded
from store.portals import Portal, PortalStore
from store.tokens import TokenStore, UserToken

T = TypeVar("T")
REMEMBERED_SECONDS = 60
REMEMBERED_TOKENS = 10_000
TOKENS_TRIED = 50
"""Users whose tokens are tried at most to learn whether the app is still installed."""


class Presence(StrEnum):
    """What the tokens of a portal say of the installation of the app."""

    INSTALLED = "installed"
    REMOVED = "removed"
    UNKNOWN = "unknown"


class TokenMemory(Generic[T]):
    """What an authorization server has just said of access tokens that opened nothing.

    Posting one of them again costs no further request. Only digests are kept, for a minute.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: TTLCache[bytes, T] = TTLCache(REMEMBERED_TOKENS, REMEMBERED_SECONDS)

    def add(self, access_token: str, said: T) -> None:
        with self._lock:
            self._known[_digest(access_token)] = said

    def find(self, access_token: str) -> T | None:
        with self._lock:
            return self._known.get(_digest(access_token))


class Handshake:
    """Verifies launches, moves and uninstallations of portals. All threads share one."""

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
        self._refused = TokenMemory[Refusal]()
        self._owners = TokenMemory[TokenOwner]()

    def accept(self, posted: PostedLaunch) -> Launch:
        """Verify a launch and store its tokens. Raises LaunchRefused.

        If the app is uninstalled meanwhile, the launch is verified once more.
        """
        for _ in range(2):
            with suppress(InstallationEnded):
                return self._accept(posted)
        raise posted.refused(Refusal.UNVERIFIED)

    def _accept(self, posted: PostedLaunch) -> Launch:
        """Verify a launch and store its tokens. Raises LaunchRefused or InstallationEnded."""
        before = self._portals.find(posted.member_id)
        oauth_url, owner = self._find_owner(posted)
        self._check(posted, owner)
        portal = self._portals.open(owner.member_id, owner.client_endpoint, before)
        self._save_tokens(
            portal.installation,
            UserToken(
                member_id=owner.member_id,
                user_id=owner.user_id,
                access_token=posted.access_token,
                refresh_token=posted.refresh_token,
                expires_at=owner.expires_at,
                oauth_url=oauth_url,
            ),
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
        """Return the new address of a renamed portal, and store it.

        Raises PortalError when the authorization server knows of no move, or of a move to an
        address that is not allowed.
        """
        token = self._tokens.find(portal.member_id, user_id)
        if token is None:
            raise SessionEnded(NO_TOKEN)
        owner = self._server.find_owner(token.oauth_url, access_token)
        same_portal = (owner.client_id, owner.member_id) == (
            self._settings.client_id,
            portal.member_id,
        )
        allowed = allowed_address(owner.client_endpoint, self._settings.allow_loopback)
        if not same_portal or not allowed or owner.client_endpoint == portal.client_endpoint:
            raise NoAnswer("Moved")
        try:
            moved = self._portals.open(owner.member_id, owner.client_endpoint, portal)
        except InstallationEnded:
            raise SessionEnded(NO_TOKEN) from None
        return moved.client_endpoint

    def find_presence(self, portal: Portal) -> Presence:
        """Ask whether the app is still installed, until one token of the portal works.

        A portal that removes the app makes all its tokens invalid, so REMOVED needs a refusal of
        each token. Silence is UNKNOWN, and so are more tokens than are tried, unless the server
        says that the app is not installed. The installer's token is tried first. Costs up to two
        requests for each user, and stops after the timeout of one request. Source: the REST docs'
        page on uninstalling.
        """
        give_up = time.monotonic() + self._server.timeout
        users = self._tokens.user_ids(portal.member_id, TOKENS_TRIED + 1, portal.installed_by)
        doubtful, complete = False, len(users) <= TOKENS_TRIED
        for user_id in users[:TOKENS_TRIED]:
            if time.monotonic() > give_up:
                return Presence.UNKNOWN
            tokens = UserTokens(self._tokens, self._server, portal.member_id, user_id)
            try:
                if self._server.find_owner(tokens.oauth_url(), tokens.access_token()).installed:
                    return Presence.INSTALLED
                doubtful = True
            except (AppNotInstalled, PortalClosed):
                complete = True
            except (SessionEnded, ExpiredToken) as error:
                # Tokens that the keys do not open were not refused.
                doubtful = doubtful or error.code == NO_TOKEN
            except PortalError:
                doubtful = True
        return Presence.UNKNOWN if doubtful or not complete else Presence.REMOVED

    def _save_tokens(self, installation: str, vouched: UserToken) -> None:
        """Store a launch's tokens, unless the stored ones expire later and still work.

        A reloaded frame posts old tokens. Costs a request if the stored ones seem to expire later.
        Raises InstallationEnded.
        """
        stored = self._tokens.find(vouched.member_id, vouched.user_id)
        if stored is None:
            # There are none, or the keys do not open them.
            self._tokens.save(vouched, installation)
            return
        if stored.access_token != vouched.access_token:
            if stored.expires_at > vouched.expires_at and self._outlives(stored, vouched):
                return
            if stored.expires_at >= vouched.expires_at:
                self._tokens.retire(stored)
        self._tokens.save_newer(vouched, installation)

    def _outlives(self, stored: UserToken, vouched: UserToken) -> bool:
        """Ask the authorization server whether the stored token works and expires later."""
        try:
            owner = self._server.find_owner(stored.oauth_url, stored.access_token)
        except PortalError:
            return False
        same_owner = (owner.client_id, owner.member_id, owner.user_id) == (
            self._settings.client_id,
            vouched.member_id,
            vouched.user_id,
        )
        return same_owner and owner.expires_at > vouched.expires_at

    def server_urls(self, member_id: str, server_endpoint: str) -> tuple[str, ...]:
        """Return the servers to ask for a portal's new tokens. A posted SERVER_ENDPOINT wins."""
        return self._server.choose_urls(server_endpoint, self._tokens.oauth_url(member_id))

    def _find_owner(self, posted: PostedLaunch) -> tuple[str, TokenOwner]:
        """Return the server that knows the access token, and the token's owner."""
        access_token = posted.access_token
        if refusal := self._refused.find(access_token):
            raise posted.refused(refusal)
        if owner := self._owners.find(access_token):
            self._check(posted, owner)
        errors: list[PortalError] = []
        for oauth_url in self.server_urls(posted.member_id, posted.server_endpoint):
            try:
                return oauth_url, self._server.find_owner(oauth_url, access_token)
            except PortalError as error:
                errors.append(error)
        refusal = refusal_for(errors)
        slow = [error for error in errors if isinstance(error, Unresponsive)]
        if slow and refusal is Refusal.UNVERIFIED:
            raise slow[0]
        if refusal in {Refusal.EXPIRED, Refusal.UNKNOWN_TOKEN}:
            self._refused.add(access_token, refusal)
        raise posted.refused(refusal)

    def _check(self, posted: PostedLaunch, owner: TokenOwner) -> None:
        """Compare a launch with what the server says. Raises LaunchRefused."""
        try:
            self._compare(posted, owner)
        except LaunchRefused:
            self._owners.add(posted.access_token, owner)
            raise

    def _compare(self, posted: PostedLaunch, owner: TokenOwner) -> None:
        if owner.client_id != self._settings.client_id:
            raise posted.refused(Refusal.FOREIGN_APPLICATION)
        if owner.member_id != posted.member_id:
            raise posted.refused(Refusal.FOREIGN_PORTAL)
        if not allowed_address(owner.client_endpoint, self._settings.allow_loopback):
            raise posted.refused(Refusal.ADDRESS)
        portal = Portal(owner.member_id, owner.client_endpoint)
        if normalize_domain(portal.domain) != normalize_domain(posted.domain):
            raise posted.refused(Refusal.OTHER_ADDRESS, portal.origin)


def _digest(access_token: str) -> bytes:
    return hashlib.sha256(access_token.encode()).digest()
