"""A server that writes what a test tells it to, tokens for its caller, a clock."""

from __future__ import annotations

import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Script = Callable[[Any], None]


class Clock:
    """Moves only when it is told to."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class Server(socketserver.ThreadingTCPServer):
    """Answers each request with `script`, which writes raw bytes. Keeps the requests."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script: Script = answering(b"{}")
        self.received: list[str] = []
        self.connections = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(socketserver.StreamRequestHandler):
    server: Server

    def handle(self) -> None:
        self.server.connections += 1
        while head := self._head():
            length = next(
                int(line.split(":")[1])
                for line in head.splitlines()
                if line.lower().startswith("content-length")
            )
            self.server.received.append(head + self.rfile.read(length).decode())
            try:
                self.server.script(self.wfile)
            except OSError:
                return
            if self.wfile.closed:
                return

    def _head(self) -> str:
        lines = []
        while (line := self.rfile.readline().decode()) not in {"", "\r\n"}:
            lines.append(line)
        return "".join(lines)


def answering(body: bytes, status: str = "200 OK", *headers: str, length: int = -1) -> Script:
    size = len(body) if length < 0 else length
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {size}", *headers])

    def script(wire: Any) -> None:
        wire.write(f"{head}\r\n\r\n".encode() + body)

    return script


def drip(wire: Any) -> None:
    """Send an answer byte by byte, until the caller has gone.

    Each byte is in time, the whole is not.
    """
    answering(b"", length=10_000_000)(wire)
    while True:
        wire.write(b" ")
        time.sleep(0.02)


class Tokens:
    """Gives the token `first`, and `second` after a renewal."""

    def __init__(self) -> None:
        self.spent: list[str] = []

    def access_token(self) -> str:
        return "first"

    def retire(self, refused: str) -> None:
        pass

    def renew(self, spent: str) -> str:
        self.spent.append(spent)
        return "second"


@contextmanager
def running() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
