"""A method call: the caller, the parameters, the table of methods."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from sandbox.core import errors, php
from sandbox.core.application import AccessToken
from sandbox.core.booking.model import FEATURES
from sandbox.core.errors import RestError
from sandbox.core.faults import Fault
from sandbox.core.model import User
from sandbox.portal.events import EVENT_HOPS
from sandbox.portal.portal import Portal

PAGE = 50


@dataclass(frozen=True)
class Auth:
    """The authorized caller of a method."""

    kind: Literal["oauth", "webhook"]
    user: User
    scopes: frozenset[str]
    token: AccessToken | None = None
    has_access: bool = True

    def allows(self, scope: str | None) -> bool:
        """Say whether the scopes contain one that is needed; None needs none."""
        if scope == "user":
            return bool(self.scopes & {"user", "user_brief", "user_basic"})
        return scope is None or scope in self.scopes

    @property
    def hops(self) -> int:
        """How many more events in a row a write with this token may cause."""
        ttl = self.token.event_ttl if self.token else None
        return EVENT_HOPS if ttl is None else ttl


@dataclass
class Page:
    """A result with the total and next of a list, which stand beside it in the reply."""

    result: Any
    total: int | None = None
    next: int | None = None


@dataclass
class Call:
    """A call of one method; its readers of parameters raise a portal's errors."""

    portal: Portal
    method: str
    params: dict[str, Any]
    auth: Auth
    start: int = 0

    @property
    def user(self) -> User:
        return self.auth.user

    def take_fault(self, kind: str) -> Fault | None:
        """Return the fault of this kind that occurs in this call, or None."""
        return self.portal.faults.take(kind, [self.method])

    @cached_property
    def missing_features(self) -> set[str]:
        """The features of bookings that the tariff lacks in this call."""
        fault = self.take_fault("feature_off")
        named = {str(fault.options.get("feature", "booking"))} if fault else set()
        features = self.portal.state.features
        return named | {name for name in FEATURES if not features.get(name, True)}

    def upper_params(self) -> dict[str, Any]:
        """Return the parameters with upper-case names, as the older methods read them."""
        return upper_keys(self.params)

    def upper_array(self, name: str) -> Any:
        """Return an array parameter of an older method, or an empty array."""
        value = self.upper_params().get(name)
        return value if php.is_array(value) else {}

    # The newer methods bind parameters by name and type before anything else.

    def integer(self, name: str) -> int:
        value = self._require(name)
        if not php.is_numeric(value):
            raise errors.invalid_value(php.to_text(value), name, "int")
        return php.to_int(value)

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text; without a default the parameter is required."""
        value = self._require(name) if default is None else self.params.get(name, default)
        if php.is_array(value) or value is None:
            raise errors.invalid_value(php.to_text(value), name, "string")
        return php.to_text(value)

    def array(self, name: str) -> Any:
        value = self._require(name)
        if not php.is_array(value):
            raise errors.invalid_value(php.to_text(value), name, "array")
        return value

    def optional_array(self, name: str) -> Any:
        return self.array(name) if name in self.params else []

    def _require(self, name: str) -> Any:
        if name not in self.params:
            raise RestError("100", f"Could not find value for parameter {{{name}}}")
        return self.params[name]

    @property
    def offset(self) -> int:
        """`start`, rounded down to a whole page of 50; -1 is the first page."""
        return self.start // PAGE * PAGE if self.start > 0 else 0


def cut_page(call: Call, rows: list[Any]) -> Page:
    """Return the 50 rows that `start` asks for, with total and next."""
    page, after = rows[call.offset : call.offset + PAGE], call.offset + PAGE
    return Page(page, len(rows), after if after < len(rows) else None)


def upper_keys(params: dict[str, Any]) -> dict[str, Any]:
    return {key.upper(): value for key, value in params.items()}


Handler = Callable[[Call], Any]


@dataclass(frozen=True)
class Method:
    name: str
    scope: str | None
    handler: Handler


METHODS: dict[str, Method] = {}


def method(name: str, scope: str | None = None) -> Callable[[Handler], Handler]:
    """Register a method; booking.* and crm.* need the scope of that name."""

    def register(handler: Handler) -> Handler:
        first = name.partition(".")[0]
        needed = scope or (first if first in ("booking", "crm") else None)
        METHODS[name.lower()] = Method(name, needed, handler)
        return handler

    return register


def field_value(item: Any, name: str) -> Any:
    """Return the value of a key, or None; upper and lower case are different keys."""
    return item.get(name) if isinstance(item, dict) else None


def require_keys(item: Any, *names: str) -> None:
    """Raise one error that names all keys that are missing or null."""
    missing = [name for name in names if field_value(item, name) is None]
    if missing:
        raise errors.required_fields(*missing)
