"""Migrations bring any database to what `store/schema.py` says."""

from __future__ import annotations

import threading

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from store.engine import MIGRATION_LOCK, migrate, migration_config, open_engine
from store.schema import metadata
from tests.contract.workers import Workers


def tables_of(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_migrations_make_all_tables_of_an_empty_database(empty: Engine) -> None:
    migrate(empty)
    assert tables_of(empty) == set(metadata.tables)


def test_migrating_again_changes_nothing(engine: Engine) -> None:
    migrate(engine)
    assert tables_of(engine) == set(metadata.tables)


def test_the_migrated_database_is_what_the_schema_says(engine: Engine) -> None:
    with engine.begin() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_downgrade_takes_everything_away_again(engine: Engine) -> None:
    with engine.begin() as connection:
        command.downgrade(migration_config(connection), "base")
    assert tables_of(engine) == set()
    migrate(engine)
    assert tables_of(engine) == set(metadata.tables)


def test_a_worker_waits_for_the_one_that_is_migrating(empty: Engine) -> None:
    waiting = threading.Thread(target=migrate, args=[empty])
    with empty.begin() as first:
        if empty.dialect.name == "postgresql":
            first.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive()
    waiting.join()
    assert tables_of(empty) == set(metadata.tables)


def test_several_workers_may_start_at_once(
    empty: Engine, database_url: str, workers: Workers
) -> None:
    workers.meet(_start, database_url)
    assert tables_of(empty) == set(metadata.tables)


def _start(database_url: str) -> None:
    engine = open_engine(database_url)
    migrate(engine)
    engine.dispose()
