"""A portal, the app and two users in one process. Database and network may fail."""

import gc
import json
import os
import pickle
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from html import unescape
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError
from werkzeug.wrappers import Response

from app import create_app
from benchmarks.worker import settings as app_settings
from bitrix24.limits import Limits
from bitrix24.log.daily_log import DailyLog
from chaos.clock import Clock
from chaos.network import Network, environ
from oauth.frame_sessions import FrameSession
from sandbox import Sandbox
from sandbox.core.recording import RecordedRequest
from sandbox.portal import lifecycle
from sandbox.portal.portal import Portal
from settings import load
from store.pending.deferred import Deferred
from waitlist.customers.cache import CustomerCache
from waitlist.sources.quirks import Quirks
from web.http.request_quota import RequestQuota
from web.services import EXTENSION, Services, services_of

SESSION = re.compile(r'name="session" value="([^"]+)"')
OLGA, RAJ = 1, 2
USERS = (OLGA, RAJ)
MEMORY = Path("/dev/shm")  # noqa: S108 - the folder in it is our own


class Killed(BaseException):
    """The worker ends here, as by SIGKILL: what it had in memory is gone."""


@dataclass
class Plan:
    """What fails during a step: after so many requests to the portal, or never with 0.

    Each line of a log fails with `log_errno`.
    """

    database_gone_after: int = 0
    disk_full_after: int = 0
    worker_killed_after: int = 0
    log_errno: int = 0
    sent: int = 0


@dataclass
class World:
    """What runs share. Starting it takes seconds, beginning a run some milliseconds."""

    sandbox: Sandbox
    portal: Portal
    network: Network
    app: Flask
    clock: Clock
    sessions: dict[int, FrameSession] = field(default_factory=dict)
    plan: Plan = field(default_factory=Plan)
    database_is_gone: bool = False
    disk_is_full: bool = False
    _kept: bytes = b""
    _database: sqlite3.Connection = field(default_factory=lambda: sqlite3.connect(":memory:"))
    _passed: float = 0.0

    @property
    def services(self) -> Services:
        return services_of(self.app)

    @property
    def requests(self) -> list[RecordedRequest]:
        return self.portal.requests

    def keep(self) -> None:
        """Keep portal, tokens and database as they are now. Each run begins with them."""
        self._kept = pickle.dumps((self.portal.state, self.sandbox.state.oauth))
        with closing(sqlite3.connect(str(self.services.engine.url.database))) as database:
            database.backup(self._database)

    def begin(self) -> None:
        """Begin a run: everything is as it was kept, and a new worker knows nothing yet."""
        state, oauth = pickle.loads(self._kept)  # noqa: S301 - our own
        self.portal.restart(state)
        self.sandbox.state.portals[0] = state
        for name in oauth.__struct_fields__:
            setattr(self.sandbox.state.oauth, name, getattr(oauth, name))
        self.sandbox.clock.advance(-self._passed)
        self._passed = 0.0
        self.clock.reset()
        with closing(sqlite3.connect(str(self.services.engine.url.database))) as database:
            database.execute("PRAGMA synchronous = OFF")
            self._database.backup(database)
        for log in self.services.settings.log_dir.glob("*.jsonl"):
            log.unlink()
        self.restart_worker()

    def restart_worker(self) -> None:
        """Forget what a worker has in memory."""
        limits = Limits(clock=self.clock.monotonic, sleep=self.clock.pass_by)
        self.app.extensions[EXTENSION] = replace(
            self.services,
            customers=CustomerCache(),
            quirks=Quirks(),
            limits=limits,
            deferred=Deferred(self.clock.monotonic),
            request_quota=RequestQuota(clock=self.clock.monotonic),
        )

    def open(self, user: int) -> str:
        """Launch the app, and return the page."""
        launch = self.portal.launch(user_id=user)
        _, page = self._post(launch.url, data=launch.body)
        found = SESSION.search(page)
        if found is None:
            raise RuntimeError("the app did not open")
        self.sessions[user] = self.services.sessions.read(found[1])
        return page

    def post(self, user: int, path: str, fields: dict[str, Any], plan: Plan) -> tuple[int, str]:
        """Post as the page does. Returns the status and the text; 0 where the worker was killed."""
        self.plan = plan
        # Sessions end after minutes of real time, so each request gets a new one.
        headers = {"X-Frame-Session": self.services.sessions.issue(self.sessions[user])}
        try:
            return self._post(f"{self.services.settings.app_url}{path}", fields, headers)
        except Killed:
            self.restart_worker()
            return 0, ""
        finally:
            self.plan, self.database_is_gone, self.disk_is_full = Plan(), False, False

    def _post(
        self, url: str, data: Mapping[str, Any], headers: Mapping[str, str] = {}
    ) -> tuple[int, str]:
        made = environ(url, data, headers=headers)
        answer = Response.from_app(self.app.wsgi_app, made, buffered=True)
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            raise RuntimeError("a session is refused, so the run says nothing")
        return answer.status_code, unescape(answer.get_data(as_text=True))

    def call(self, method: str, params: dict[str, Any]) -> int:
        """Call the portal as a program outside the app. Returns the result."""
        answer = self.network.post(f"{self.portal.webhook_url}{method}", {"json": params})
        return int(json.loads(answer.content)["result"])

    def pass_by(self, seconds: float) -> None:
        """Let time pass for the app and for the portal, which carries out what is due."""
        self._passed += seconds
        self.clock.pass_by(seconds)
        self.sandbox.advance(seconds)

    def after_request(self) -> None:
        """Let the database or the worker end after a request to the portal, as planned."""
        plan = self.plan
        plan.sent += 1
        if plan.sent == plan.database_gone_after:
            self.database_is_gone = True
        if plan.sent == plan.disk_full_after:
            self.disk_is_full = True
        if plan.sent == plan.worker_killed_after:
            self.database_is_gone = True
            raise Killed


