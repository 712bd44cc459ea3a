"""HTTP without sockets: what the app sends reaches the sandbox in the same thread."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import RemoteDisconnected
from io import BytesIO
from json import dumps
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

import requests
from flask import Request
from urllib3.exceptions import ProtocolError
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request as PlainRequest
from werkzeug.wrappers import Response

from bitrix24.http.transport import Transport
from sandbox import Sandbox
from sandbox.oauth_server import create_oauth_app
from sandbox.rest.transport import handle

REST = "/rest/"


@dataclass(frozen=True, slots=True)
class Answer:
    """As much of an answer as the transport reads."""

    status_code: int
    headers: Headers
    content: bytes

    @property
    def is_redirect(self) -> bool:
        return "Location" in self.headers


class Network:
    """Reaches the first portal of a sandbox, and its authorization server."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._portal = sandbox.portals[0]
        self._oauth = create_oauth_app(sandbox.hub, sandbox.portals, 1)

    def post(self, url: str, content: Mapping[str, Any]) -> Answer:
        """Post `json` or `data`. Raises ConnectionError where the server hangs up."""
        request = PlainRequest(environ(url, **content))
        try:
            response = self._answer(request)
        except ConnectionError:
            gone = RemoteDisconnected("Remote end closed connection without response")
            raise requests.ConnectionError(ProtocolError("Connection aborted.", gone)) from None
        return Answer(response.status_code, response.headers, response.get_data())

    def _answer(self, request: PlainRequest) -> Response:
        if request.host.startswith("localhost"):
            return handle(self._portal, cast(Request, request), request.path.removeprefix(REST))
        return Response.from_app(self._oauth.wsgi_app, request.environ, buffered=True)

    @contextmanager
    def plugged_in(self, after_each: Callable[[], None]) -> Iterator[None]:
        """Let each transport of this process use this network. `after_each` may raise."""
        real = Transport._send

        def send(_self: Transport, url: str, _only_reads: bool, content: dict[str, Any]) -> Answer:
            try:
                return self.post(url, content)
            finally:
                after_each()

        Transport._send = send  # type: ignore[method-assign, assignment]
        try:
            yield
        finally:
            Transport._send = real  # type: ignore[method-assign]


def environ(
    url: str,
    data: Mapping[str, Any] | None = None,
    json: object = None,
    headers: Mapping[str, str] = {},
) -> dict[str, Any]:
    """Return the WSGI environment of a POST, as a server makes it."""
    parts = urlsplit(url)
    kind, body = "application/x-www-form-urlencoded", urlencode(data or {}, doseq=True)
    if json is not None:
        kind, body = "application/json", dumps(json)
    named = {f"HTTP_{name.upper().replace('-', '_')}": headers[name] for name in headers}
    raw = body.encode()
    return {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": parts.path,
        "QUERY_STRING": parts.query,
        "SERVER_NAME": parts.hostname,
        "SERVER_PORT": str(parts.port or 443),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": parts.netloc,
        "CONTENT_TYPE": kind,
        "CONTENT_LENGTH": str(len(raw)),
        "wsgi.url_scheme": parts.scheme,
        "wsgi.input": BytesIO(raw),
        **named,
    }
