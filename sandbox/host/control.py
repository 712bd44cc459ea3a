"""The control API under /_sandbox/: JSON, for tests in another process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from flask import Flask, Response, jsonify, request
from msgspec import Struct

from sandbox.core.model import ClientType
from sandbox.host import control_bodies as bodies
from sandbox.portal import colleague, lifecycle
from sandbox.portal.portal import Portal


def register(app: Flask, portal: Portal, reset: Callable[[], None]) -> None:
    hub = portal.hub

    @app.get("/_sandbox/<what>")
    def read(what: str) -> Response | tuple[Response, int]:
        readers: dict[str, Callable[[], Any]] = {
            "state": lambda: _state(portal),
            "requests": lambda: [row.as_dict() for row in portal.requests],
            "oauth-requests": lambda: [row.as_dict() for row in hub.oauth_requests],
            "journal": lambda: msgspec.to_builtins(portal.journal),
            "records": lambda: _records(portal),
            "messages": lambda: portal.messages,
            "faults": lambda: [msgspec.to_builtins(fault) for fault in portal.faults],
            "oauth-faults": lambda: [msgspec.to_builtins(fault) for fault in hub.oauth_faults],
            "environment": hub.environment,
        }
        if what not in readers:
            return _refuse(f"there is no {what}; choose from: {', '.join(readers)}", 404)
        with portal.lock:
            text = msgspec.json.encode(readers[what]())  # msgspec writes an infinite number as null
        return Response(text, mimetype="application/json")

    @app.post("/_sandbox/<what>")
    def change(what: str) -> tuple[Response, int]:
        if what not in bodies.BODY_TYPES:
            return _refuse(
                f"there is no action {what}; choose from: {', '.join(bodies.BODY_TYPES)}"
            )
        # JSON only: another site cannot send that without permission.
        if not request.is_json:
            return _refuse("send a JSON object with Content-Type: application/json")
        try:
            body = msgspec.json.decode(request.get_data(), type=bodies.BODY_TYPES[what])
            if isinstance(body, bodies.WaitIdle):
                # Without the lock, which the delivery of events needs.
                return jsonify(result=hub.events.wait_idle(body.timeout)), 200
            with portal.lock:
                result = _run_action(portal, reset, what, body)
        except (LookupError, ValueError) as problem:
            return _refuse(str(problem))
        hub.mark_changed()
        return jsonify(result=result), 200


def _refuse(text: str, status: int = 400) -> tuple[Response, int]:
    return jsonify(error=text), status


def _run_action(portal: Portal, reset: Callable[[], None], what: str, body: Any) -> Any:
    """Run an action and return its result; `body` is of the type in `BODY_TYPES`."""
    hub = portal.hub
    actions: dict[str, Callable[[], Any]] = {
        "faults": lambda: portal.faults.add(**_given_fields(body)).id,
        "oauth-faults": lambda: hub.oauth_faults.add(**_given_fields(body)).id,
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
    portal.state.client_types = [ClientType("crm", code) for code in body.codes]


def _state(portal: Portal) -> dict[str, Any]:
    state = portal.state
    app = {k: v for k, v in msgspec.to_builtins(state.app).items() if k != "application_token"}
    return {
        "member_id": portal.member_id,
        "domain": portal.domain,
        "oauth_url": portal.hub.oauth_url,
        "app": app,
        "users": msgspec.to_builtins(state.users),
        "placements": msgspec.to_builtins(state.placements),
        "event_handlers": msgspec.to_builtins(state.event_handlers),
        "records": len(portal.records),
        "contacts": len(state.contacts),
        "companies": len(state.companies),
        "switches": vars(portal.hub.switches),
        "features": state.features,
        "booking_tool": state.booking_tool,
    }


def _records(portal: Portal) -> list[dict[str, Any]]:
    return [msgspec.to_builtins(item) for item in portal.records.values()]
