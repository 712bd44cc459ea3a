"""The shapes of the authorization server's answers."""

from __future__ import annotations

from msgspec import Struct


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
