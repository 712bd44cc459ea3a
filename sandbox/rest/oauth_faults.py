"""Faults of the OAuth server, whose methods are called oauth/token and app.info."""

from __future__ import annotations

import time

from flask import Request, Response

from sandbox.portal.hub import Hub
from sandbox.rest.transport import drop_connection


def apply_faults(hub: Hub, request: Request) -> Response | None:
    """Apply the faults that occur now; returns an answer if one replaces the server's."""
    name = "oauth/token" if request.path.startswith("/oauth") else "app.info"
    delay = hub.oauth_faults.take("delay", [name])
    if delay:
        time.sleep(float(delay.options.get("seconds", 1.0)))
    if hub.oauth_faults.take("drop_before", [name]):
        drop_connection()
    if hub.oauth_faults.take("server_error", [name]):
        return Response("Internal Server Error", 500, mimetype="text/plain")
    if hub.oauth_faults.take("html", [name]):
        return Response("<!DOCTYPE html><title>Maintenance</title>", 200, mimetype="text/html")
    return None
