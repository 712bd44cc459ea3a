"""The shapes of the authorization server's answers, and what is read from them."""

import time
from dataclasses import dataclass, field
from datetime import datetime

from msgspec import Struct

from bitrix24.answers import decode
from bitrix24.errors import NoAnswer
from bitrix24.ids import Id, LenientId

LONGEST_LIFETIME = 24 * 3600
"""Seconds. A longer lifetime is not believed, and would not fit into the database."""
UNKNOWN_LIFETIME = 60
"""Seconds for which an access token is used when its answer does not name its lifetime."""


@dataclass(frozen=True, slots=True)
class TokenOwner:
    """The portal, the application and the user that an access token belongs to.

    `expires_at` is in seconds since 1970. `installed` says whether the portal counts the
    installation of the app as finished.
    """

    client_id: str
    member_id: str
    client_endpoint: str
    user_id: int
    expires_at: int
    installed: bool


@dataclass(frozen=True, slots=True)
class Grant:
    """Fresh tokens, both new. `member_id` is "" and `user_id` is 0 where the answer names none."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: int
    member_id: str
    user_id: int


class Install(Struct, frozen=True):
    member_id: str
    client_endpoint: str
    installed: bool = False


class AppInfo(Struct, frozen=True):
    client_id: str
    install: Install
    user_id: Id
    expires: str = ""


class AnswerTime(Struct, frozen=True):
    finish: float = 0.0


class TokenAnswer(Struct, frozen=True):
    access_token: str
    refresh_token: str
    expires_in: int = 0
    member_id: str = ""
    user_id: LenientId = 0

    @property
    def lifetime(self) -> int:
        """Return the seconds for which the access token can be used."""
        return min(max(0, self.expires_in), LONGEST_LIFETIME) or UNKNOWN_LIFETIME


def read_expiry(value: str, span: object) -> int:
    """Read `expires` of app.info: an ISO time, or seconds since 1970. Return it by our clock.

    `span` is the `time` of the answer, which tells the server's own clock. An answer to a refresh
    names a lifetime instead of a time, so both kinds are compared by one clock.
    """
    now = time.time()
    try:
        numbers = value.isascii() and value.isdigit()
        expires = int(value) if numbers else datetime.fromisoformat(value).timestamp()
        return int(min(expires - (_server_clock(span) or now), LONGEST_LIFETIME) + now)
    except (ValueError, OverflowError):
        return int(now) + UNKNOWN_LIFETIME


def _server_clock(span: object) -> float:
    """Return when the server finished its answer. Seconds since 1970; 0 if unknown."""
    try:
        return decode(span, AnswerTime).finish
    except NoAnswer:
        return 0.0
