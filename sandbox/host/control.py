"""The control API under /_sandbox/: JSON, for tests in another process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from flask import Blueprint, Response, jsonify, request

from sandbox.host import actions
from sandbox.host import control_bodies as bodies
from sandbox.host.site import current_portal, current_site
from sandbox.portal.portal import Portal

bp = Blueprint("control", __name__)


@bp.get("/_sandbox/<what>")
def read(what: str) -> Response | tuple[Response, int]:
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
    if what not in readers:
        return _refuse(f"there is no {what}; choose from: {', '.join(readers)}", 404)
    with portal.lock:
        text = msgspec.json.encode(readers[what]())  # msgspec writes an infinite number as null
    return Response(text, mimetype="application/json")


@bp.post("/_sandbox/<what>")
def change(what: str) -> tuple[Response, int]:
    site = current_site()
    portal, hub = site.portal, site.portal.hub
    if what not in bodies.BODY_TYPES:
        return _refuse(f"there is no action {what}; choose from: {', '.join(bodies.BODY_TYPES)}")
    # JSON only: another site cannot send that without permission.
    if not request.is_json:
        return _refuse("send a JSON object with Content-Type: application/json")
    try:
        body = msgspec.json.decode(request.get_data(), type=bodies.BODY_TYPES[what])
        if isinstance(body, bodies.WaitIdle):
            # Without the lock, which the delivery of events needs.
            return jsonify(result=hub.events.wait_idle(body.timeout)), 200
        with portal.lock:
            result = actions.run(portal, site.reset, what, body)
    except (LookupError, ValueError) as problem:
        return _refuse(str(problem))
    hub.mark_changed()
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
