"""Authorization of a call by webhook or token, in the portal's order of checks."""

import re
from typing import Any

from sandbox.core import errors, php
from sandbox.core.errors import RestError
from sandbox.portal.portal import Portal
from sandbox.rest.call import Auth

_BEARER = re.compile(r"bearer\s+(\S+)", re.IGNORECASE)
_CACHE_SECONDS = 3600
_ALL_SCOPES = frozenset({"booking", "crm", "placement", "user"})


def take_token(header: str | None, params: dict[str, Any]) -> str | None:
    """Remove the token from the parameters; a bearer header wins, then `auth`."""
    by_name = params.pop("auth", None), params.pop("access_token", None)
    match = _BEARER.match(header) if header else None
    if match:
        return match.group(1)
    for value in by_name:
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value):
            return str(value)
    return None


def authorize_webhook(portal: Portal, user_id: str, code: str, methods: list[str]) -> Auth:
    user = portal.find_user(php.to_int(user_id)) if user_id.isdecimal() else None
    if user is None or user.id != 1 or code != portal.state.webhook:
        raise RestError("INVALID_CREDENTIALS", "Invalid request credentials", 401)
    _check_portal_open(portal, methods)
    return Auth("webhook", user, _ALL_SCOPES)


def authorize_token(portal: Portal, token: str | None, methods: list[str]) -> Auth:
    if token is None:
        raise errors.standard("NO_AUTH_FOUND")
    known = portal.hub.tokens.find(token)
    if known is None or known.member_id != portal.member_id:
        raise errors.standard("invalid_token")
    if not portal.app.present:
        raise errors.standard("ERROR_OAUTH")
    _raise_on_fault(portal, methods, "PAYMENT_REQUIRED")
    _check_portal_open(portal, methods)
    if portal.hub.tokens.is_expired(known):
        raise errors.standard("expired_token")
    _raise_on_fault(portal, methods, "expired_token")
    refused = portal.faults.take("refused", methods)
    if refused:
        raise errors.from_options(refused.options, "invalid_token", 401)
    user = portal.find_user(known.user_id)
    if user is None:
        raise RestError("authorization_error", "Unable to authorize user", 401)
    scope, has_access = _check_token(portal, token, known.scope, user.app_access)
    return Auth("oauth", user, frozenset(scope.split(",")), known, has_access)


def check_access(portal: Portal, auth: Auth, methods: list[str]) -> None:
    """Refuse users without access to the application; a portal checks scopes first."""
    if not auth.has_access:
        raise errors.standard("user_access_error")
    _raise_on_fault(portal, methods, "user_access_error")


def _check_token(portal: Portal, token: str, scope: str, access: bool) -> tuple[str, bool]:
    """Return scope and access; with the switch `token_cache` those of the last hour."""
    if not portal.hub.switches.token_cache:
        return scope, access
    now = portal.hub.clock.now()
    cached = portal.checked_tokens.get(token)
    if cached is None or cached[0] < now:
        cached = (now + _CACHE_SECONDS, scope, access)
        portal.checked_tokens[token] = cached
    return cached[1], cached[2]


def _check_portal_open(portal: Portal, methods: list[str]) -> None:
    """Refuse the call when REST is closed for all callers, webhooks included."""
    _raise_on_fault(portal, methods, "OVERLOAD_LIMIT")
    if portal.faults.take("commercial_plan", methods):
        raise RestError("ACCESS_DENIED", "REST is available only on commercial plans.", 401)


def _raise_on_fault(portal: Portal, methods: list[str], code: str) -> None:
    """Raise the error of this code if the fault of the same name occurs."""
    if portal.faults.take(code, methods):
        raise errors.standard(code)
