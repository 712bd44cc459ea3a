"""The app in a thread of the tests, for a browser."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

APP_PORTS: list[int] = []


def reserve_port() -> socket.socket:
    """Listen on the port of an app that has ended: a kept tab has its scripts in the cache."""
    with suppress(OSError):
        if APP_PORTS:
            return socket.create_server(("127.0.0.1", APP_PORTS.pop()))
    return socket.create_server(("127.0.0.1", 0))


@contextmanager
def served(app: Flask, reserved: socket.socket) -> Iterator[None]:
    """Serve the app on this socket, and close it and all connections afterwards."""
    port = reserved.getsockname()[1]
    connections: set[socket.socket] = set()
    server = make_server(
        "127.0.0.1",
        port,
        app,
        threaded=True,
        request_handler=_handler(connections),
        fd=reserved.fileno(),
    )
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    yield
    server.shutdown()
    thread.join()
    server.server_close()
    reserved.close()
    for connection in connections.copy():
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
    APP_PORTS.append(port)


def _handler(connections: set[socket.socket]) -> type[WSGIRequestHandler]:
    """Return a handler that notes its connections.

    A browser opens some in advance. Over these the next app on the port would not be reached.
    """

    class Handler(WSGIRequestHandler):
        def setup(self) -> None:
            super().setup()
            connections.add(self.connection)

        def finish(self) -> None:
            connections.discard(self.connection)
            super().finish()

    return Handler
