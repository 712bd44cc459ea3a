"""The control API under /_sandbox/: JSON, for tests in another process."""

from collections.abc import Callable
from typing import Any

import msgspec
from flask import Blueprint, Response, jsonify, request

from sandbox.host.actions import ACTIONS, run_action
from sandbox.host.site import current_portal
from sandbox.portal.portal import Portal

bp = Blueprint("control", __name__)


@bp.get("/_sandbox/<name>")
def read(name: str) -> Response | tuple[Response, int]:
    portal = current_portal()
    hub = portal.hub
    readers: dict[str, Callable[[], Any]] = {
        "state": lambda: _state(portal),
        "requests": lambda: portal.requests,
        "oauth-requests": lambda: hub.oauth_requests,
        "journal": lambda: portal.journal,
        "records": lambda: list(portal.records.values()),
        "messages": lambda: portal.messages,
        "faults": lambda: list(portal.faults),
        "oauth-faults": lambda: list(hub.oauth_faults),
        "environment": hub.environment,
    }
    if name not in readers:
        return _refuse(f"there is no {name}; choose from: {', '.join(readers)}", 404)
    with portal.lock:
        text = msgspec.json.encode(readers[name]())  # msgspec writes an infinite number as null
    return Response(text, mimetype="application/json")


@bp.post("/_sandbox/<name>")
def act(name: str) -> tuple[Response, int]:
    portal = current_portal()
    if name not in ACTIONS:
        return _refuse(f"there is no action {name}; choose from: {', '.join(ACTIONS)}")
    # JSON only: another site cannot send that without permission.
    if not request.is_json:
        return _refuse("send a JSON object with Content-Type: application/json")
    try:
        data = request.get_data()
        result = run_action(portal, name, lambda type_: msgspec.json.decode(data, type=type_))
    except (LookupError, ValueError) as problem:
        return _refuse(str(problem))
    return jsonify(result=result), 200


def _refuse(text: str, status: int = 400) -> tuple[Response, int]:
    return jsonify(error=text), status


def _state(portal: Portal) -> dict[str, Any]:
    state = portal.state
    app = msgspec.structs.asdict(state.app)
    del app["application_token"]
    return {
        "member_id": portal.member_id,
        "domain": portal.domain,
        "oauth_url": portal.oauth_url,
        "app": app,
        "users": state.users,
        "placements": state.placements,
        "event_handlers": state.event_handlers,
        "records": len(portal.records),
        "contacts": len(state.contacts),
        "companies": len(state.companies),
        "switches": vars(portal.hub.switches),
        "features": state.features,
        "booking_tool": state.booking_tool,
    }
