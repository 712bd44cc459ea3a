"""The database: connecting to it, migrating it, and what SQLite and PostgreSQL do differently."""

import sqlite3
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any, cast

from alembic import command
from alembic.config import Config
from sqlalchemy import (
    Column,
    Connection,
    Delete,
    Engine,
    Insert,
    Row,
    Select,
    Table,
    Update,
    create_engine,
    event,
    func,
    make_url,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError

from store.schema import portals
from store.vault import Vault

MIGRATIONS = Path(__file__).with_name("migrations")
MIGRATION_LOCK = 24_808_026
"""The key of the PostgreSQL lock that all starting workers take. Any number will do."""
POOL = {"pool_size": 8, "max_overflow": 56}
"""Connections of one process. A thread holds one for a few milliseconds and never two at once, so
64 connections are enough for twice as many threads."""
READY_SECONDS = 2
READY_POOL = {"pool_size": 1, "max_overflow": 3, "pool_timeout": READY_SECONDS}
"""Connections only to ask whether the database is there: they wait neither for long nor for the
others."""

SQLITE_TIMEOUT = 10
"""Seconds for which one process waits for another that has locked the file."""


class InstallationEnded(Exception):
    """The app was uninstalled, or installed again, since a portal was read."""


def open_engine(database_url: str) -> Engine:
    """Connect to SQLite or PostgreSQL. Creates the folder of an SQLite file if it is missing."""
    url = make_url(database_url)
    if url.get_backend_name() == "postgresql":
        return create_engine(url.set(drivername="postgresql+psycopg"), pool_pre_ping=True, **POOL)
    if url.get_backend_name() != "sqlite":
        raise ArgumentError("neither SQLite nor PostgreSQL")
    if not url.database or url.database == ":memory:":
        # It would be a different one for each thread.
        raise ArgumentError("a database in memory")
    _create_private(Path(url.database))
    engine = create_engine(url, connect_args={"timeout": SQLITE_TIMEOUT}, **POOL)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def open_probe(database_url: str) -> Engine:
    """Connect to the same database to ask whether it is there, within a short time."""
    url = make_url(database_url)
    if url.get_backend_name() != "postgresql":
        return create_engine(url, connect_args={"timeout": READY_SECONDS}, **READY_POOL)
    options = {
        "connect_timeout": READY_SECONDS,
        "options": f"-c statement_timeout={READY_SECONDS * 1000}",
    }
    url = url.set(drivername="postgresql+psycopg")
    return create_engine(url, connect_args=options, pool_pre_ping=True, **READY_POOL)


def _create_private(path: Path) -> None:
    """Create an SQLite file that only its owner may read, and protect one that exists.

    SQLite gives the files of its write-ahead log the same mode.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Another user may own an existing file.
    with suppress(PermissionError):
        path.touch(mode=0o600)
        path.chmod(0o600)


def for_reading(engine: Engine) -> Engine:
    """Return the same database for transactions that only read. They wait for no writer."""
    return engine.execution_options(only_reads=True)


class Store:
    """Reads and writes tables, each time in a short transaction of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = for_reading(engine)

    def _rows(self, query: Select[*tuple[Any, ...]]) -> Sequence[Row[*tuple[Any, ...]]]:
        with self._reading.begin() as connection:
            return connection.execute(query).all()

    def _row(self, query: Select[*tuple[Any, ...]]) -> Row[*tuple[Any, ...]] | None:
        with self._reading.begin() as connection:
            return connection.execute(query).one_or_none()

    def _values(self, query: Select[Any]) -> Sequence[Any]:
        """Return the first column of the rows."""
        with self._reading.begin() as connection:
            return connection.execute(query).scalars().all()

    def _write(self, statement: Insert | Update | Delete) -> int:
        """Run one statement, and return the number of rows that it has changed."""
        with self._engine.begin() as connection:
            return connection.execute(statement).rowcount

    def _insert(self, table: Table) -> postgresql.Insert:
        """Return this database's INSERT: SQLAlchemy has one for each `on_conflict_do_update`."""
        if self._engine.dialect.name == "postgresql":
            return postgresql.insert(table)
        return cast(postgresql.Insert, sqlite.insert(table))


class SealedStore(Store):
    """A store with a vault for what is secret in its rows."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        super().__init__(engine)
        self._vault = vault


def fields_in(row: Row[Any], kind: type[Any]) -> dict[str, Any]:
    """Return those columns of a row that a dataclass has as fields."""
    return {one.name: row._mapping[one.name] for one in fields(kind) if one.name in row._mapping}


def lock_portal(connection: Connection, member_id: str) -> None:
    """Block other transactions that lock this portal. On SQLite only one writes at a time."""
    row = select(portals.c.member_id).where(portals.c.member_id == member_id)
    connection.execute(row.with_for_update())


def next_number(connection: Connection, column: Column[int], member_id: str, least: int = 1) -> int:
    """Return one more than any row of a portal has in this column. Call `lock_portal` before."""
    newest = select(func.max(column)).where(column.table.c.member_id == member_id)
    return max((connection.execute(newest).scalar_one() or 0) + 1, least)


def migrate(engine: Engine, vault: Vault) -> None:
    """Run the missing migrations. Several workers may call this at the same time."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        command.upgrade(migration_config(connection, vault), "head")


def migration_config(connection: Connection, vault: Vault) -> Config:
    """Return a configuration of Alembic that uses this connection's transaction.

    Migrations that seal or open values use `vault`.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("recursive_version_locations", "true")
    config.attributes.update(connection=connection, vault=vault)
    return config


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # Let SQLAlchemy, not the driver, begin transactions.
    connection.isolation_level = None
    _enable_write_ahead_log(connection)
    for pragma in ("foreign_keys=ON", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}")


def _enable_write_ahead_log(connection: Any) -> None:
    # Switching a new file to the write-ahead log needs exclusive access. SQLite ignores its timeout
    # here and fails at once when another process does the same, so this loop retries.
    give_up = time.monotonic() + SQLITE_TIMEOUT
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
    # A transaction that first reads and then writes fails if another one has written in between.
    # Taking the write lock at the start makes it wait instead.
    only_reads = connection.get_execution_options().get("only_reads")
    connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")
