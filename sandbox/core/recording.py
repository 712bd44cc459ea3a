"""Recorded requests: REST per portal, OAuth per server, both without tokens."""

from dataclasses import dataclass, field
from typing import Any

KEPT = 20_000
_SECRET_KEYS = {"auth", "access_token", "client_secret", "refresh_token", "code", "ap"}


@dataclass
class RecordedCommand:
    """A command inside a batch."""

    key: str
    method: str
    params: dict[str, Any]
    error: str | None = None


@dataclass
class RecordedRequest:
    number: int
    time: str
    portal: int
    verb: str
    method: str
    params: dict[str, Any] = field(default_factory=dict)
    user_id: int | None = None
    auth: str | None = None
    status: int = 0
    error: str | None = None
    duration: float = 0.0
    fault: str | None = None
    calls: list[RecordedCommand] = field(default_factory=list)

    @property
    def methods(self) -> list[str]:
        """The executed methods: the commands of a batch, or the method itself."""
        return [call.method for call in self.calls] if self.calls else [self.method]


@dataclass
class RecordedOAuthRequest:
    number: int
    time: str
    path: str
    verb: str
    grant_type: str | None
    ok: bool
    error: str | None
    status: int
    # Which of the two authorization servers was asked.
    server: int = 1
    member_id: str | None = None
    user_id: int | None = None


def without_secrets(params: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in params.items() if key.lower() not in _SECRET_KEYS}


def drop_oldest(recorded: list[Any]) -> None:
    """Keep the last `KEPT` entries."""
    if len(recorded) > KEPT:
        del recorded[: len(recorded) - KEPT]
