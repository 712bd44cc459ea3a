"""Two copies of the app as in production, their portals, and a crowd for one."""

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
from benchmarks.ports import free_port
from benchmarks.worker import APP, serving, settings

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


class App:
    """A running app at `netloc`; `call_portals` runs commands of `Portals`."""

    def __init__(self, netloc: str, call_portals: Call) -> None:
        self.netloc = netloc
        self._call_portals = call_portals

    def open_office(self, number: int, plan: str = "") -> Office:
        """Install the app on a portal, and open it there."""
        page = ""
        for _ in range(2):  # The first visit installs.
            url, form = self._call_portals("launch", number, plan)
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


@dataclass(frozen=True, slots=True)
class World:
    """The disturbed app, the calm one, and calls of `Portals` and `Crowd`."""

    disturbed: App
    calm: App
    call_portals: Call
    call_crowd: Call
    numbers: Iterator[int]


@contextmanager
def running(portal_count: int) -> Iterator[World]:
    """Start this many portals, two apps with one worker each, and the crowd's process."""
    with ExitStack() as stack:
        ports = [free_port(), free_port()]
        urls = [f"http://127.0.0.1:{port}" for port in ports]
        call_portals = stack.enter_context(_process(portals.serve, urls[0], portal_count))
        environment = {**call_portals("environment"), "B24_TIMEOUT": str(TIMEOUT)}
        for port in ports:
            folder = stack.enter_context(TemporaryDirectory())
            stack.enter_context(serving(APP, port, settings(folder) | environment))
        disturbed, calm = (App(urlsplit(url).netloc, call_portals) for url in urls)
        call_crowd = stack.enter_context(_process(crowd.serve, disturbed.netloc))
        yield World(disturbed, calm, call_portals, call_crowd, count(1))


@contextmanager
def _process(target: Callable[..., None], *arguments: Any) -> Iterator[Call]:
    ours, theirs = START.Pipe()
    process = START.Process(target=target, args=[theirs, *arguments], daemon=True)
    process.start()
    theirs.close()
    try:
        yield lambda *command: _send(ours, command)
    finally:
        ours.close()
        process.terminate()
        process.join()


def _send(pipe: Connection, command: tuple[Any, ...]) -> Any:
    pipe.send(command)
    return pipe.recv()
