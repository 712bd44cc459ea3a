"""What portals tell the app: it was installed, updated or removed, or a waiting list changed."""

from __future__ import annotations

import hmac
import logging
from dataclasses import replace

from flask import Blueprint, Response, request

from store.portals import Status
from web.services import services

bp = Blueprint("events", __name__)
log = logging.getLogger("security")


@bp.post("/events")
def receive() -> Response:
    """Fields come in PHP's bracket form, `auth[member_id]`. The only proof of origin is the
    application_token that an administrator's installation taught us."""
    event = request.form.get("event", "").upper()
    member_id = request.form.get("auth[member_id]", "")
    token = request.form.get("auth[application_token]", "")
    if not (event and member_id and token) or max(map(len, (event, member_id, token))) > 256:
        return Response("malformed event\n", 400, mimetype="text/plain")
    portal = services().portals.find(member_id)
    expected = portal.application_token if portal else ""
    if not expected or not hmac.compare_digest(expected.encode(), token.encode()):
        log.warning("event refused: %r member_id=%r from=%s", event, member_id, request.remote_addr)
        return Response("unknown sender\n", 403, mimetype="text/plain")
    if portal is not None and event == "ONAPPUNINSTALL":
        services().tokens.delete_portal(member_id)
        services().portals.save(replace(portal, status=Status.UNINSTALLED))
    return Response("ok\n", mimetype="text/plain")