@contextmanager
def running() -> Iterator[World]:
    """Start a world. Its database and logs are in memory where the machine has such a folder."""
    with (
        TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder,
        Sandbox(port=0, records=2, contacts=12, companies=3, deals=1, bookings=0) as sandbox,
    ):
        clock, network = Clock(), Network(sandbox)
        clock.install()
        config = load({**app_settings(folder), **sandbox.environment(), "B24_TIMEOUT": "5"})
        app = create_app(config, limits=Limits())
        portal = sandbox.portals[0]
        portal.late.manual = True
        world = World(sandbox, portal, network, app, clock)
        with network.plugged_in(world.after_request), _failing_logs(world), _rare_garbage():
            world.open(OLGA)
            lifecycle.finish_install(portal, OLGA)
            sandbox.events.wait_idle()
            for user in USERS:
                world.open(user)
            # Events would arrive at random moments. The app takes them for hints only.
            portal.state.event_handlers.clear()
            _break_database(world)
            world.keep()
            yield world
        world.services.engine.dispose()


def _break_database(world: World) -> None:
    def begin(_connection: object) -> None:
        if world.database_is_gone:
            raise OperationalError("BEGIN", {}, Exception("database is locked"))

    def commit(connection: Connection) -> None:
        if world.disk_is_full and not connection.get_execution_options().get("only_reads"):
            raise OperationalError("COMMIT", {}, Exception("database or disk is full"))

    event.listen(world.services.engine, "begin", begin)
    event.listen(world.services.engine, "commit", commit)


@contextmanager
def _failing_logs(world: World) -> Iterator[None]:
    real = DailyLog._append

    def append(*args: Any) -> None:
        if number := world.plan.log_errno:
            raise OSError(number, os.strerror(number))
        real(*args)

    DailyLog._append = append  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        DailyLog._append = real  # type: ignore[method-assign]


@contextmanager
def _rare_garbage() -> Iterator[None]:
    """Collect garbage rarely: that costs a fifth of a run, and a run leaves little."""
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
