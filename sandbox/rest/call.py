"""One method call inside the portal: who calls, with what, and how handlers read parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.core import errors, php
from sandbox.core.application import AccessToken
from sandbox.core.faults import Fault
from sandbox.core.model import User
from sandbox.portal.events import EVENT_HOPS
from sandbox.portal.portal import Portal

PAGE = 50


@dataclass(frozen=True)
class Auth:
    kind: str  # "oauth" or "webhook"
    user: User
    scopes: frozenset[str]
    who: str
    token: AccessToken | None = None

    def allows(self, scope: str) -> bool:
        if scope == "user":
            return bool(self.scopes & {"user", "user_brief", "user_basic"})
        return scope in self.scopes

    @property
    def hops(self) -> int:
        """How many further events a write under this token may still cause in a row."""
        ttl = self.token.event_ttl if self.token else None
        return EVENT_HOPS if ttl is None else ttl


@dataclass
class Page:
    """A list result; the transport lifts total and next to the top level."""

    result: Any
    total: int | None = None
    next: int | None = None


@dataclass
class Call:
    portal: Portal
    method: str
    params: dict[str, Any]
    auth: Auth
    start: int = 0
    fault: str | None = field(default=None)

    @property
    def user(self) -> User:
        return self.auth.user

    def hit(self, kind: str) -> Fault | None:
        """The fault of this kind that strikes this call, if one does."""
        return self.portal.faults.take(kind, [self.method])

    def upper(self) -> dict[str, Any]:
        """Legacy methods read their parameters with upper-cased names."""
        return {key.upper(): value for key, value in self.params.items()}

    # Engine controllers bind arguments by name and type before anything else happens.

    def integer(self, name: str) -> int:
        value = self._bound(name)
        if not php.is_numeric(value):
            raise errors.invalid_value(php.to_text(value), name, "int")
        return php.to_int(value)

    def array(self, name: str) -> Any:
        value = self._bound(name)
        if not php.is_array(value):
            raise errors.invalid_value(php.to_text(value), name, "array")
        return value

    def optional_array(self, name: str) -> Any:
        return self.array(name) if name in self.params else []

    def _bound(self, name: str) -> Any:
        if name not in self.params:
            raise errors.could_not_find(name)
        return self.params[name]

    @property
    def offset(self) -> int:
        """`start` of a list is floored to a page of 50; -1 means the first page."""
        return self.start // PAGE * PAGE if self.start > 0 else 0


Handler = Callable[[Call], Any]


@dataclass(frozen=True)
class Method:
    name: str
    scope: str | None
    handler: Handler


METHODS: dict[str, Method] = {}


def method(name: str, scope: str | None = None) -> Callable[[Handler], Handler]:
    """Register a REST method; booking.* and crm.* need the scope of their first part."""

    def register(handler: Handler) -> Handler:
        first = name.partition(".")[0]
        needed = scope or (first if first in ("booking", "crm") else None)
        METHODS[name.lower()] = Method(name, needed, handler)
        return handler

    return register


def field_value(item: Any, name: str) -> Any:
    """A camelCase key of a JSON object or PHP map; upper-case spellings are not found."""
    return item.get(name) if isinstance(item, dict) else None


def require_keys(item: Any, *names: str) -> None:
    """Whatever is missing or null is named in one error."""
    missing = [name for name in names if field_value(item, name) is None]
    if missing:
        raise errors.required(*missing)
