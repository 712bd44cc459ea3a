"""Kills workers of a real server while they save. Compares what is told and kept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import requests
from flask import Flask

import waitlist.records.settle
from app import create_app
from benchmarks.worker import free_port
from benchmarks.worker import settings as app_settings
from chaos.world import OLGA, SESSION
from sandbox import Sandbox
from sandbox.portal import lifecycle
from sandbox.portal.portal import Portal
from sandbox.sandbox import SandboxOptions
from settings import load
from store.pending import writes
from web.services import services_of

APP = "chaos.kills:hurried_app()"
LEASE = 3
"""Seconds, instead of 90, after which a dead worker's write is looked up."""
LATENCY = 0.02
"""Seconds of a request to the portal: most kills come while one is under way."""
PATIENCE = 20
RECORDS, THREADS, WORKERS = 4_000, 4, 3
BETWEEN_KILLS = (0.8, 1.6)
"""Seconds. A worker takes about that long to start."""


def hurried_app() -> Flask:
    """Return the app with shorter times, so that a dead worker is noticed in seconds."""
    writes.CLAIM_SECONDS = writes.LEASE_SECONDS = LEASE
    waitlist.records.settle.__dict__.update(HORIZON=LEASE + 1, FIRST_LOOK=1)
    return create_app()


@dataclass
class Figures:
    """What came of the saves of one database."""

    database: str
    saves: int = 0
    kills: int = 0
    told: int = 0
    unanswered: int = 0
    carried_out: int = 0
    lost: int = 0
    no_history: int = 0


def run(database: str, url: str, folder: Path, kills: int, seed: int = 0) -> Figures:
    """Save on one record after the other, until so many workers were killed."""
    random, figures = Random(seed), Figures(database)  # noqa: S311 - repeatable
    address = f"http://127.0.0.1:{free_port()}"
    options = SandboxOptions(
        app_url=address, port=0, records=RECORDS, contacts=60, companies=5, deals=3, latency=LATENCY
    )
    with Sandbox(options) as sandbox:
        portal = sandbox.portals[0]
        environment = {
            **app_settings(str(folder)),
            **sandbox.environment(),
            "DATABASE_URL": url,
        }
        with _server(address, environment) as master:
            user = User(address, portal)
            told: dict[int, tuple[bool, tuple[str, ...]]] = {}
            stop = threading.Event()
            numbers = iter(list(portal.records))
            threads = [
                threading.Thread(target=_save_on, args=(user, numbers, told, figures, stop))
                for _ in range(THREADS)
            ]
            for thread in threads:
                thread.start()
            _kill(master, random, kills, figures)
            stop.set()
            for thread in threads:
                thread.join()
            time.sleep(LEASE + 2)
            for number in told:
                user.post(f"/records/{number}/history", {})
        stored = services_of(create_app(load(environment))).changes
        for number, (saved, before) in told.items():
            now = tuple(f"{kind}:{id}" for kind, id in portal.clients(number))
            figures.carried_out += now != before
            figures.lost += saved and now == before
            rows = stored.newest(portal.member_id, number)
            figures.no_history += now != before and not any(row.after == now for row in rows)
    return figures


class User:
    """The administrator, with the app open."""

    def __init__(self, address: str, portal: Portal) -> None:
        self.portal = portal
        self._address = address
        self._open()
        lifecycle.finish_install(portal, OLGA)
        found = SESSION.search(self._open())
        if found is None:
            raise RuntimeError("the app did not open")
        self._headers = {"X-Frame-Session": found[1]}

    def _open(self) -> str:
        launch = self.portal.launch(user_id=OLGA)
        return requests.post(launch.url, data=launch.body, timeout=PATIENCE).text

    def post(self, path: str, fields: dict[str, object]) -> str:
        """Post as the page does. Returns "" where no answer came."""
        url = f"{self._address}{path}"
        try:
            return requests.post(url, data=fields, headers=self._headers, timeout=PATIENCE).text
        except requests.RequestException:
            return ""


def _save(user: User, number: int, figures: Figures) -> tuple[bool, tuple[str, ...]]:
    """Add a customer to a record. Returns whether that was told, and who was there before."""
    portal = user.portal
    before = tuple(f"{kind}:{id}" for kind, id in portal.clients(number))
    new = next(key for id in portal.state.contacts if (key := f"CONTACT:{id}") not in before)
    fields: dict[str, object] = {"base": before, "customer": [*before, new]}
    text = user.post(f"/records/{number}/save", fields)
    figures.saves += 1
    figures.told += "Saved." in text
    figures.unanswered += not text
    return "Saved." in text, before


def _save_on(
    user: User,
    numbers: Iterator[int],
    told: dict[int, tuple[bool, tuple[str, ...]]],
    figures: Figures,
    stop: threading.Event,
) -> None:
    for number in numbers:
        told[number] = _save(user, number, figures)
        if stop.is_set():
            return


def _kill(master: int, random: Random, kills: int, figures: Figures) -> None:
    """Kill workers, with time in between in which the master starts another one."""
    while figures.kills < kills:
        time.sleep(random.uniform(*BETWEEN_KILLS))
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        if children:
            os.kill(int(random.choice(children)), signal.SIGKILL)
            figures.kills += 1


@contextmanager
def _server(address: str, environment: dict[str, str]) -> Iterator[int]:
    """Start the app with two workers, and give the number of their master."""
    command = [sys.executable, "-m", "gunicorn", "--bind", address.partition("//")[2]]
    command += ["--workers", str(WORKERS), "--threads", "12", "--log-level", "critical", APP]
    master = subprocess.Popen(command, env={**os.environ, **environment})  # noqa: S603
    try:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                requests.get(f"{address}/healthz", timeout=5)
                break
            except requests.RequestException:
                time.sleep(0.1)
        yield master.pid
    finally:
        master.terminate()
        master.wait()
