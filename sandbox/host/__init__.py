"""The portal's website: REST, pages with the frame, the panel, the control API."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Response, redirect, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.wrappers import Response as BaseResponse

from sandbox import rest
from sandbox.host import ajax, authorize, control, crm_pages, pages, panel, visitor
from sandbox.portal.portal import Portal


def create_portal_app(portal: Portal, portals: list[Portal], reset: Callable[[], None]) -> Flask:
    """Create the website of one of the portals; `reset` starts all of them afresh."""
    app = Flask("sandbox", static_url_path="/_static")
    app.config["PROPAGATE_EXCEPTIONS"] = True  # the server drops the connection for a fault
    assert isinstance(app.json, DefaultJSONProvider)  # noqa: S101 - for the type checker
    app.json.ensure_ascii = False
    # The fields of a launch must keep the portal's order.
    app.json.sort_keys = False
    app.jinja_env.policies["json.dumps_kwargs"] = {"sort_keys": False}

    @app.route("/rest/<path:path>", methods=["GET", "POST", "OPTIONS"])
    def rest_call(path: str) -> Response:
        return rest.handle(portal, request, path)

    @app.route("/favicon.ico")
    def favicon() -> BaseResponse:
        return redirect("/_static/favicon.svg")

    visitor.register(app, portal)
    pages.register(app, portal)
    crm_pages.register(app, portal)
    ajax.register(app, portal)
    authorize.register(app, portal)
    panel.register(app, portal, portals, reset)
    control.register(app, portal, reset)
    return app
