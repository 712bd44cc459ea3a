"""A launch: the POST by which a portal's page opens the app in a frame.

It comes from a browser, so every field may be forged. It is believed only after an allowed
authorization server has said of its access token: our application, this portal, this user.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

from bitrix24.errors import AppNotAllowed, Blocked, ExpiredToken, PortalError, SessionEnded
from oauth.server import AuthorizationServer, TokenOwner
from settings import LOOPBACK_HOSTS, Settings
from store.portals import Portal, PortalStore, Status
from store.tokens import TokenStore, UserToken

MAX_OPTIONS = 8 * 1024
TOKEN = re.compile(r"[\x21-\x7e]{8,512}")
MEMBER_ID = re.compile(r"[0-9A-Za-z]{1,64}")
DOMAIN = re.compile(r"[0-9A-Za-z.-]{1,253}(:[0-9]{1,5})?")
LANG = re.compile(r"[a-z]{2}")
PLACEMENT = re.compile(r"[A-Z0-9_]{1,64}")


class Refusal(StrEnum):
    """Why a launch is not believed: for the log, never for the page."""

    MALFORMED = "malformed"
    EXPIRED = "expired"
    NOT_ALLOWED = "not_allowed"
    BLOCKED = "blocked"
    FOREIGN_APPLICATION = "foreign_application"
    FOREIGN_PORTAL = "foreign_portal"
    ADDRESS = "address"
    UNVERIFIED = "unverified"


class LaunchRefused(Exception):
    """`member_id` and `domain` are what was claimed, for the log."""

    def __init__(self, refusal: Refusal, member_id: str = "", domain: str = "") -> None:
        super().__init__(refusal)
        self.refusal = refusal
        self.member_id = member_id
        self.domain = domain


@dataclass(frozen=True, slots=True)
class Posted:
    """The fields of a launch, checked for shape only."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    application_token: str = field(repr=False)
    server_endpoint: str
    member_id: str
    domain: str
    lang: str
    placement: str
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Launch:
    """A verified launch: this user really opened the app on this portal.

    `installed` is whether the portal counts the installation as finished. `options` still come
    from a browser: ids in them are to be checked through the portal as this user.
    """

    portal: Portal
    user_id: int
    installed: bool
    lang: str
    placement: str
    options: Mapping[str, str]
    application_token: str = field(repr=False)


def read_fields(query: Mapping[str, str], form: Mapping[str, str]) -> Posted:
    """Checks the shape of a launch's fields. Raises LaunchRefused(MALFORMED).

    SERVER_ENDPOINT and APPLICATION_TOKEN are missing on older portals.
    """
    member_id, domain = form.get("member_id", ""), query.get("DOMAIN", "")
    posted = Posted(
        access_token=form.get("AUTH_ID", ""),
        refresh_token=form.get("REFRESH_ID", ""),
        application_token=form.get("APPLICATION_TOKEN", "")[:256],
        server_endpoint=form.get("SERVER_ENDPOINT", "")[:256],
        member_id=member_id,
        domain=domain.lower(),
        lang=_matching(LANG, query.get("LANG", ""), "en"),
        placement=_matching(PLACEMENT, form.get("PLACEMENT", ""), "DEFAULT"),
        options=_options(form.get("PLACEMENT_OPTIONS", "")),
    )
    sound = (
        TOKEN.fullmatch(posted.access_token)
        and TOKEN.fullmatch(posted.refresh_token)
        and MEMBER_ID.fullmatch(member_id)
        and DOMAIN.fullmatch(domain)
    )
    if not sound:
        raise LaunchRefused(Refusal.MALFORMED, member_id[:64], domain[:253])
    return posted


def _matching(pattern: re.Pattern[str], value: str, default: str) -> str:
    return value if pattern.fullmatch(value) else default


def _options(text: str) -> Mapping[str, str]:
    try:
        options = json.loads(text) if len(text) <= MAX_OPTIONS else {}
    except (ValueError, RecursionError):
        options = {}
    if not isinstance(options, dict):
        return {}
    return {key: str(value) for key, value in options.items() if isinstance(value, str | int)}


class Handshake:
    """Turns launches into verified ones and keeps what they bring."""

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

    def accept(self, posted: Posted) -> Launch:
        """Verifies a launch and stores its tokens. Raises LaunchRefused."""
        oauth_url = self._server.choose(posted.server_endpoint)
        owner = self._verified_owner(posted, oauth_url)
        portal = self._portal(owner)
        self._tokens.keep(
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

    def _verified_owner(self, posted: Posted, oauth_url: str) -> TokenOwner:
        def refuse(refusal: Refusal) -> LaunchRefused:
            return LaunchRefused(refusal, posted.member_id, posted.domain)

        try:
            owner = self._server.owner(oauth_url, posted.access_token)
        except AppNotAllowed:
            raise refuse(Refusal.NOT_ALLOWED) from None
        except Blocked:
            raise refuse(Refusal.BLOCKED) from None
        except (ExpiredToken, SessionEnded):
            raise refuse(Refusal.EXPIRED) from None
        except PortalError:
            raise refuse(Refusal.UNVERIFIED) from None
        if owner.client_id != self._settings.client_id:
            raise refuse(Refusal.FOREIGN_APPLICATION)
        if owner.member_id != posted.member_id:
            raise refuse(Refusal.FOREIGN_PORTAL)
        if not _allowed_address(owner.client_endpoint, self._settings.allow_loopback):
            raise refuse(Refusal.ADDRESS)
        if urlsplit(owner.client_endpoint).netloc.lower() != posted.domain:
            raise refuse(Refusal.FOREIGN_PORTAL)
        return owner

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


def _allowed_address(client_endpoint: str, allow_loopback: bool) -> bool:
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
    return parts.scheme == "https"
