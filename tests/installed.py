"""A snapshot of the first portal after an installation, restored for each test.

An installation opens the app three times, which takes longer than most tests. Each process makes
the snapshot every two minutes at most.
"""

from __future__ import annotations

import copyreg
import pickle
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from flask import Flask

from sandbox import Sandbox
from sandbox.portal import lifecycle
from tests.cast import ADMINISTRATOR, Cast
from waitlist.models import Customer, CustomerRef
from web.services import EXTENSION, services_of

FRESH_SECONDS = 120
"""What the app keeps in memory expires after five minutes."""

# The caches hold locks. A copy gets a new one.
copyreg.pickle(type(threading.Lock()), lambda _: (threading.Lock, ()))

CUSTOMERS: list[Customer | CustomerRef] = []
"""Those in snapshots. They never change, so a copy has the same ones, which saves much time."""


def _keep(customer: Any) -> tuple[Callable[[int], Any], tuple[int]]:
    CUSTOMERS.append(customer)
    return _kept, (len(CUSTOMERS) - 1,)


def _kept(index: int) -> Customer | CustomerRef:
    return CUSTOMERS[index]


copyreg.pickle(Customer, _keep)
copyreg.pickle(CustomerRef, _keep)


def install(cast: Cast, sandbox: Sandbox) -> None:
    """Install the app on a portal. The administrator and the regular user have it open."""
    assert cast.administrator.open().status_code == 200
    assert lifecycle.finish_install(cast.portal, ADMINISTRATOR)
    assert sandbox.events.wait_idle()
    cast.administrator.open()
    cast.regular_user.open()
    cast.portal.requests.clear()


@dataclass(frozen=True)
class Snapshot:
    """A portal, the app's database and caches, and the sessions of two users."""

    data: bytes
    database: sqlite3.Connection
    sessions: tuple[str, str]
    made: float

    @classmethod
    def take(cls, app: Flask, cast: Cast, sandbox: Sandbox) -> Snapshot:
        services = services_of(app)
        kept = (cast.portal.state, sandbox.state.oauth, services.customers, services.quirks)
        database = sqlite3.connect(":memory:")
        with sqlite3.connect(str(services.engine.url.database)) as source:
            source.backup(database)
        source.close()
        sessions = (cast.administrator.session, cast.regular_user.session)
        return cls(pickle.dumps(kept), database, sessions, time.monotonic())

    def restore(self, app: Flask, cast: Cast, sandbox: Sandbox) -> None:
        services = services_of(app)
        portal, oauth, customers, quirks = pickle.loads(self.data)  # noqa: S301 - our own
        cast.portal.restart(portal)
        sandbox.state.portals[0] = portal
        for name in oauth.__struct_fields__:
            setattr(sandbox.state.oauth, name, getattr(oauth, name))
        app.extensions[EXTENSION] = replace(services, customers=customers, quirks=quirks)
        with sqlite3.connect(str(services.engine.url.database)) as target:
            target.execute("PRAGMA synchronous = OFF")
            self.database.backup(target)
        target.close()
        cast.administrator.session, cast.regular_user.session = self.sessions

    def is_fresh(self) -> bool:
        return time.monotonic() - self.made < FRESH_SECONDS
