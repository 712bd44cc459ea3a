"""Small threaded HTTP servers: quiet, quick on small answers, and really gone after close()."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Any

from werkzeug.serving import BaseWSGIServer, ThreadedWSGIServer, WSGIRequestHandler


class QuietHandler(WSGIRequestHandler):
    # Head and body go out in two writes; without this each answer would wait for an ACK.
    disable_nagle_algorithm = True
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        """Requests are in the recording, not on the console."""

    def setup(self) -> None:
        super().setup()
        assert isinstance(self.server, Server)  # noqa: S101 - for the type checker
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        assert isinstance(self.server, Server)  # noqa: S101 - for the type checker
        self.server.connections.discard(self.connection)
        with suppress(OSError):
            super().finish()

    def connection_dropped(self, *_: Any) -> None:
        """The client, or a fault, closed the connection: nothing to tell anybody."""
        self.close_connection = True


def _require_free(port: int) -> None:
    """Raise OSError for a port in use; the base class would print and exit instead."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))


class Server(ThreadedWSGIServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, app: Any) -> None:
        self.connections: set[socket.socket] = set()
        _require_free(port)
        super().__init__("127.0.0.1", port, app, handler=QuietHandler)
        self._thread: threading.Thread | None = None

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke is part of the game."""

    def start(self) -> None:
        name = f"portal-{self.port}"
        poll = {"poll_interval": 0.05}
        serve = super(BaseWSGIServer, self).serve_forever
        self._thread = threading.Thread(target=serve, kwargs=poll, name=name, daemon=True)
        self._thread.start()

    def close(self) -> None:
        if self._thread is not None:
            self.shutdown()
            self._thread.join()
        self.server_close()
        for connection in list(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
