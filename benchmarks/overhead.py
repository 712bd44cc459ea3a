"""Measures the app's own time: in a call of a portal, and in a page."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.app_client import Token
from benchmarks.ports import free_port
from benchmarks.worker import APP, BARE, FEW_THREADS, requests_per_second, serving, settings
from bitrix24.batch import BATCH_SIZE
from bitrix24.client import PortalClient
from bitrix24.http.transport import HttpAnswer, Transport
from bitrix24.limits import Limits
from bitrix24.log.journal import Journal
from waitlist.records.read import client_list
from web.http.call_metrics import recorder

CALLS = 1000


class InstantTransport(Transport):
    """Answers a batch of 50 customer lists without any network."""

    def __init__(self) -> None:
        row = {"id": 12, "type": {"module": "crm", "code": "CONTACT"}}
        results = [{"waitListClient": [row]}] * BATCH_SIZE
        times = [{"operating": 0.1, "operating_reset_at": 4e9}] * BATCH_SIZE
        self._answer = HttpAnswer(200, {"result": {"result": results, "result_time": times}})

    def post_json(self, *_: Any, **__: Any) -> HttpAnswer:
        return self._answer


def measure_call_times() -> tuple[float, float]:
    """Measure the app's own time for a batch of 50 commands: median and 95th percentile, in ms.

    It builds and reads the batch, counts the request for all workers, and writes the journal.
    """
    with TemporaryDirectory() as folder:
        now = [0.0]

        def clock() -> float:
            now[0] += 60
            return now[0]

        client = PortalClient(
            "https://bench.example.com/rest/",
            Token("t"),
            InstantTransport(),
            observer=recorder(Journal(Path(folder), 7), "bench", 1),
            limits=Limits(Path(folder) / "limits", clock=clock),
        )
        ids = range(BATCH_SIZE)
        times = [_time(lambda: client.batch(map(client_list, ids))) for _ in range(CALLS)]
    return statistics.median(times) * 1000, statistics.quantiles(times, n=20)[18] * 1000


def measure_page_rates() -> tuple[float, float]:
    """Measure the requests a second of one gunicorn worker: an app page, and a bare Flask view.

    The page is the one that asks to open the app from Bitrix24.
    """
    with TemporaryDirectory() as folder:
        with serving(APP, free_port(), settings(folder), *FEW_THREADS) as url:
            ours = requests_per_second(url)
        with serving(BARE, free_port(), {}, *FEW_THREADS) as url:
            return ours, requests_per_second(url)


def _time(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
