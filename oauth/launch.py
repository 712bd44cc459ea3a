"""A launch: the POST by which a portal's page opens the app in a frame.

It comes from a browser, so any field may be forged. `oauth/handshake.py` verifies it: an allowed
authorization server must confirm the app, the portal and the user of its access token.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bitrix24.errors import AppNotAllowed, Blocked, ExpiredToken, PortalError, SessionEnded
from oauth.portal_address import normalize_domain
from store.portals import Portal

MAX_OPTIONS = 64 * 1024
"""Characters of PLACEMENT_OPTIONS. They hold the address of the page, of any length."""
TOKEN = re.compile(r"[\x21-\x7e]{8,512}")
MEMBER_ID = re.compile(r"[0-9A-Za-z]{1,64}")
DOMAIN = re.compile(r"(\[::1\]|[0-9A-Za-z._-]{1,253})(:[0-9]{1,5})?")
LANG = re.compile(r"[a-z]{2}")
PLACEMENT = re.compile(r"[A-Z0-9_]{1,64}")


class Refusal(StrEnum):
    """Why a launch is refused. This goes into the log, never onto the page."""

    MALFORMED = "malformed"
    INCOMPLETE = "incomplete"
    EXPIRED = "expired"
    UNKNOWN_TOKEN = "unknown_token"  # noqa: S105 - a word for the log
    NOT_ALLOWED = "not_allowed"
    EXTRANET = "extranet"
    BLOCKED = "blocked"
    FOREIGN_APPLICATION = "foreign_application"
    FOREIGN_PORTAL = "foreign_portal"
    OTHER_ADDRESS = "other_address"
    ADDRESS = "address"
    UNVERIFIED = "unverified"


REFUSALS: tuple[tuple[Refusal, type[PortalError]], ...] = (
    (Refusal.NOT_ALLOWED, AppNotAllowed),
    (Refusal.BLOCKED, Blocked),
    (Refusal.UNVERIFIED, PortalError),
    (Refusal.EXPIRED, ExpiredToken),
    (Refusal.UNKNOWN_TOKEN, SessionEnded),
)
"""What an error of an authorization server means; the first counts when several were asked."""
FORGERIES = frozenset(
    {Refusal.MALFORMED, Refusal.FOREIGN_APPLICATION, Refusal.FOREIGN_PORTAL, Refusal.ADDRESS}
)
"""No launch of an honest user is refused like this. A long expired token may be unknown."""


class LaunchRefused(Exception):
    """The launch is refused. `member_id` and `domain` are what it claims, for the log.

    `origin` is where to open the app instead, if the token belongs to the portal at that address.
    """

    def __init__(
        self, refusal: Refusal, member_id: str = "", domain: str = "", origin: str = ""
    ) -> None:
        super().__init__(refusal)
        self.refusal = refusal
        self.member_id = member_id
        self.domain = domain
        self.origin = origin


@dataclass(frozen=True, slots=True)
class PostedLaunch:
    """The fields of a launch. Only their shape has been checked."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    application_token: str = field(repr=False)
    server_endpoint: str
    member_id: str
    domain: str
    lang: str
    placement: str
    options: Mapping[str, str]

    def refused(self, refusal: Refusal, origin: str = "") -> LaunchRefused:
        return LaunchRefused(refusal, self.member_id, self.domain, origin)


@dataclass(frozen=True, slots=True)
class Launch:
    """A verified launch: this user has opened the app on this portal.

    `installed` says whether the portal counts the installation as finished. `options` still come
    from a browser: check IDs in them through the portal, as this user.
    """

    portal: Portal
    user_id: int
    installed: bool
    lang: str
    placement: str
    options: Mapping[str, str]
    application_token: str = field(repr=False)


def read_launch(form: Mapping[str, str]) -> PostedLaunch:
    """Read the fields of a launch, from query and body together.

    SERVER_ENDPOINT and APPLICATION_TOKEN are missing on older portals.
    Raises LaunchRefused: MALFORMED when a field has the wrong shape, INCOMPLETE when one is lost.
    """
    member_id, domain = form.get("member_id", ""), normalize_domain(form.get("DOMAIN", ""))
    posted = PostedLaunch(
        access_token=form.get("AUTH_ID", ""),
        refresh_token=form.get("REFRESH_ID", ""),
        application_token=form.get("APPLICATION_TOKEN", "")[:256],
        server_endpoint=form.get("SERVER_ENDPOINT", "")[:256],
        member_id=member_id,
        domain=domain,
        lang=_matching(LANG, form.get("LANG", ""), "en"),
        placement=_matching(PLACEMENT, form.get("PLACEMENT", ""), "DEFAULT"),
        options=_options(form.get("PLACEMENT_OPTIONS", "")),
    )
    required = (
        (posted.access_token, TOKEN),
        (posted.refresh_token, TOKEN),
        (member_id, MEMBER_ID),
        (domain, DOMAIN),
    )
    if any(value and not shape.fullmatch(value) for value, shape in required):
        raise LaunchRefused(Refusal.MALFORMED, member_id[:64], domain[:253])
    if not all(value for value, _ in required):
        raise LaunchRefused(Refusal.INCOMPLETE, member_id, domain)
    return posted


def refusal_for(errors: Sequence[PortalError]) -> Refusal:
    """Return why a launch is refused after these errors of authorization servers."""
    kinds = [_kind_of(error) for error in errors]
    return next(refusal for refusal, kind in REFUSALS if kind in kinds)


def _kind_of(error: PortalError) -> type[PortalError]:
    kinds = [kind for _, kind in REFUSALS if isinstance(error, kind)]
    return next((kind for kind in kinds if kind is not PortalError), PortalError)


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
