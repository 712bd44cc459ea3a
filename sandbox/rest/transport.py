"""REST over HTTP: read the request, apply faults, run the method, answer, record."""

import json
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic, perf_counter, sleep
from typing import Any, NoReturn
from urllib.parse import urlsplit

from flask import Request, Response

from sandbox.core import errors, php
from sandbox.core.errors import RestError, docs_status
from sandbox.core.faults import Fault
from sandbox.core.recording import RecordedRequest, without_secrets
from sandbox.portal.portal import Portal
from sandbox.rest import auth as authorization
from sandbox.rest.batch import inner_methods, run_batch
from sandbox.rest.call import Auth
from sandbox.rest.execute import find_method, run_method

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "origin, content-type, accept",
}


@dataclass
class Incoming:
    """A parsed REST request; `methods` has its method and the commands of a batch."""

    portal: Portal
    method: str
    params: dict[str, Any]
    token: str | None
    webhook: tuple[str, str] | None
    methods: list[str]
    recorded: RecordedRequest

    def take_fault(self, kind: str) -> Fault | None:
        """Return the fault of this kind that occurs now, or None; records it."""
        fault = self.portal.faults.take(kind, self.methods)
        if fault:
            self.recorded.fault = kind
        return fault


def handle(portal: Portal, request: Request, path: str) -> Response:
    """Answer a request to /rest/ and record it."""
    if request.method == "OPTIONS":
        return Response(status=200, headers=CORS)
    began = perf_counter()
    incoming = _parse_request(portal, request, path)
    recorded = incoming.recorded
    try:
        response = _answer(request, incoming)
        recorded.status = response.status_code
        return response
    finally:
        recorded.duration = round(perf_counter() - began, 4)
        portal.record_request(recorded)


def _parse_request(portal: Portal, request: Request, path: str) -> Incoming:
    """Parse a request; the body wins over the query, broken JSON is ignored."""
    params = php.parse_query(request.query_string.decode("utf-8", "replace"))
    if request.method == "POST":
        params |= _read_body(request)
    parts = [part for part in path.split("/") if part]
    webhook = None
    if len(parts) >= 3 and parts[0].isdigit():
        webhook = parts[0], parts[1]
        parts = parts[2:]
    elif "ap" in params and "aplogin" in params:
        webhook = str(params.pop("aplogin")), str(params.pop("ap"))
    name = "/".join(parts)
    stem, dot, suffix = name.rpartition(".")
    if dot and suffix in ("json", "xml"):
        name = stem
    token = authorization.take_token(request.headers.get("Authorization"), params)
    inner = inner_methods(params) if name.lower() == "batch" else []
    recorded = RecordedRequest(
        number=0,
        time=portal.hub.clock.iso(),
        portal=portal.state.number,
        verb=request.method,
        method=name,
        params=without_secrets(params),
    )
    return Incoming(portal, name, params, token, webhook, [name, *inner], recorded)


def _read_body(request: Request) -> dict[str, Any]:
    kind = (request.content_type or "").split(";")[0].strip().lower()
    if kind == "application/json" or "+json" in kind:
        with suppress(ValueError):
            data = php.decode_json(request.get_data())
            if php.is_array(data):
                return dict(php.entries(data))
        return {}
    if kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return php.parse_pairs(list(request.form.items(multi=True)))
    return php.parse_query(request.get_data(as_text=True))


def _answer(request: Request, incoming: Incoming) -> Response:
    portal = incoming.portal
    _apply_delay(incoming)
    refusal = _apply_faults_before(request, incoming)
    if refusal is not None:
        return refusal
    try:
        with portal.lock:
            portal.send_messages()
            try:
                reply = _execute(incoming)
            finally:
                # A portal writes the CRM mirror after the request, never inside it.
                portal.write_mirror()
        response = json_response(reply, 200)
    except RestError as error:
        incoming.recorded.error = error.code
        response = error_response(portal, error)
    return _apply_faults_after(incoming, response)


