"""Measures neighbors of portals that misbehave, and `/healthz`."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from statistics import quantiles
from typing import Any

from benchmarks.load.crowd import PATIENCE, Visit, post
from benchmarks.load.portals import ENTERPRISE
from benchmarks.load.world import Office, World, running

ROUNDS = 4
SECONDS = 4.0
"""Of one measurement, which begins a little after its crowd."""
LEAD = 0.7
NEIGHBORS = 12
PEOPLE = 20
"""Of each portal that misbehaves. There are two."""
EVENTS = 200
PAUSE, HEALTH_PAUSE = 0.25, 0.05
"""Seconds between two requests of a neighbor, and of a monitor."""
UNDISTURBED, CONTROL = "nothing", "nothing, again"
SLOW = {"hang": "two portals hang", "drip": "two portals drip"}
"""The app remembers such portals, so each round has new ones."""
FAST = {"refuse": "two portals refuse connections", "reset": "two portals reset connections"}
WAITS = "two portals are at their limit"
SENDS = f"one portal sends {EVENTS} events a second"
PORTALS = 1 + NEIGHBORS + 2 * len(SLOW) * ROUNDS + 2 + 2 + 1


@dataclass(frozen=True, slots=True)
class P95:
    """The 95th percentiles of a measurement, in ms."""

    record: float
    health: float


Figures = dict[str, P95]


def measure() -> Iterator[Figures]:
    """Yield the figures of each round: undisturbed, with each disturbance, and undisturbed."""
    with running(PORTALS) as world:
        neighbors = [_record(world.open_office(ENTERPRISE)) for _ in range(NEIGHBORS)]
        limited, broken = _two_offices(world), _two_offices(world)
        sender = world.portals("event", world.open_office().portal)
        slow = [(manner, _two_offices(world)) for _ in range(ROUNDS) for manner in SLOW]
        world.portals("begin")
        while slow:
            figures = {UNDISTURBED: _measured(world, neighbors)}

            two = [slow.pop(), slow.pop(), *((manner, broken) for manner in FAST)]
            for manner, offices in two:
                for office in offices:
                    world.portals("misbehave", office.portal, manner)
                with _disturbed(world, "people", list(map(_record, offices)), PEOPLE):
                    figures[(SLOW | FAST)[manner]] = _measured(world, neighbors)
            with _disturbed(world, "people", list(map(_record, limited)), PEOPLE):
                figures[WAITS] = _measured(world, neighbors)
            with _disturbed(world, "events", sender, EVENTS):
                figures[SENDS] = _measured(world, neighbors)
            figures[CONTROL] = _measured(world, neighbors)
            print(figures, file=sys.stderr, flush=True)
            yield figures


def _two_offices(world: World) -> list[Office]:
    return [world.open_office(), world.open_office()]


def _record(office: Office) -> Visit:
    return "/records/1", {"X-Frame-Session": office.session}, ""


@contextmanager
def _disturbed(world: World, *crowd: Any) -> Iterator[None]:
    world.crowd(*crowd)
    time.sleep(LEAD)
    try:
        yield
    finally:
        world.crowd("stop")
        world.wait_until_idle()


def _measured(world: World, visits: list[Visit]) -> P95:
    """Let neighbors open records, and a monitor ask for `/healthz`, again and again."""
    records, healths = list[float](), list[float]()
    until = time.monotonic() + SECONDS

    def take(
        times: list[float], send: Callable[[HTTPConnection], HTTPResponse], pause: float
    ) -> None:
        connection = HTTPConnection(world.netloc, timeout=PATIENCE)
        while (began := time.monotonic()) < until:
            if (answer := send(connection)).status != 200:
                raise RuntimeError(f"a neighbor was answered {answer.status}")
            times.append(time.monotonic() - began)
            time.sleep(max(0.0, pause - times[-1]))
        connection.close()

    jobs = [threading.Thread(target=take, args=[healths, _ask_health, HEALTH_PAUSE])]
    for visit in visits:
        send = lambda connection, visit=visit: post(connection, visit)  # noqa: E731
        jobs.append(threading.Thread(target=take, args=[records, send, PAUSE]))
    for job in jobs:
        time.sleep(PAUSE / len(jobs))  # so that they do not all come at the same moment
        job.start()
    for job in jobs:
        job.join()
    return P95(_p95(records), _p95(healths))


def _ask_health(connection: HTTPConnection) -> HTTPResponse:
    connection.request("GET", "/healthz")
    answer = connection.getresponse()
    answer.read()
    return answer


def _p95(times: list[float]) -> float:
    return quantiles(times, n=20)[18] * 1000
