"""Measures neighbors of portals that misbehave, and `/healthz`."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection, HTTPResponse
from itertools import product
from typing import Any

from benchmarks.load.crowd import PATIENCE, Visit, post
from benchmarks.load.portals import ENTERPRISE
from benchmarks.load.world import App, Office, World, running

ROUNDS = 4
SECONDS = 4.0
"""Of one measurement, which begins a little after its crowd."""
LEAD, LEAD_TO_LIMIT = 0.7, 6.0
NEIGHBORS = 10
PEOPLE = 20
"""Of each portal that misbehaves. There are two."""
EVENTS = 200
PAUSE, HEALTH_PAUSE = 0.3, 0.05
"""Seconds between two requests of a neighbor, and of a monitor."""
NOTHING = "nothing"
SLOW = {"hang": "two portals hang", "drip": "two portals drip"}
"""The app remembers such portals, so each round has new ones."""
FAST = {"refuse": "two portals refuse connections", "reset": "two portals reset connections"}
WAITS = "two portals are at their limit"
SENDS = f"one portal sends {EVENTS} events a second"
PORTALS = 1 + NEIGHBORS + 2 * len(SLOW) * ROUNDS + 2 + 2 + 1

Send = Callable[[HTTPConnection], HTTPResponse]


@dataclass(frozen=True, slots=True)
class Times:
    """How long requests to one app took, in seconds."""

    records: list[float] = field(default_factory=list)
    healths: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two apps that were measured at the same time, so that both had the same machine."""

    disturbed: Times
    calm: Times


Figures = dict[str, Pair]


def measure() -> Iterator[Figures]:
    """Yield the figures of each round: with nothing, and with each disturbance."""
    with running(PORTALS) as world:
        numbers = [next(world.numbers) for _ in range(NEIGHBORS)]
        visits = {
            app: [_visit_record(app.open_office(number, ENTERPRISE)) for number in numbers]
            for app in (world.disturbed, world.calm)
        }
        limited, broken = _two_offices(world), _two_offices(world)
        sender = world.disturbed.open_office(next(world.numbers))
        slow = [(manner, _two_offices(world)) for _ in range(ROUNDS) for manner in SLOW]
        event = world.call_portals("event_form", sender.portal)
        world.call_portals("slow_down")
        while slow:
            figures = {NOTHING: _measure_both(visits)}
            two = [slow.pop(), slow.pop(), *((manner, broken) for manner in FAST)]
            for manner, offices in two:
                for office in offices:
                    world.call_portals("misbehave", office.portal, manner)
                with _disturbing(world, "send_visits", list(map(_visit_record, offices)), PEOPLE):
                    figures[(SLOW | FAST)[manner]] = _measure_both(visits)
            with _disturbing(world, "send_visits", list(map(_visit_record, limited)), PEOPLE):
                time.sleep(LEAD_TO_LIMIT)
                figures[WAITS] = _measure_both(visits)
            with _disturbing(world, "send_events", event, EVENTS):
                figures[SENDS] = _measure_both(visits)
            yield figures


def _two_offices(world: World) -> list[Office]:
    return [world.disturbed.open_office(next(world.numbers)) for _ in range(2)]


def _visit_record(office: Office) -> Visit:
    return "/records/1", {"X-Frame-Session": office.session}, ""


@contextmanager
def _disturbing(world: World, *command: Any) -> Iterator[None]:
    world.call_crowd(*command)
    time.sleep(LEAD)
    try:
        yield
    finally:
        world.call_crowd("stop")
        world.disturbed.wait_until_idle()


def _measure_both(visits: dict[App, list[Visit]]) -> Pair:
    """Let neighbors open records, and a monitor ask for `/healthz`, in both apps."""
    taken = {app: Times() for app in visits}
    until = time.monotonic() + SECONDS

    def take(app: App, times: list[float], send: Send, pause: float) -> None:
        connection = HTTPConnection(app.netloc, timeout=PATIENCE)
        while (began := time.monotonic()) < until:
            if (answer := send(connection)).status != 200:
                raise RuntimeError(f"a neighbor was answered {answer.status}")
            times.append(time.monotonic() - began)
            time.sleep(max(0.0, pause - times[-1]))
        connection.close()

    jobs = [(app, taken[app].healths, _ask_health, HEALTH_PAUSE) for app in visits]
    for number, app in product(range(NEIGHBORS), visits):
        send = partial(post, visit=visits[app][number])
        jobs.append((app, taken[app].records, send, PAUSE))
    threads = [threading.Thread(target=take, args=job) for job in jobs]
    for thread in threads:
        time.sleep(PAUSE / len(threads))  # so that they do not all come at the same moment
        thread.start()
    for thread in threads:
        thread.join()
    return Pair(*taken.values())


def _ask_health(connection: HTTPConnection) -> HTTPResponse:
    connection.request("GET", "/healthz")
    answer = connection.getresponse()
    answer.read()
    return answer