def _execute(incoming: Incoming) -> dict[str, Any]:
    portal, recorded = incoming.portal, incoming.recorded
    batch = incoming.method.lower() == "batch"
    found = None if batch else find_method(incoming.method)
    auth = _authorize(incoming)
    recorded.user_id, recorded.auth = auth.user.id, auth.kind
    if found is None:
        authorization.check_access(portal, auth, incoming.methods)
        return run_batch(portal, incoming.params, auth, recorded.calls)
    recorded.method = found.name
    return run_method(portal, found, incoming.params, auth)


def _authorize(incoming: Incoming) -> Auth:
    portal, methods = incoming.portal, incoming.methods
    if incoming.webhook:
        return authorization.authorize_webhook(portal, *incoming.webhook, methods)
    return authorization.authorize_token(portal, incoming.token, methods)


def _apply_delay(incoming: Incoming) -> None:
    if seconds := incoming.portal.hub.switches.latency:
        sleep(seconds)
    if fault := incoming.take_fault("delay"):
        fault.hold_back()


def _apply_faults_before(request: Request, incoming: Incoming) -> Response | None:
    portal = incoming.portal
    source = request.remote_addr or ""
    limited = portal.hub.switches.limits and not portal.bucket.admit(source, monotonic())
    if limited or incoming.take_fault("QUERY_LIMIT_EXCEEDED"):
        incoming.recorded.error = "QUERY_LIMIT_EXCEEDED"
        return error_response(portal, errors.standard("QUERY_LIMIT_EXCEEDED"))
    if fault := incoming.take_fault("redirect"):
        host = str(fault.options.get("host", "renamed.example.com"))
        asked = urlsplit(request.url)
        path = str(fault.options.get("path", asked.path))
        target = asked._replace(netloc=host or asked.netloc, path=path).geturl()
        return Response(status=302, headers={"Location": target})
    if incoming.take_fault("server_error"):
        return Response("Internal Server Error", 500, mimetype="text/plain")
    if incoming.take_fault("html"):
        page = "<!DOCTYPE html><title>Maintenance</title><p>We will be back soon."
        return Response(page, 200, mimetype="text/html")
    if fault := incoming.take_fault("status"):
        status = int(fault.options.get("status", 503))
        return Response("<!DOCTYPE html><title>Sorry</title>", status, mimetype="text/html")
    if incoming.take_fault("drop_before"):
        drop_connection()
    if fault := incoming.take_fault("late"):
        seconds = float(fault.options.get("seconds", 2.5))
        portal.late.add(seconds, lambda: _execute_late(incoming))
        drop_connection()
    return None


def _execute_late(incoming: Incoming) -> None:
    portal = incoming.portal
    with portal.lock, suppress(RestError):
        try:
            _execute(incoming)
        finally:
            portal.write_mirror()
    portal.hub.mark_changed()


def _apply_faults_after(incoming: Incoming, response: Response) -> Response:
    if incoming.take_fault("drop_after"):
        drop_connection()
    if incoming.take_fault("truncated"):
        body = response.get_data()
        response.set_data(body[: len(body) // 2])
    return response


def drop_connection() -> NoReturn:
    """Close the connection without an answer, like a client that left."""
    raise ConnectionError("dropped on demand")


def json_response(body: dict[str, Any], status: int) -> Response:
    try:
        text = json.dumps(body, ensure_ascii=False, allow_nan=False)
        text.encode()
    except ValueError:
        # An infinite number: a JSON body may hold 1e400, which an option then keeps. Or half a
        # surrogate pair, as an old import may have left one in the database.
        text = json.dumps(errors.standard("WRONG_ENCODING").body())
    headers = CORS | {"X-Content-Type-Options": "nosniff"}
    kind = "application/json; charset=utf-8"
    return Response(text, status, headers=headers, content_type=kind)


def error_response(portal: Portal, error: RestError) -> Response:
    status = docs_status(error) if portal.hub.switches.docs_statuses else error.status
    return json_response(error.body(), status)
