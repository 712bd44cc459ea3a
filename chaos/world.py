"""A portal, the app and two users in one process. Database and network may fail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from app import create_app
from benchmarks.worker import settings as app_settings
from bitrix24.http.transport import HttpAnswer, Transport
from bitrix24.limits import Limits
from chaos.clock import Clock
from sandbox import Sandbox
from sandbox.core.recording import RequestRecord
from sandbox.portal import lifecycle
from sandbox.portal.portal import Portal
from settings import load
from web.services import Services, services_of

SESSION = re.compile(r'name="session" value="([^"]+)"')
OLGA, RAJ = 1, 2
USERS = (OLGA, RAJ)


class Killed(BaseException):
    """The worker ends here, as by SIGKILL: what it had in memory is gone."""


@dataclass
class Plan:
    """What happens to a step: after how many requests the database or the worker ends; 0: never."""

    database_ends: int = 0
    worker_ends: int = 0
    sent: int = 0


@dataclass
class World:
    """What runs share: starting it takes seconds, a run a tenth of one."""

    sandbox: Sandbox
    portal: Portal
    services: Services
    clock: Clock
    clients: dict[int, FlaskClient]
    sessions: dict[int, str] = field(default_factory=dict)
    plan: Plan = field(default_factory=Plan)
    down: bool = False

    def open(self, user: int) -> str:
        """Launch the app, and return the page."""
        launch = self.portal.launch(user_id=user)
        url = urlsplit(launch.url)
        answer = self.clients[user].post(f"{url.path}?{url.query}", data=launch.body)
        page = answer.get_data(as_text=True)
        found = SESSION.search(page)
        if found is None:
            raise RuntimeError("the app did not open")
        self.sessions[user] = found[1]
        return unescape(page)

    def post(self, user: int, path: str, fields: dict[str, Any], plan: Plan) -> tuple[int, str]:
        """Post as the page does. Returns the status and the text; 0 where the worker was killed."""
        self.plan = plan
        headers = {"X-Frame-Session": self.sessions[user]}
        try:
            answer = self.clients[user].post(path, data=fields, headers=headers)
            return answer.status_code, unescape(answer.get_data(as_text=True))
        except Killed:
            # Another worker knows nothing of what this one had in memory.
            self.services.deferred._waiting.clear()
            return 0, ""
        finally:
            self.plan, self.down = Plan(), False
            self.services.deferred._not_before = 0.0

    def pass_by(self, seconds: float) -> None:
        """Let time pass for the app and for the portal, which carries out what is due."""
        self.clock.pass_by(seconds)
        self.sandbox.advance(seconds)

    @property
    def requests(self) -> list[RequestRecord]:
        return self.portal.requests


@contextmanager
def running(folder: Path) -> Iterator[World]:
    """Start a world with its data in a folder."""
    with Sandbox(port=0, records=5, contacts=60, companies=5, deals=3) as sandbox:
        clock = Clock()
        clock.install()
        config = load({**app_settings(str(folder)), **sandbox.environment(), "B24_TIMEOUT": "5"})
        app = create_app(config, limits=Limits())
        services = services_of(app)
        portal = sandbox.portals[0]
        portal.late.by_hand = True
        clients = {user: app.test_client() for user in USERS}
        world = World(sandbox, portal, services, clock, clients)
        world.open(OLGA)
        lifecycle.finish_install(portal, OLGA)
        sandbox.events.wait_idle()
        for user in USERS:
            world.open(user)
        _break_database(world)
        with _broken_network(world):
            yield world
        services.engine.dispose()


def _break_database(world: World) -> None:
    def begin(_connection: object) -> None:
        if world.down:
            raise OperationalError("BEGIN", {}, Exception("database is locked"))

    event.listen(world.services.engine, "begin", begin)


@contextmanager
def _broken_network(world: World) -> Iterator[None]:
    real = Transport.post_json

    def post_json(*args: Any, **options: Any) -> HttpAnswer:
        plan = world.plan
        plan.sent += 1
        try:
            return real(*args, **options)
        finally:
            if plan.sent == plan.database_ends:
                world.down = True
            if plan.sent == plan.worker_ends:
                world.down = True
                raise Killed

    Transport.post_json = post_json  # type: ignore[method-assign]
    try:
        yield
    finally:
        Transport.post_json = real  # type: ignore[method-assign]
