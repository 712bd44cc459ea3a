"""Runs the portals of a measurement, and lets some of them misbehave."""

import signal
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

from sandbox import Sandbox
from sandbox.portal.portal import Portal

LATENCY = 0.08
ADMINISTRATOR = 1
ENTERPRISE = "en_ent250"
DRIP_SECONDS = 0.5
NO_LINGER = struct.pack("ii", 1, 0)


def _hang(_wire: socket.socket) -> None:
    time.sleep(3600)


def _reset(wire: socket.socket) -> None:
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)


def _drip(wire: socket.socket) -> None:
    wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while True:
        time.sleep(DRIP_SECONDS)
        wire.sendall(b" ")


MANNERS: dict[str, Callable[[socket.socket], None]] = {
    "hang": _hang,
    "reset": _reset,
    "drip": _drip,
}
"""What a portal does with a request instead of answering."""


class MisbehavingServer:
    """Takes the port of a portal, and answers no request as HTTP asks."""

    def __init__(self, port: int, manner: str) -> None:
        self._socket = socket.create_server(("127.0.0.1", port), backlog=128)
        self._manner = MANNERS[manner]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        # Closing alone would leave the thread in `accept`, and the port in use.
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                wire, _ = self._socket.accept()
                threading.Thread(target=self._serve, args=[wire], daemon=True).start()

    def _serve(self, wire: socket.socket) -> None:
        with suppress(OSError), wire:
            wire.recv(65536)
            self._manner(wire)


class Portals:
    """Runs the commands of the measuring process."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._misbehaving: dict[int, MisbehavingServer] = {}

    def environment(self) -> dict[str, str]:
        return self._sandbox.environment()

    def launch(self, number: int, plan: str) -> tuple[str, dict[str, str]]:
        """Return what the administrator's browser would post now: the address and the form."""
        portal = self._portal(number)
        portal.license = plan or portal.license
        launch = portal.launch(user_id=ADMINISTRATOR)
        return launch.url, launch.body

    def event_form(self, number: int) -> dict[str, str]:
        """Return the form of an event of this portal, without the record."""
        portal = self._portal(number)
        return {
            "event": "ONBOOKINGWAITLISTITEMUPDATE",
            "ts": str(int(time.time())),
            "auth[domain]": portal.domain,
            "auth[member_id]": portal.member_id,
            "auth[application_token]": portal.application_token,
        }

    def slow_down(self) -> None:
        """Answer as slowly as a portal does."""
        self._sandbox.switches.latency = LATENCY

    def misbehave(self, number: int, manner: str) -> None:
        """Stop serving a portal; without a manner its port refuses connections."""
        if number in self._misbehaving:
            self._misbehaving.pop(number).close()
        else:
            self._sandbox.unplug(self._portal(number))
        if manner != "refuse":
            self._misbehaving[number] = MisbehavingServer(self._portal(number).port, manner)

    def _portal(self, number: int) -> Portal:
        return self._sandbox.portals[number]


def serve(pipe: Connection, app_url: str, count: int) -> None:
    """Run this many portals, and the commands from the pipe until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Sandbox(app_url=app_url, port=0, portals=count, installed=True, records=12) as sandbox:
        portals = Portals(sandbox)
        with suppress(EOFError):
            while True:
                name, *arguments = pipe.recv()
                command: Callable[..., Any] = getattr(portals, name)
                pipe.send(command(*arguments))
