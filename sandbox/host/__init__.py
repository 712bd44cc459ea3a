"""The portal's website: REST, pages with the frame, the panel, the control API."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from flask import Flask, Response, redirect, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.wrappers import Response as BaseResponse

from sandbox import rest
from sandbox.host import ajax, authorize, control, crm_pages, pages, panel, visitor
from sandbox.host.site import KEY, Site, current_portal
from sandbox.net.tls import WsgiApp
from sandbox.portal.portal import Portal


def create_site(portal: Portal, portals: list[Portal]) -> WsgiApp:
    """Create the website of one of the portals."""
    site, app = Site(portal, portals), _create_app()

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return app({**environ, KEY: site}, start_response)

    return answer


@cache
def _create_app() -> Flask:
    app = Flask("sandbox", static_url_path="/_static")
    app.config["PROPAGATE_EXCEPTIONS"] = True  # the server drops the connection for a fault
    assert isinstance(app.json, DefaultJSONProvider)  # noqa: S101 - for the type checker
    app.json.ensure_ascii = False
    # The fields of a launch must keep the portal's order.
    app.json.sort_keys = False
    app.jinja_env.policies["json.dumps_kwargs"] = {"sort_keys": False}

    @app.route("/rest/<path:path>", methods=["GET", "POST", "OPTIONS"])
    def rest_call(path: str) -> Response:
        return rest.handle(current_portal(), request, path)

    @app.route("/favicon.ico")
    def favicon() -> BaseResponse:
        return redirect("/_static/favicon.svg")

    for room in (visitor, pages, crm_pages, ajax, authorize, panel, control):
        app.register_blueprint(room.bp)
    return app
