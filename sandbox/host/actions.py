"""What the control API and the panel can do, with bodies of `control_bodies`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from typing import Any

import msgspec
from msgspec import Struct

from sandbox.core.faults import OAUTH_METHODS
from sandbox.core.model import ClientType
from sandbox.host import control_bodies as bodies
from sandbox.portal import colleague, lifecycle
from sandbox.portal.portal import Portal
from sandbox.rest.call import METHODS


def run(portal: Portal, reset: Callable[[], None], what: str, body: Any) -> Any:
    """Run an action and return its result; `body` is of the type in `BODY_TYPES`."""
    hub = portal.hub
    actions: dict[str, Callable[[], Any]] = {
        "faults": lambda: _add_fault(portal, body),
        "oauth-faults": lambda: _add_oauth_fault(portal, body),
        "remove-fault": lambda: _remove_fault(portal, body.id),
        "clear-faults": lambda: _clear(portal.faults, hub.oauth_faults),
        "clear-requests": lambda: _clear(portal.requests, hub.oauth_requests),
        "expire-tokens": lambda: hub.tokens.expire_access(portal.member_id),
        "advance": lambda: _advance(portal, body.seconds),
        "reset": reset,
        "switches": lambda: _set_switches(portal, body),
        "installed": lambda: setattr(portal, "installed", body.installed),
        "finish-install": lambda: lifecycle.finish_install(portal, body.user_id),
        "uninstall": lambda: lifecycle.uninstall(portal, body.clean),
        "reinstall": lambda: lifecycle.reinstall(portal),
        "update": lambda: lifecycle.update(portal),
        "launch": lambda: _launch(portal, body),
        "user": lambda: _set_user(portal, body),
        "link-client": lambda: colleague.link_client(portal, **_given_fields(body)),
        "client-types": lambda: _set_client_types(portal, body),
    }
    return actions[what]()


def _given_fields(body: Struct) -> dict[str, Any]:
    """Return the fields that were given in the body."""
    given: dict[str, Any] = msgspec.to_builtins(body)
    return given


def _add_fault(portal: Portal, body: bodies.PortalFault) -> int:
    given = _given_fields(body)
    _check_pattern(body.method, (*METHODS, "batch"))
    if "user_id" in given:
        portal.user(given["user_id"])
    return portal.faults.add(**given).id


def _add_oauth_fault(portal: Portal, body: bodies.OAuthFault) -> int:
    _check_pattern(body.method, OAUTH_METHODS)
    return portal.hub.oauth_faults.add(**_given_fields(body)).id


def _check_pattern(pattern: str, names: Iterable[str]) -> None:
    if not any(fnmatchcase(name, pattern.lower()) for name in names):
        raise ValueError(f"method: {pattern!r} fits no method")


def _remove_fault(portal: Portal, number: int) -> None:
    if not (portal.faults.remove(number) or portal.hub.oauth_faults.remove(number)):
        raise LookupError(f"id: there is no fault {number}")


def _advance(portal: Portal, seconds: float) -> None:
    portal.hub.clock.advance(seconds)
    portal.late.run_due()


def _clear(*recordings: Any) -> None:
    for recording in recordings:
        recording.clear()


def _set_switches(portal: Portal, body: bodies.PortalSwitches) -> None:
    given = _given_fields(body)
    if given.get("oauth_server") == 2 and len(portal.hub.oauth_urls) < 2:
        raise ValueError("oauth_server: there is no second one; start with --oauth-servers 2")
    portal.state.features |= given.pop("features", {})
    for name, value in given.items():
        shared = name in bodies.Switches.__struct_fields__
        setattr(portal.hub.switches if shared else portal.state, name, value)


def _launch(portal: Portal, body: bodies.Launch) -> dict[str, Any]:
    launch = portal.launch(**_given_fields(body))
    return {"url": launch.url, "body": launch.body, "name": launch.frame_name}


def _set_user(portal: Portal, body: bodies.UserRights) -> None:
    given = _given_fields(body)
    user = portal.user(given.pop("id"))
    others = [other for other in portal.users if other.admin and other is not user]
    if body.admin is False and not others:
        raise ValueError("admin: this is the portal's only administrator")
    for name, value in given.items():
        setattr(user, name, value)


def _set_client_types(portal: Portal, body: bodies.ClientTypes) -> None:
    portal.state.client_types = [ClientType("crm", code) for code in dict.fromkeys(body.codes)]
