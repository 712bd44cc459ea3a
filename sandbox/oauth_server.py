"""The OAuth servers, which belong to no portal: /oauth/token/ and /rest/app.info.

There are two, as the vendor has two for different regions. Each knows the tokens of its portals
only: those whose `oauth_server` has its number.
"""

import json
import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from flask import Flask, Request, Response, request

from sandbox.core import errors
from sandbox.core.errors import RestError
from sandbox.core.recording import RecordedOAuthRequest
from sandbox.core.tokens import ACCESS_SECONDS, Grant
from sandbox.portal.hub import Hub
from sandbox.portal.portal import Portal
from sandbox.rest.transport import drop_connection

_Endpoint = Callable[[Hub, list[Portal], dict[str, str], RecordedOAuthRequest], dict[str, Any]]


def create_oauth_app(hub: Hub, portals: list[Portal], number: int) -> Flask:
    """Create one of the two servers."""

    def answer(endpoint: _Endpoint) -> Response:
        own = [portal for portal in portals if portal.state.oauth_server == number]
        return _answer(hub, own, endpoint, number)

    app = Flask("sandbox.oauth_server", static_folder=None)
    app.config["PROPAGATE_EXCEPTIONS"] = True  # the server drops the connection for a fault

    @app.route("/oauth/token/", methods=["GET", "POST"])
    def oauth_token() -> Response:
        return answer(token)

    @app.route("/rest/app.info", methods=["GET", "POST"])
    @app.route("/rest/app.info/", methods=["GET", "POST"])
    def rest_app_info() -> Response:
        return answer(app_info)

    @app.route("/")
    def about() -> str:
        return f"This is the OAuth server. The portal is at {portals[0].url}/"

    return app


def _answer(hub: Hub, portals: list[Portal], endpoint: _Endpoint, number: int) -> Response:
    """Run an endpoint, record the request, and answer a RestError with its body."""
    values = _read_values(request)
    recorded = RecordedOAuthRequest(
        number=len(hub.oauth_requests) + 1,
        time=hub.clock.iso(),
        path=request.path,
        verb=request.method,
        grant_type=values.get("grant_type"),
        ok=False,
        error=None,
        status=0,
        server=number,
    )
    try:
        replaced = _apply_faults(hub)
        if replaced is not None:
            recorded.status = replaced.status_code
            return replaced
        body, recorded.status = endpoint(hub, portals, values, recorded), 200
        recorded.ok = True
    except RestError as problem:
        recorded.error, recorded.status = problem.code, problem.status
        body = {"error": problem.code}
        if problem.description:
            body["error_description"] = problem.description
    finally:
        hub.record_oauth(recorded)
    return Response(json.dumps(body), recorded.status, content_type="application/json")


def _apply_faults(hub: Hub) -> Response | None:
    """Apply the faults that occur now; returns an answer if one replaces the server's."""
    name = "oauth/token" if request.path.startswith("/oauth") else "app.info"
    delay = hub.oauth_faults.take("delay", [name])
    if delay:
        delay.hold_back()
    if hub.oauth_faults.take("drop_before", [name]):
        drop_connection()
    if hub.oauth_faults.take("server_error", [name]):
        return Response("Internal Server Error", 500, mimetype="text/plain")
    if hub.oauth_faults.take("html", [name]):
        return Response("<!DOCTYPE html><title>Maintenance</title>", 200, mimetype="text/html")
    return None


def _read_values(request: Request) -> dict[str, str]:
    """Read query, form fields and JSON body; the later ones win."""
    values = {**request.args.to_dict(), **request.form.to_dict()}
    if "json" in (request.content_type or ""):
        with suppress(ValueError):
            data = json.loads(request.get_data())
            if isinstance(data, dict):
                values |= {key: str(value) for key, value in data.items()}
    return values


