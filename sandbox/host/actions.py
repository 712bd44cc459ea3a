"""The actions of the control API and the panel; `control_bodies` has their bodies."""

from collections.abc import Callable, Iterable
from contextlib import nullcontext
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


def _add_fault(portal: Portal, body: bodies.PortalFault) -> int:
    given: dict[str, Any] = msgspec.to_builtins(body)
    _check_pattern(body.method, (*METHODS, "batch"))
    if "user_id" in given:
        portal.user(given["user_id"])
    return portal.faults.add(**given).id


def _add_oauth_fault(portal: Portal, body: bodies.OAuthFault) -> int:
    _check_pattern(body.method, OAUTH_METHODS)
    return portal.hub.oauth_faults.add(**msgspec.to_builtins(body)).id


def _check_pattern(pattern: str, names: Iterable[str]) -> None:
    if not any(fnmatchcase(name, pattern.lower()) for name in names):
        raise ValueError(f"method: {pattern!r} fits no method")


def _remove_fault(portal: Portal, body: bodies.FaultId) -> None:
    if not (portal.faults.remove(body.id) or portal.hub.oauth_faults.remove(body.id)):
        raise LookupError(f"id: there is no fault {body.id}")


def _advance(portal: Portal, body: bodies.Advance) -> None:
    portal.hub.clock.advance(body.seconds)
    portal.late.run_due()


def _clear(*recordings: Any) -> None:
    for recording in recordings:
        recording.clear()


def _set_switches(portal: Portal, body: Struct) -> None:
    given: dict[str, Any] = msgspec.to_builtins(body)
    if given.get("oauth_server") == 2 and len(portal.hub.oauth_urls) < 2:
        raise ValueError("oauth_server: there is no second one; start with --oauth-servers 2")
    portal.state.features |= given.pop("features", {})
    for name, value in given.items():
        shared = hasattr(portal.hub.switches, name)
        setattr(portal.hub.switches if shared else portal.state, name, value)


def _launch(portal: Portal, body: bodies.Launch) -> dict[str, Any]:
    launch = portal.launch(**msgspec.to_builtins(body))
    return {"url": launch.url, "body": launch.body, "name": launch.frame_name}


def _set_user(portal: Portal, body: bodies.UserRights) -> None:
    given: dict[str, Any] = msgspec.to_builtins(body)
    user = portal.user(given.pop("id"))
    others = [other for other in portal.users if other.admin and other is not user]
    if body.admin is False and not others:
        raise ValueError("admin: this is the portal's only administrator")
    for name, value in given.items():
        setattr(user, name, value)


def _set_client_types(portal: Portal, body: bodies.ClientTypes) -> None:
    portal.state.client_types = [ClientType("crm", code) for code in dict.fromkeys(body.codes)]


_Run = Callable[[Portal, Any], Any]
# By name: the type of the body, and the function that gets it.
ACTIONS: dict[str, tuple[type[Struct], _Run]] = {
    "faults": (bodies.PortalFault, _add_fault),
    "oauth-faults": (bodies.OAuthFault, _add_oauth_fault),
    "remove-fault": (bodies.FaultId, _remove_fault),
    "clear-faults": (bodies.Empty, lambda at, _: _clear(at.faults, at.hub.oauth_faults)),
    "clear-requests": (bodies.Empty, lambda at, _: _clear(at.requests, at.hub.oauth_requests)),
    "expire-tokens": (bodies.Empty, lambda at, _: at.hub.tokens.expire_access(at.member_id)),
    "advance": (bodies.Advance, _advance),
    "switches": (bodies.PortalSwitches, _set_switches),
    "user": (bodies.UserRights, _set_user),
    "client-types": (bodies.ClientTypes, _set_client_types),
    "link-client": (
        bodies.LinkClient,
        lambda at, body: colleague.link_client(at, **msgspec.to_builtins(body)),
    ),
    "installed": (bodies.Installed, lambda at, body: setattr(at, "installed", body.installed)),
    "finish-install": (
        bodies.FinishInstall,
        lambda at, body: lifecycle.finish_install(at, body.user_id),
    ),
    "update": (bodies.Empty, lambda at, _: lifecycle.update(at)),
    "uninstall": (bodies.Uninstall, lambda at, body: lifecycle.uninstall(at, body.clean)),
    "reinstall": (bodies.Empty, lambda at, _: lifecycle.reinstall(at)),
    "launch": (bodies.Launch, _launch),
    "reset": (bodies.Empty, lambda at, _: at.hub.reset()),
    "wait-idle": (bodies.WaitIdle, lambda at, body: at.hub.events.wait_idle(body.timeout)),
}


def run_action(portal: Portal, name: str, read_body: Callable[[type[Struct]], Struct]) -> Any:
    """Run an action and return its result; `read_body` gets the type of its body.

    Raises LookupError or ValueError, with the name of the field, for a body that is refused.
    """
    body_type, run = ACTIONS[name]
    body = read_body(body_type)
    # Events need the lock to be delivered.
    with nullcontext() if name == "wait-idle" else portal.lock:
        result = run(portal, body)
    portal.hub.mark_changed()
    return result
