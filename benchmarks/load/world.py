"""The app as in production, with portals and a crowd in processes of their own."""

from __future__ import annotations

import multiprocessing
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import count
from multiprocessing.connection import Connection
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode, urlsplit

from benchmarks.load import crowd, portals
from benchmarks.load.crowd import HEADERS, PATIENCE
from benchmarks.worker import APP, free_port, serving, settings

TIMEOUT = 2
"""B24_TIMEOUT: shorter than usual, so that several rounds fit into a few minutes."""
SESSION = re.compile(r'name="session" value="([^"]+)"')
PLACES = re.compile(r"^waitlist_places_taken (\S+)", re.MULTILINE)
START = multiprocessing.get_context("spawn")

Call = Callable[..., Any]
"""Sends a command to another process and returns its answer."""


@dataclass(frozen=True, slots=True)
class Office:
    """A portal by its number, and the frame session of one of its users."""

    portal: int
    session: str


class World:
    """The running app at `netloc`, and what leads its portals and its crowd."""

    def __init__(self, netloc: str, portals: Call, crowd: Call) -> None:
        self.netloc = netloc
        self.portals = portals
        self.crowd = crowd
        self._numbers = count(1)

    def open_office(self, plan: str = "") -> Office:
        """Install the app on the next portal, and open it there."""
        number, page = next(self._numbers), ""
        for _ in range(2):  # The first visit installs.
            url, form = self.portals("launch", number, plan)
            parts = urlsplit(url)
            page = self._ask("POST", f"{parts.path}?{parts.query}", urlencode(form))
        found = SESSION.search(page)
        if not found:
            raise RuntimeError(f"portal {number} cannot be opened")
        return Office(number, found[1])

    def wait_until_idle(self) -> None:
        """Wait until no thread works for a portal any more."""
        while any(map(float, PLACES.findall(self._ask("GET", "/metrics")))):
            time.sleep(0.1)

    def _ask(self, verb: str, path: str, body: str | None = None) -> str:
        connection = HTTPConnection(self.netloc, timeout=PATIENCE)
        connection.request(verb, path, body, HEADERS)
        return connection.getresponse().read().decode()


@contextmanager
def running(count: int) -> Iterator[World]:
    """Start this many portals, the app with one worker, and the process of the crowd."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory())
        lead_portals = stack.enter_context(_process(portals.serve, url, count))
        environment = {**lead_portals("environment"), "B24_TIMEOUT": str(TIMEOUT)}
        stack.enter_context(serving(APP, port, settings(folder) | environment))
        netloc = urlsplit(url).netloc
        yield World(netloc, lead_portals, stack.enter_context(_process(crowd.serve, netloc)))


@contextmanager
def _process(target: Callable[..., None], *arguments: Any) -> Iterator[Call]:
    ours, theirs = START.Pipe()
    process = START.Process(target=target, args=[theirs, *arguments], daemon=True)
    process.start()
    theirs.close()
    try:
        yield lambda *message: _call(ours, message)
    finally:
        ours.close()
        process.terminate()
        process.join()


def _call(pipe: Connection, message: tuple[Any, ...]) -> Any:
    pipe.send(message)
    return pipe.recv()
