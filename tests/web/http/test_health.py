"""The endpoints for the operator wait for no writer."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing

import pytest
from flask import Flask
from sqlalchemy import text

from store.engine import POOL
from web.services import services_of

WRITES = {
    "a lock": "UPDATE portals SET changed_at = changed_at WHERE 0",
    "a new row": "INSERT INTO portals (member_id, application_token, status, installed_by,"
    " changed_at) VALUES ('m', '', 'opened', 0, 0)",
    "many deletions": "DELETE FROM record_events",
}


@pytest.mark.parametrize("statement", WRITES.values(), ids=WRITES)
@pytest.mark.parametrize("path", ["/readyz", "/healthz"])
def test_health_is_answered_while_another_transaction_writes(
    app: Flask, path: str, statement: str
) -> None:
    with ThreadPoolExecutor() as threads, services_of(app).engine.begin() as connection:
        connection.execute(text(statement))
        answer = threads.submit(lambda: app.test_client().get(path))
        assert answer.result(timeout=60).status_code == 200


@pytest.fixture
def locked(app: Flask) -> Iterator[None]:
    """Another program keeps the SQLite file to itself, for reading as well."""
    services = services_of(app)
    services.engine.dispose()
    services.probe.dispose()
    with closing(sqlite3.connect(str(services.engine.url.database))) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        yield


@pytest.fixture
def used_up(app: Flask) -> Iterator[None]:
    """Requests hold all connections of the pool."""
    engine = services_of(app).engine
    with ExitStack() as stack:
        for _ in range(sum(POOL.values())):
            stack.enter_context(engine.connect())
        yield


def answer_to(app: Flask, path: str) -> int:
    """Ask in a thread, so that an answer that does not come fails the test."""
    with ThreadPoolExecutor() as threads:
        return threads.submit(lambda: app.test_client().get(path).status_code).result(timeout=60)


@pytest.mark.usefixtures("locked")
def test_a_database_that_cannot_be_read_is_not_ready_after_a_short_time(app: Flask) -> None:
    assert answer_to(app, "/readyz") == 503
    assert answer_to(app, "/healthz") == 200


@pytest.mark.usefixtures("used_up")
def test_readiness_waits_for_no_connection_of_others(app: Flask) -> None:
    assert answer_to(app, "/readyz") == 200


def test_a_database_without_tables_is_not_ready(app: Flask) -> None:
    with services_of(app).engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    assert answer_to(app, "/readyz") == 503
