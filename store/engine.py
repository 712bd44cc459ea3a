"""Opens the database and brings it to the current schema."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text

MIGRATIONS = Path(__file__).with_name("migrations")
MIGRATION_LOCK = 24_808_026
"""Any number will do; all workers that start at once must take the same PostgreSQL lock."""
POOL = {"pool_size": 8, "max_overflow": 56}
"""Connections of one process. A thread holds one for a few milliseconds and never two at once, so
this is one for each of as many threads as a worker may sensibly have."""

SQLITE_PATIENCE = 30
"""Seconds one process waits for another that holds the file."""


def open_engine(database_url: str) -> Engine:
    """Connects to SQLite or PostgreSQL. The folder of an SQLite file is made when it is missing."""
    url = make_url(database_url)
    if url.get_backend_name() == "postgresql":
        return create_engine(url.set(drivername="postgresql+psycopg"), pool_pre_ping=True, **POOL)
    if not url.database or url.database == ":memory:":
        raise ValueError("a database in memory would be another one for every thread")
    Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": SQLITE_PATIENCE}, **POOL)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def for_reading(engine: Engine) -> Engine:
    """The same database, for transactions that write nothing: those wait for nobody."""
    return engine.execution_options(writes_nothing=True)


def migrate(engine: Engine) -> None:
    """Runs the migrations that are missing. Several workers may call it at the same time."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        command.upgrade(migration_config(connection), "head")


def migration_config(connection: Connection) -> Config:
    """What Alembic's commands want, working inside the transaction of this connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # SQLAlchemy, not the driver, is to say when a transaction begins.
    connection.isolation_level = None
    _write_ahead(connection)
    for pragma in ("foreign_keys=ON", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}")


def _write_ahead(connection: Any) -> None:
    # Turning a new file over to the write-ahead log wants the file for itself, and SQLite refuses
    # at once, without the timeout, when another process is about to do the same.
    give_up = time.monotonic() + SQLITE_PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > give_up:
                raise
            time.sleep(0.01)


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later would fail at once when another has written
    # meanwhile; taking the write lock at the start makes it wait instead.
    writes_nothing = connection.get_execution_options().get("writes_nothing")
    connection.exec_driver_sql("BEGIN" if writes_nothing else "BEGIN IMMEDIATE")
