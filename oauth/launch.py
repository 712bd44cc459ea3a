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

from store.portals import Portal

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
    EXTRANET = "extranet"
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


def read_fields(form: Mapping[str, str]) -> Posted:
    """Checks the shape of a launch's fields, query and body together. Raises
    LaunchRefused(MALFORMED).

    SERVER_ENDPOINT and APPLICATION_TOKEN are missing on older portals.
    """
    member_id, domain = form.get("member_id", ""), form.get("DOMAIN", "")
    posted = Posted(
        access_token=form.get("AUTH_ID", ""),
        refresh_token=form.get("REFRESH_ID", ""),
        application_token=form.get("APPLICATION_TOKEN", "")[:256],
        server_endpoint=form.get("SERVER_ENDPOINT", "")[:256],
        member_id=member_id,
        domain=domain.lower(),
        lang=_matching(LANG, form.get("LANG", ""), "en"),
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
