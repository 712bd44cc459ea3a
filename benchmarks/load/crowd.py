"""The people and the events of portals that misbehave, in a process of their own."""

import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from itertools import cycle, repeat
from multiprocessing.connection import Connection
from urllib.parse import urlencode

PATIENCE = 60
PAUSE = 2.0
"""Seconds between the visits of a person; a countdown of the page comes before."""
SENDERS = 8
RECORDS = 12
HEADERS = {"Content-Type": "application/x-www-form-urlencoded"}

Visit = tuple[str, Mapping[str, str], str]
"""The path, the headers and the body of a request."""


def post(connection: HTTPConnection, visit: Visit) -> HTTPResponse:
    """Send a request and read its answer to the end."""
    path, headers, body = visit
    connection.request("POST", path, body, {**HEADERS, **headers})
    answer = connection.getresponse()
    answer.read()
    return answer


class Crowd:
    """Runs the commands of the measuring process. Each starts threads; `stop` ends them."""

    def __init__(self, netloc: str) -> None:
        self._netloc = netloc
        self._stop = threading.Event()

    def send_visits(self, visits: Sequence[Visit], each: int) -> None:
        """Let so many people make each of these visits until `stop`."""
        for visit in visits:
            for number in range(each):
                self._start(repeat(visit), PAUSE, PAUSE * number / each)

    def send_events(self, form: Mapping[str, str], per_second: int) -> None:
        """Send so many events a second, each about another record."""
        bodies = [urlencode({**form, "data[ID]": str(1 + number)}) for number in range(RECORDS)]
        for number in range(SENDERS):
            visits: Iterator[Visit] = cycle(("/events", {}, body) for body in bodies)
            self._start(visits, SENDERS / per_second, number / per_second)

    def stop(self) -> None:
        self._stop.set()
        self._stop = threading.Event()

    def _start(self, visits: Iterator[Visit], pause: float, delay: float) -> None:
        job = [visits, pause, time.monotonic() + delay, self._stop]
        threading.Thread(target=self._repeat, args=job, daemon=True).start()

    def _repeat(
        self, visits: Iterator[Visit], pause: float, due: float, stop: threading.Event
    ) -> None:
        connection = HTTPConnection(self._netloc, timeout=PATIENCE)
        while not stop.wait(max(0.0, due - time.monotonic())):
            wait = 0.0
            try:
                wait = float(post(connection, next(visits)).headers.get("Retry-After", 0))
            except (OSError, HTTPException):
                connection.close()
            due = max(due + pause, time.monotonic() + wait)
        connection.close()


def serve(pipe: Connection, netloc: str) -> None:
    """Run the commands from the pipe until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    crowd = Crowd(netloc)
    with suppress(EOFError):
        while True:
            name, *arguments = pipe.recv()
            pipe.send(getattr(crowd, name)(*arguments))
