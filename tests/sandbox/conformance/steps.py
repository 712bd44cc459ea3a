"""Run the conformance suite in a process of its own."""

from __future__ import annotations

import os
import shutil
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sandbox import Sandbox
from sandbox.portal.portal import Portal

ROOT = Path(__file__).parents[3]
SUITE = ROOT / "sandbox" / "conformance"


@dataclass
class Run:
    """A finished run; `rows` has outcome and reported value by fact."""

    code: int
    output: str
    rows: dict[str, tuple[str, str]]

    def facts(self, outcome: str) -> set[str]:
        return {fact for fact, row in self.rows.items() if row[0] == outcome}


def command(target: Path, webhook: str, token: str, *more: str) -> list[str]:
    given = ["--webhook", webhook, "--token", token, "--report", str(target), *more]
    return [sys.executable, "-m", "pytest", str(SUITE), "-q", "-p", "no:cacheprovider", *given]


def environment(sandbox: Sandbox) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "REQUESTS_CA_BUNDLE": str(sandbox.ca_file)}


def run_suite(sandbox: Sandbox, target: Path, webhook: str, token: str = "", *more: str) -> Run:
    done = subprocess.run(
        command(target, webhook, token, *more),
        cwd=ROOT, env=environment(sandbox),
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    return read_run(done, target)


def read_run(done: subprocess.CompletedProcess[str], target: Path) -> Run:
    cells = [line.strip("| ").split(" | ") for line in target.read_text().splitlines()[6:]]
    rows = {row[1]: (row[2], row[3] if len(row) > 3 else "") for row in cells if len(row) > 2}
    return Run(done.returncode, done.stdout + done.stderr, rows)


@contextmanager
def relay(portal: Portal) -> Iterator[str]:
    """Serve the portal at 127.0.0.2, which the tests of this project may not reach."""
    home = urlsplit(portal.url).port

    class Relay(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection(("127.0.0.1", home)) as inner:
                back = threading.Thread(target=shutil.copyfileobj, args=pipe(inner, self.request))
                back.start()
                shutil.copyfileobj(*pipe(self.request, inner))
                inner.shutdown(socket.SHUT_WR)
                back.join()

    with socketserver.ThreadingTCPServer(("127.0.0.2", 0), Relay) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.2:{server.server_address[1]}"
        server.shutdown()


def pipe(source: socket.socket, target: socket.socket) -> tuple[socket.SocketIO, socket.SocketIO]:
    return source.makefile("rb", 0), target.makefile("wb", 0)


def stored_data(portal: Portal) -> list[object]:
    state = portal.state
    with portal.lock:
        return [
            sorted(portal.records),
            [portal.clients(number) for number in portal.records],
            sorted(state.contacts),
            sorted(state.companies),
            sorted(state.deals),
            [booking for booking in state.bookings.values() if not booking.deleted],
            [row for row in state.resources.values() if row.deleted_at is None],
            dict(state.resource_types),
            (dict(state.todos), dict(state.comments)),
            list(state.event_handlers),
            list(state.placements),
        ]
