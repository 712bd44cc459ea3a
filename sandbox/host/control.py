"""The control API for tests in another process: JSON under /_sandbox/."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from flask import Flask, Response, abort, jsonify, request
from msgspec import UNSET, Meta, Struct, UnsetType

from sandbox import lifecycle
from sandbox.model import ClientType
from sandbox.portal import Portal

if TYPE_CHECKING:
    from sandbox.sandbox import Sandbox


class _Switches(Struct, forbid_unknown_fields=True):
    """The body of `switches`; those of the whole sandbox."""

    limits: bool | UnsetType = UNSET
    operating: bool | UnsetType = UNSET
    latency: Annotated[float, Meta(ge=0)] | UnsetType = UNSET
    docs_statuses: bool | UnsetType = UNSET
    shuffle: bool | UnsetType = UNSET
    token_cache: bool | UnsetType = UNSET
    search_content: bool | UnsetType = UNSET
    mirror: Literal["true", "late", "false", "text", "empty"] | UnsetType = UNSET


class _PortalSwitches(_Switches, forbid_unknown_fields=True):
    """And those of this portal."""

    booking_tool: bool | UnsetType = UNSET
    features: dict[Literal["booking", "booking_waitlist"], bool] | UnsetType = UNSET
    utc_offset: Annotated[float, Meta(ge=-12, le=14)] | UnsetType = UNSET


class _Fault(Struct):
    """The body of `faults` and `oauth-faults`; what else it holds are options of the kind."""

    kind: str
    method: str = "*"
    count: Annotated[int, Meta(ge=1)] | None = None
    probability: Annotated[float, Meta(ge=0, le=1)] = 1.0
    seconds: Annotated[float, Meta(ge=0)] | UnsetType = UNSET


def register(app: Flask, portal: Portal, sandbox: Sandbox) -> None:
    @app.get("/_sandbox/<what>")
    def read(what: str) -> Response:
        readers: dict[str, Callable[[], Any]] = {
            "state": lambda: _state(portal, sandbox),
            "requests": lambda: [row.as_dict() for row in portal.requests],
            "oauth-requests": lambda: [row.as_dict() for row in sandbox.oauth_requests],
            "journal": lambda: msgspec.to_builtins(portal.journal),
            "records": lambda: _records(portal),
            "faults": lambda: [msgspec.to_builtins(fault) for fault in portal.faults],
            "environment": sandbox.environment,
        }
        if what not in readers:
            abort(404)
        with portal.lock:
            return jsonify(readers[what]())

    @app.post("/_sandbox/<what>")
    def change(what: str) -> tuple[Response, int]:
        """JSON bodies only: another site could not send one without asking first."""
        body = request.get_json(silent=True)
        if not isinstance(body, dict):
            return jsonify(error="send a JSON object"), 400
        if what == "wait-idle":
            return jsonify(result=sandbox.events.wait_idle(float(body.get("timeout", 10)))), 200
        try:
            with portal.lock:
                result = _change(portal, sandbox, what, body)
        except (LookupError, TypeError, ValueError, msgspec.ValidationError) as problem:
            return jsonify(error=f"{problem}"), 400
        sandbox.hub.changed()
        return jsonify(result=result), 200


def _change(portal: Portal, sandbox: Sandbox, what: str, body: dict[str, Any]) -> Any:
    changes: dict[str, Callable[[], Any]] = {
        "faults": lambda: portal.faults.add(**_fault(body)).id,
        "oauth-faults": lambda: sandbox.oauth_faults.add(**_fault(body)).id,
        "remove-fault": lambda: portal.faults.remove(int(body["id"])),
        "clear-faults": lambda: _clear(portal.faults, sandbox.oauth_faults),
        "clear-requests": lambda: _clear(portal.requests, sandbox.oauth_requests),
        "expire-tokens": lambda: sandbox.hub.tokens.expire_access(portal.member_id),
        "advance": lambda: sandbox.advance(float(body["seconds"])),
        "reset": sandbox.reset,
        "switches": lambda: _switch(portal, sandbox, body),
        "installed": lambda: setattr(portal, "installed", bool(body.get("installed", True))),
        "finish-install": lambda: portal.finish_install(int(body.get("user_id", 1))),
        "uninstall": lambda: lifecycle.uninstall(portal, bool(body.get("clean"))),
        "reinstall": lambda: lifecycle.reinstall(portal),
        "update": lambda: lifecycle.update(portal),
        "launch": lambda: _launch(portal, body),
        "user": lambda: _user(portal, body),
        "link-client": lambda: portal.link_client(**body),
        "client-types": lambda: _client_types(portal, body),
    }
    if what not in changes:
        raise LookupError(f"unknown action {what}; known: {', '.join(changes)}")
    return changes[what]()


def _clear(*recordings: Any) -> None:
    for recording in recordings:
        recording.clear()


def _fault(body: dict[str, Any]) -> dict[str, Any]:
    msgspec.convert(body, _Fault)
    return body


def _switch(portal: Portal, sandbox: Sandbox, body: dict[str, Any]) -> None:
    given = msgspec.to_builtins(msgspec.convert(body, _PortalSwitches))
    portal.state.features |= given.pop("features", {})
    for name, value in given.items():
        of_all = name in _Switches.__struct_fields__
        setattr(sandbox.switches if of_all else portal.state, name, value)


def _launch(portal: Portal, body: dict[str, Any]) -> dict[str, Any]:
    launch = portal.launch(**body)
    return {"url": launch.url, "body": launch.body, "name": launch.frame_name}


def _user(portal: Portal, body: dict[str, Any]) -> None:
    """Change what a user is or may, e.g. {"id": 2, "app_access": false}."""
    user = portal.user(int(body["id"]))
    for name in ("admin", "app_access", "crm_read", "crm_add", "extranet", "hidden_contacts"):
        if name in body:
            setattr(user, name, body[name])


def _client_types(portal: Portal, body: dict[str, Any]) -> None:
    """The client-type table, e.g. {"codes": []} for a portal that never linked a client."""
    portal.state.client_types = [ClientType("crm", str(code)) for code in body["codes"]]


def _state(portal: Portal, sandbox: Sandbox) -> dict[str, Any]:
    state = portal.state
    app = {k: v for k, v in msgspec.to_builtins(state.app).items() if k != "application_token"}
    return {
        "member_id": portal.member_id,
        "domain": portal.domain,
        "oauth_url": sandbox.oauth_url,
        "app": app,
        "users": msgspec.to_builtins(state.users),
        "placements": msgspec.to_builtins(state.placements),
        "event_handlers": msgspec.to_builtins(state.event_handlers),
        "records": len(portal.records),
        "contacts": len(state.contacts),
        "companies": len(state.companies),
        "switches": vars(sandbox.switches),
        "features": state.features,
        "booking_tool": state.booking_tool,
    }


def _records(portal: Portal) -> list[dict[str, Any]]:
    return [msgspec.to_builtins(item) for item in portal.records.values()]