def token(
    hub: Hub, portals: list[Portal], values: dict[str, str], recorded: RecordedOAuthRequest
) -> dict[str, Any]:
    """Exchange a code or a refresh token for new tokens."""
    grant_type = _require(values, "grant_type")
    _check_client(hub, values)
    asked = {part for part in values.get("scope", "").split(",") if part}
    if asked - hub.registration.scopes:
        raise RestError("invalid_scope", "", 403)
    if grant_type not in ("authorization_code", "refresh_token"):
        raise RestError("invalid_request", "Unsupported grant_type")
    refreshes = grant_type == "refresh_token"
    given = _require(values, "refresh_token" if refreshes else "code")
    _require_installed(portals, hub.tokens.find_member(given))
    exchange = hub.tokens.refresh if refreshes else hub.tokens.exchange_code
    grant = exchange(given, hub.registration.scope)
    reply = _token_reply(portals, grant)
    if refreshes:
        reply |= {"expires": int(grant.expires), "user_id": grant.user_id}
    recorded.member_id, recorded.user_id = grant.member_id, grant.user_id
    hub.mark_changed()
    return reply


def _require(values: dict[str, str], name: str) -> str:
    if not values.get(name):
        raise RestError("invalid_request", f'No "{name}" parameter found')
    return values[name]


def _check_client(hub: Hub, values: dict[str, str]) -> None:
    client_id = _require(values, "client_id")
    state = hub.tokens.state
    if not secrets.compare_digest(client_id.encode(), state.client_id.encode()):
        # Seen on live servers: this error alone comes with HTTP 200.
        raise RestError("wrong_client", "", 200)
    secret = values.get("client_secret", "")
    if not secrets.compare_digest(secret.encode(), state.client_secret.encode()):
        raise RestError("invalid_client", "Invalid client secret", 400)


def _find_portal(portals: list[Portal], member_id: str | None) -> Portal | None:
    return next((portal for portal in portals if portal.member_id == member_id), None)


def _require_installed(portals: list[Portal], member_id: str | None) -> None:
    portal = _find_portal(portals, member_id)
    if portal is None and member_id is not None:
        # A token of the other server.
        raise RestError("invalid_grant", "Invalid refresh token or code")
    if portal is not None and not portal.app.present:
        raise RestError("NOT_INSTALLED", "Application not installed", 401)
    if portal is not None and portal.faults.take("PAYMENT_REQUIRED", ["oauth/token"]):
        raise errors.standard("PAYMENT_REQUIRED")


def _token_reply(portals: list[Portal], grant: Grant) -> dict[str, Any]:
    portal = _find_portal(portals, grant.member_id)
    if portal is None:
        raise RestError("NOT_INSTALLED", "Application not installed", 401)
    return {
        "access_token": grant.access_token,
        "client_endpoint": portal.client_endpoint,
        # The host of the OAuth server, not of the portal.
        "domain": portal.oauth_url.partition("://")[2],
        "expires_in": ACCESS_SECONDS,
        "member_id": grant.member_id,
        "refresh_token": grant.refresh_token,
        "scope": grant.scope,
        "server_endpoint": portal.server_endpoint,
        "status": portal.app.status,
    }


def app_info(
    hub: Hub, portals: list[Portal], values: dict[str, str], recorded: RecordedOAuthRequest
) -> dict[str, Any]:
    """Tell which user, application and portal a token belongs to."""
    given = values.get("auth") or values.get("access_token")
    if not given:
        raise errors.standard("NO_AUTH_FOUND")
    known = hub.tokens.find(given)
    portal = _find_portal(portals, known.member_id) if known else None
    if known is None or portal is None:
        raise errors.standard("invalid_token")
    if not portal.app.present:
        raise errors.standard("ERROR_OAUTH")
    if hub.tokens.is_expired(known):
        raise errors.standard("expired_token")
    recorded.member_id, recorded.user_id = known.member_id, known.user_id
    began = hub.clock.now()
    install = {
        "installed": portal.app.installed,
        "version": portal.app.version,
        "status": portal.app.status,
        "scope": hub.registration.scope,
        "domain": portal.domain,
        "uri": portal.url,
        "client_endpoint": portal.client_endpoint,
        "member_id": portal.member_id,
        "member_type": "PORTAL",
    }
    result = {
        "client_id": hub.tokens.state.client_id,
        "scope": known.scope,
        "expires": hub.clock.iso(known.expires),
        "install": install,
        "user_id": known.user_id,
    }
    finish = hub.clock.now()
    span = {"start": began, "finish": finish, "duration": finish - began, "processing": 0}
    dates = {"date_start": hub.clock.iso(began), "date_finish": hub.clock.iso(finish)}
    return {"result": result, "time": {**span, **dates}}
