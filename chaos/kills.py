"""Harms a real server while it saves. Compares what was told, done and kept."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from random import Random

import requests
from flask import Flask

import waitlist.records.reconcile
from app import create_app
from benchmarks.ports import free_port
from benchmarks.worker import settings as app_settings
from bitrix24.limits import Limits
from chaos.server import Server, wait_for
from chaos.world import OLGA, SESSION
from sandbox import Sandbox
from sandbox.portal import lifecycle
from sandbox.portal.portal import Portal
from sandbox.sandbox import SandboxOptions
from settings import load
from store.pending import writes
from store.pending.writes import State
from web.services import Services, services_of

APP = "chaos.kills:hurried_app()"
LEASE = 2
"""Seconds, instead of 90, after which a dead worker's write is looked up."""
LATENCY = 0.02
"""Seconds of a request to the portal, so that most kills come while one is under way."""
PATIENCE = 20
"""Seconds that a user waits for an answer."""
RECORDS_PER_HARM, THREADS = 150, 4
PAUSE = 1.0
"""Seconds after a save without an answer, as a user would look at the page."""
MOMENT = 0.2
"""Seconds within which the server is harmed once saves succeed. A save takes half of it."""
UNSETTLED = {State.ASKED, State.UNKNOWN}
Harm = Callable[[Server], None]


def hurried_app() -> Flask:
    """Return the app with shorter times and no limits: dead workers are noticed in seconds."""
    writes.CLAIM_SECONDS = writes.LEASE_SECONDS = LEASE
    waitlist.records.reconcile.__dict__.update(HORIZON=LEASE + 1, FIRST_CHECK=1)
    return create_app(limits=Limits())


@dataclass
class Figures:
    """What came of the saves while a server was harmed so many times."""

    name: str
    saves: int = 0
    times: int = 0
    told_saved: int = 0
    unanswered: int = 0
    carried_out: int = 0
    lost: int = 0
    wrong: int = 0
    silent: int = 0
    no_history: int = 0

    @property
    def faults(self) -> int:
        return self.lost + self.wrong + self.silent + self.no_history


def run(name: str, harm: Harm, url: str, folder: Path, times: int) -> Figures:
    """Save on one record after the other, until the server was harmed so often.

    At the end nothing is harmed, and every record is asked for once more.
    """
    figures = Figures(name)
    address = f"http://127.0.0.1:{free_port()}"
    records = RECORDS_PER_HARM * times
    options = SandboxOptions(
        app_url=address, port=0, records=records, contacts=60, companies=5, deals=3, latency=LATENCY
    )
    logs = folder / "logs"
    logs.mkdir()
    with Sandbox(options) as sandbox:
        portal = sandbox.portals[0]
        environment = {
            **app_settings(str(folder)),
            **sandbox.environment(),
            "DATABASE_URL": url,
            "LOG_DIR": str(logs),
        }
        random = Random(0)  # noqa: S311 - repeatable
        server = Server(APP, address, environment, logs, random)
        with server.running():
            services = services_of(create_app(load(environment)))
            user = User(address, portal)
            told = _save_during(user, figures, lambda: _harm(server, harm, times, figures))
            wait_for(lambda: _is_settled(user, services))
            with ThreadPoolExecutor(THREADS) as users:
                list(users.map(user.ask, told))
        for number, (text, before) in told.items():
            now = tuple(f"{kind}:{id}" for kind, id in portal.clients(number))
            figures.carried_out += now != before
            figures.lost += text == DONE and now == before
            figures.wrong += text == NOTHING and now != before
            rows = services.changes.newest(portal.member_id, number)
            figures.no_history += now != before and not any(row.after == now for row in rows)
        services.engine.dispose()
    return figures


Told = dict[int, tuple[str, tuple[str, ...]]]
"""By record: which of `WORDS` the user was told, and the customers before the save."""
DONE, NOTHING = "Saved.", "Nothing was saved."
WORDS = (DONE, NOTHING, "We can't tell")


def _save_during(user: User, figures: Figures, harm_server: Callable[[], None]) -> Told:
    told, stop = Told(), threading.Event()
    numbers = iter(list(user.portal.records))
    threads = [
        threading.Thread(target=_save_until, args=(user, numbers, told, figures, stop))
        for _ in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    try:
        harm_server()
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    return told


def _harm(server: Server, harm: Harm, times: int, figures: Figures) -> None:
    """Harm the server each time that it saves again."""
    _wait_for_saves(figures)
    for _ in range(times):
        time.sleep(server.random.uniform(0, MOMENT))
        harm(server)
        figures.times += 1
        _wait_for_saves(figures)
    server.mend()


def _wait_for_saves(figures: Figures) -> None:
    told = figures.told_saved
    wait_for(lambda: figures.told_saved >= told + THREADS)


def _is_settled(user: User, services: Services) -> bool:
    """Ask for the records whose outcome is not known. Returns whether there are none."""
    writes = services.writes.of_portal(user.portal.member_id)
    for write in (unsettled := [one for one in writes if one.state in UNSETTLED]):
        user.ask(write.record_id)
    return not unsettled


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

    def ask(self, number: int) -> None:
        """Ask for a record's history: what is not known of it is looked up."""
        self.post(f"/records/{number}/history", {})

    def post(self, path: str, fields: dict[str, object]) -> str:
        """Post as the page does. Returns "" where no answer came."""
        url = f"{self._address}{path}"
        try:
            return requests.post(url, data=fields, headers=self._headers, timeout=PATIENCE).text
        except requests.RequestException:
            return ""


def _save(user: User, number: int, figures: Figures) -> tuple[str, tuple[str, ...]]:
    """Add a customer to a record. Returns what was told, and who was there before."""
    portal = user.portal
    before = tuple(f"{kind}:{id}" for kind, id in portal.clients(number))
    new = next(key for id in portal.state.contacts if (key := f"CONTACT:{id}") not in before)
    fields: dict[str, object] = {"base": before, "customer": [*before, new]}
    text = unescape(user.post(f"/records/{number}/save", fields))
    told = next((word for word in WORDS if word in text), "")
    figures.saves += 1
    figures.told_saved += told == DONE
    figures.unanswered += not text
    figures.silent += bool(text) and not told
    return told, before


def _save_until(
    user: User,
    numbers: Iterator[int],
    told: Told,
    figures: Figures,
    stop: threading.Event,
) -> None:
    for number in numbers:
        told[number] = _save(user, number, figures)
        if stop.wait(0 if told[number][0] == DONE else PAUSE):
            return
