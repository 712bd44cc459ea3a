"""What the app itself adds: to a call of a portal, and to a page."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

import settings
from app import create_app
from benchmarks.ours import Token
from bitrix24.batch import Command
from bitrix24.client import PortalClient
from bitrix24.journal import Journal
from bitrix24.limits import Limits
from bitrix24.transport import HttpAnswer, Transport
from web.record import recorder

CALLS, PAGES = 1000, 1000
KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
"""Of nothing: the app does not start without one."""


class Instantly(Transport):
    """Answers a batch of fifty customers' lists without any network."""

    def __init__(self) -> None:
        row = {"id": 12, "type": {"module": "crm", "code": "CONTACT"}}
        results = {f"c{number}": {"waitListClient": [row]} for number in range(50)}
        times = {key: {"operating": 0.1, "operating_reset_at": 4e9} for key in results}
        self._answer = HttpAnswer(200, {"result": {"result": results, "result_time": times}})

    def post_json(self, _url: str, _body: Mapping[str, Any]) -> HttpAnswer:
        return self._answer


def call_times() -> tuple[float, float]:
    """Milliseconds of a batch of 50 commands, at the median and the 95th percentile, that are
    ours: building and reading it, the shared count of requests, the redacted journal line."""
    with TemporaryDirectory() as folder:
        now = [0.0]

        def clock() -> float:
            now[0] += 60
            return now[0]

        client = PortalClient(
            "https://bench.example.com/rest/",
            Token("t"),
            Instantly(),
            recorder(Journal(Path(folder), 7), "bench", 1),
            limits=Limits(Path(folder) / "limits", clock=clock),
        )
        commands = {
            f"c{number}": Command("booking.v1.waitlist.client.list", {"waitListId": number})
            for number in range(50)
        }
        times = [_timed(lambda: client.batch(commands)) for _ in range(CALLS)]
    return statistics.median(times) * 1000, statistics.quantiles(times, n=20)[18] * 1000


def page_rates() -> tuple[float, float]:
    """Pages a second of one thread without sockets: the app's page for people who come from
    nowhere, and a bare Flask view."""
    bare = Flask("bare")
    bare.add_url_rule("/", view_func=lambda: "<p>Hello</p>")
    with TemporaryDirectory() as folder:
        app = create_app(
            settings.load(
                {
                    **{"B24_CLIENT_ID": "bench", "B24_CLIENT_SECRET": "bench"},
                    **{"APP_URL": "https://bench.example.com", "SECRET_KEY": os.urandom(16).hex()},
                    **{"TOKEN_KEYS": KEY, "DATABASE_URL": f"sqlite:///{folder}/app.db"},
                    "LOG_DIR": folder,
                }
            )
        )
        return _rate(app.test_client()), _rate(bare.test_client())


def _rate(client: FlaskClient) -> float:
    def get() -> None:
        response = client.get("/")
        if response.status_code != 200:
            raise RuntimeError(f"the page answered {response.status_code}")

    _timed(get)
    return PAGES / sum(_timed(get) for _ in range(PAGES))


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
