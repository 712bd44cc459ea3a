"""A threaded HTTP server with keep-alive, without a log, and gone after close()."""

from __future__ import annotations

import errno
import socket
import ssl
import sys
import threading
import traceback
from collections.abc import Iterable
from contextlib import suppress
from io import BytesIO
from typing import Any

from werkzeug.serving import BaseWSGIServer, ThreadedWSGIServer, WSGIRequestHandler

_NO_BODY = {204, 304}
# Of Content-Length: bodies must be smaller than 100 MB.
_LENGTH_DIGITS = 8


class Handler(WSGIRequestHandler):
    """Keeps connections open after an answer, unlike Werkzeug's own handler."""

    # Headers and body are two writes; Nagle's algorithm would make the second wait for an ACK.
    disable_nagle_algorithm = True
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        """Print nothing: requests are recorded."""

    def setup(self) -> None:
        super().setup()
        self._server.connections.add(self.connection)

    def finish(self) -> None:
        self._server.connections.discard(self.connection)
        with suppress(OSError):
            super().finish()

    @property
    def _server(self) -> Server:
        assert isinstance(self.server, Server)  # noqa: S101 - for the type checker
        return self.server

    def connection_dropped(self, *_: Any) -> None:
        """Close silently when the client, or a fault, has closed the connection."""
        self.close_connection = True

    def run_wsgi(self) -> None:
        given = self.headers.get("Content-Length") or "0"
        if not (given.isascii() and given.isdecimal() and len(given) <= _LENGTH_DIGITS):
            self.close_connection = True  # the start of the next request is unknown
            self._write("400 Bad Request", [("Connection", "close")], b"")
            return
        body = self.rfile.read(int(given))
        self.environ = environ = self.make_environ()
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            environ["wsgi.input"] = BytesIO(body)
        try:
            status, headers, content = self._answer(environ)
        except ConnectionError:
            self.close_connection = True
            return
        except Exception:  # a bug in the sandbox: print it and answer as a broken server does
            traceback.print_exc(file=sys.stderr)
            status, headers, content = "500 Internal Server Error", [], b""
        self._write(status, headers, content)

    def _answer(self, environ: dict[str, Any]) -> tuple[str, list[tuple[str, str]], bytes]:
        started: list[Any] = ["500 Internal Server Error", []]

        def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> Any:
            started[:] = [status, headers]
            return bytes

        chunks: Iterable[bytes] = self._server.app(environ, start_response)
        try:
            content = b"".join(chunks)
        finally:
            close = getattr(chunks, "close", None)
            if close:
                close()
        return started[0], started[1], content

    def _write(self, status: str, headers: list[tuple[str, str]], content: bytes) -> None:
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        bodiless = int(code) in _NO_BODY
        if not bodiless and not any(name.lower() == "content-length" for name, _ in headers):
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if content and not bodiless and self.command != "HEAD":
            self.wfile.write(content)
        self.wfile.flush()


class PortUnavailable(Exception):
    """A port cannot be listened on; the text names it."""


def _require_free(port: int) -> None:
    """Raise PortUnavailable if a port is taken; the base class would print and exit."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as problem:
            why = "is in use" if problem.errno == errno.EADDRINUSE else str(problem.strerror)
            raise PortUnavailable(f"port {port} {why}") from problem


class Server(ThreadedWSGIServer):
    """A server on 127.0.0.1; port 0 takes a free one. `app` may be set before `start`."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, app: Any, context: ssl.SSLContext | None = None) -> None:
        self.connections: set[socket.socket] = set()
        self._thread: threading.Thread | None = None
        _require_free(port)
        super().__init__("127.0.0.1", port, app, handler=Handler)
        self.ssl_context = context  # the base class reads the scheme of a request from it
        if context is not None:
            # The handshake is part of the first read, in the connection's own thread, so that a
            # slow client does not block the others.
            self.socket = context.wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False
            )

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print nothing: broken connections are expected."""

    def start(self) -> None:
        serve = super(BaseWSGIServer, self).serve_forever
        self._thread = threading.Thread(
            target=serve, kwargs={"poll_interval": 0.02}, name=f"portal-{self.port}", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        if self._thread is not None:
            stopping = threading.Thread(target=self.shutdown)
            stopping.start()
            # A connection wakes the server, which else looks up at the end of its interval.
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            stopping.join()
        self.server_close()
        for connection in self.connections.copy():
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
