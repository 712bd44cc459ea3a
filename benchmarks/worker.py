"""Runs one gunicorn worker as in production, with the app or a bare Flask view."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.middleware.shared_data import SharedDataMiddleware

from app import create_app

KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
"""Protects nothing, but the app does not start without one."""
APP, BARE = "app:create_app()", "benchmarks.worker:bare()"
WITH_PAGES, PAGES = "benchmarks.worker:with_pages()", "BENCHMARK_PAGES"
TIMEOUT, THREADS, SECONDS = 30, 8, 4
FEW_THREADS = ("--threads", str(THREADS))


def bare() -> Flask:
    """Return an app with one view, to measure Flask alone."""
    app = Flask("bare")
    app.add_url_rule("/", view_func=lambda: "<p>Hello</p>")
    return app


def with_pages() -> Flask:
    """Return the app, with the files of the folder `PAGES` under `/pages/`."""
    app = create_app()
    beside = SharedDataMiddleware(app.wsgi_app, {"/pages": os.environ[PAGES]}, cache=False)
    app.wsgi_app = beside  # type: ignore[method-assign]
    return app


def settings(folder: str) -> dict[str, str]:
    """Return the settings that the app needs to start, with an empty database."""
    return {
        "B24_CLIENT_ID": "bench",
        "B24_CLIENT_SECRET": "bench",
        "APP_URL": "https://bench.example.com",
        "SECRET_KEY": os.urandom(16).hex(),
        "TOKEN_KEYS": KEY,
        "DATABASE_URL": f"sqlite:///{folder}/app.db",
        "LOG_DIR": folder,
    }


@contextmanager
def serving(what: str, port: int, environment: Mapping[str, str], *options: str) -> Iterator[str]:
    """Start a worker, yield its address once it answers, and stop it."""
    url = f"http://127.0.0.1:{port}"
    worker = subprocess.Popen(  # noqa: S603
        [
            *(sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}"),
            *("--workers", "1", *options, "--log-level", "warning", what),
        ],
        env={**os.environ, **environment},
    )
    try:
        _wait_for(url, worker)
        yield url
    finally:
        worker.terminate()
        worker.wait(TIMEOUT)


def _wait_for(url: str, worker: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + TIMEOUT
    while worker.poll() is None and time.monotonic() < deadline:
        try:
            with closing(HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT)) as connection:
                _get(connection)
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the worker does not answer")


def requests_per_second(url: str) -> float:
    """Count the requests a second of some callers that each send one after another."""
    counts = [0] * THREADS
    until = time.monotonic() + SECONDS

    def call(number: int) -> None:
        connection = HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT)
        while time.monotonic() < until:
            _get(connection)
            counts[number] += 1

    callers = [threading.Thread(target=call, args=[number]) for number in range(THREADS)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    return sum(counts) / SECONDS


def _get(connection: HTTPConnection) -> None:
    connection.request("GET", "/")
    answer = connection.getresponse()
    answer.read()
    if answer.status != 200:
        raise RuntimeError(f"the page answered {answer.status}")
