"""What a portal and the OAuth server store about the application, as plain data."""

from typing import Any

from msgspec import Struct, field


class EventHandler(Struct):
    id: int
    event: str
    handler: str
    user_id: int


class PlacementHandler(Struct):
    id: int
    placement: str
    handler: str
    title: str
    description: str = ""
    user_id: int = 0
    options: Any = field(default_factory=list)
    lang_all: dict[str, Any] = field(default_factory=dict)

    def title_in(self, lang: str) -> str:
        texts = self.lang_all.get(lang)
        return str(texts.get("TITLE") or self.title) if isinstance(texts, dict) else self.title


class AppState(Struct):
    """The installation of the application on one portal."""

    application_token: str
    present: bool = True
    installed: bool = False
    version: int = 1
    previous_version: int = 0
    status: str = "L"
    options: dict[str, Any] = field(default_factory=dict)
    user_options: dict[str, dict[str, Any]] = field(default_factory=dict)
    first_run_done: list[int] = field(default_factory=list)


class AccessToken(Struct):
    member_id: str
    user_id: int
    scope: str
    expires: float
    # For the token of an event: how many more events in a row it may cause. See `EVENT_HOPS`.
    event_ttl: int | None = None


class RefreshToken(Struct):
    member_id: str
    user_id: int
    expires: float


class AuthCode(Struct):
    member_id: str
    user_id: int
    expires: float
    used: bool = False


class OAuthState(Struct):
    client_id: str
    client_secret: str
    access: dict[str, AccessToken] = field(default_factory=dict)
    refresh: dict[str, RefreshToken] = field(default_factory=dict)
    codes: dict[str, AuthCode] = field(default_factory=dict)
