"""The shapes of the authorization server's answers."""

from __future__ import annotations

import time
from datetime import datetime

from msgspec import Struct

from bitrix24.answers import decode
from bitrix24.errors import NoAnswer

UNKNOWN_LIFETIME = 60
"""Seconds for which an access token is used when its answer does not name its lifetime."""


class Install(Struct, frozen=True):
    member_id: str
    client_endpoint: str
    installed: bool = False


class AppInfo(Struct, frozen=True):
    client_id: str
    install: Install
    user_id: int
    expires: str = ""


class AnswerTime(Struct, frozen=True):
    finish: float = 0.0


class TokenAnswer(Struct, frozen=True):
    access_token: str
    refresh_token: str
    expires_in: int = 0
    member_id: str = ""
    user_id: int = 0


def read_expiry(value: str, span: object) -> int:
    """Read `expires` of app.info: an ISO time, or seconds since 1970. Return it by our clock.

    `span` is the `time` of the answer, which tells the server's own clock. An answer to a refresh
    names a lifetime instead of a time, so both kinds are compared by one clock.
    """
    now = time.time()
    try:
        numbers = value.isascii() and value.isdigit()
        expires = int(value) if numbers else datetime.fromisoformat(value).timestamp()
        return int(expires + now - (_server_clock(span) or now))
    except (ValueError, OverflowError):
        return int(now) + UNKNOWN_LIFETIME


def _server_clock(span: object) -> float:
    """Return when the server finished its answer. Seconds since 1970; 0 if unknown."""
    try:
        return decode(span, AnswerTime).finish
    except NoAnswer:
        return 0.0
