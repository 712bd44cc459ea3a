"""A small application for tests that collects events."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl


class Collector:
    """The received events; `status` is the HTTP status of the answers."""

    def __init__(self) -> None:
        self.events: list[dict[str, str]] = []
        self.content_types: list[str] = []
        self.status = 200
        self.url = ""

    def names(self) -> list[str]:
        return [event["event"] for event in self.events]


@contextmanager
def collecting() -> Iterator[Collector]:
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            collector.events.append(dict(parse_qsl(body, keep_blank_values=True)))
            collector.content_types.append(self.headers["Content-Type"])
            self.send_response(collector.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector.url = f"http://127.0.0.1:{server.server_port}/events"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
