"""Every contract test runs twice: on SQLite and on PostgreSQL, each time on a fresh database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Engine

from store.changes import ChangeStore
from store.engine import migrate, open_engine
from store.last_seen import LastSeenStore
from store.portals import PortalStore
from store.record_events import RecordEventStore
from store.schema import metadata
from store.tokens import TokenStore
from store.vault import Vault
from tests.contract.steps import with_portals
from tests.contract.workers import Workers
from tests.postgres import PostgresServer, running_server
from tests.quick_app import migrated_database


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for all tests. Without PostgreSQL it fails and says what to install."""
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def workers() -> Iterator[Workers]:
    """Other processes, like those of a server. They start once, which takes a second."""
    with Workers(4) as pool:
        yield pool


@pytest.fixture(scope="session")
def migrated_postgres(postgres: PostgresServer) -> Iterator[str]:
    """The URL of a database with all tables, which each test empties after itself."""
    with postgres.database() as url:
        migrated = open_engine(url)
        migrate(migrated, Vault([Fernet.generate_key().decode()]))
        migrated.dispose()
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def empty_url(request: pytest.FixtureRequest, dialect: str, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables."""
    if dialect == "sqlite":
        yield f"sqlite:///{tmp_path / 'app.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.database() as url:
        yield url


@pytest.fixture
def database_url(request: pytest.FixtureRequest, dialect: str, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with all tables and no rows."""
    if dialect == "sqlite":
        (tmp_path / "app.db").write_bytes(migrated_database())
        yield f"sqlite:///{tmp_path / 'app.db'}"
        return
    url: str = request.getfixturevalue("migrated_postgres")
    yield url
    tables = ", ".join(metadata.tables)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"TRUNCATE {tables} RESTART IDENTITY".encode())


@pytest.fixture
def empty(empty_url: str) -> Iterator[Engine]:
    """A connection to a database without tables."""
    opened = open_engine(empty_url)
    yield opened
    opened.dispose()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A connection to a database with all tables."""
    opened = open_engine(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def key() -> str:
    """The encryption key."""
    return Fernet.generate_key().decode()


@pytest.fixture
def vault(key: str) -> Vault:
    return Vault([key])


@pytest.fixture
def portals(engine: Engine, vault: Vault) -> PortalStore:
    """Two portals."""
    return with_portals(engine, vault)


@pytest.fixture
def tokens(engine: Engine, vault: Vault) -> TokenStore:
    """Two portals, and no tokens."""
    with_portals(engine, vault)
    return TokenStore(engine, vault)


@pytest.fixture
def changes(engine: Engine, vault: Vault) -> ChangeStore:
    """Two portals, and no changes."""
    with_portals(engine, vault)
    return ChangeStore(engine)


@pytest.fixture
def last_seen(engine: Engine, vault: Vault) -> LastSeenStore:
    """Two portals, and no customers on records."""
    with_portals(engine, vault)
    return LastSeenStore(engine)


@pytest.fixture
def record_events(engine: Engine, vault: Vault) -> RecordEventStore:
    """Two portals, and no events."""
    with_portals(engine, vault)
    return RecordEventStore(engine)
