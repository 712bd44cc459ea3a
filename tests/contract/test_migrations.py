"""Migrations bring any database to the schema in `store/schema.py`."""

from __future__ import annotations

import threading

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from cryptography.fernet import Fernet
from sqlalchemy import Engine, insert, inspect, text

from store.engine import MIGRATION_LOCK, migrate, migration_config, open_engine
from store.portals import PortalStore
from store.schema import metadata
from store.tokens import TokenStore
from store.vault import Vault
from tests.contract.workers import Workers

ADD_PORTAL = "INSERT INTO portals VALUES ('m', 'https://a.example/rest/', '', 'installed', 1, 0)"
ADD_EVENT = "INSERT INTO {} (member_id, record_id, happened_at) VALUES ('m', 3, 0)"


def tables_of(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_migrations_create_all_tables(empty: Engine, vault: Vault) -> None:
    migrate(empty, vault)
    assert tables_of(empty) == set(metadata.tables)


def test_migrating_again_changes_nothing(engine: Engine, vault: Vault) -> None:
    migrate(engine, vault)
    assert tables_of(engine) == set(metadata.tables)


def test_the_migrated_database_matches_the_schema(engine: Engine) -> None:
    with engine.begin() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_downgrade_drops_all_tables(empty: Engine, vault: Vault) -> None:
    migrate(empty, vault)
    with empty.begin() as connection:
        command.downgrade(migration_config(connection, vault), "base")
    assert tables_of(empty) == set()
    migrate(empty, vault)
    assert tables_of(empty) == set(metadata.tables)


def test_renamed_tables_keep_their_rows(empty: Engine, vault: Vault) -> None:
    with empty.begin() as connection:
        command.upgrade(migration_config(connection, vault), "0004")
        connection.execute(text(ADD_PORTAL))
        connection.execute(text("INSERT INTO sightings VALUES ('m', 3, 'CONTACT:5')"))
        for _ in range(2):
            connection.execute(text(ADD_EVENT.format("happenings")))
    migrate(empty, vault)
    with empty.begin() as connection:
        assert connection.execute(text("SELECT record_id, customer FROM last_seen")).all() == [
            (3, "CONTACT:5")
        ]
        # The ids go on where they were: open pages remember the last one they have seen.
        connection.execute(text("DELETE FROM record_events WHERE id = 2"))
        connection.execute(text(ADD_EVENT.format("record_events")))
        ids = connection.execute(text("SELECT id FROM record_events ORDER BY id")).scalars()
        assert list(ids) == [1, 3]
        command.downgrade(migration_config(connection, vault), "0004")
        assert connection.execute(text("SELECT count(*) FROM happenings")).scalar_one() == 2


def test_renamed_columns_keep_their_values(empty: Engine, vault: Vault) -> None:
    with empty.begin() as connection:
        command.upgrade(migration_config(connection, vault), "0017")
        portal = {"member_id": "m", "application_token": "", "status": "opened"}
        row = insert(metadata.tables["portals"]).values(**portal, installed_by=0, changed_at=0)
        connection.execute(row)
        connection.execute(text("INSERT INTO booking_looks (member_id, heeded) VALUES ('m', 7)"))
    migrate(empty, vault)
    with empty.begin() as connection:
        query = text("SELECT hints_scanned FROM booking_scans")
        assert connection.execute(query).scalar_one() == 7


def test_addresses_are_sealed_by_a_migration(empty: Engine, vault: Vault) -> None:
    token = {
        f"{name}_token": vault.seal(name, f"user_tokens/m/7/{name}_token")
        for name in ("access", "refresh")
    }
    insert = (
        "INSERT INTO user_tokens VALUES"
        " ('m', 7, :access_token, :refresh_token, 9, 'https://oauth.example', '', 0)"
    )
    with empty.begin() as connection:
        command.upgrade(migration_config(connection, vault), "0004")
        connection.execute(text(ADD_PORTAL))
        connection.execute(text(insert), token)
    migrate(empty, vault)
    portal, stored = PortalStore(empty, vault).find("m"), TokenStore(empty, vault).find("m", 7)
    assert portal
    assert stored
    assert (portal.client_endpoint, portal.domain) == ("https://a.example/rest/", "a.example")
    assert len(portal.installation) == 32
    assert (stored.oauth_url, stored.access_token) == ("https://oauth.example", "access")
    with empty.begin() as connection:
        rows = connection.execute(text("SELECT endpoint FROM portals")).scalars()
        assert "a.example" not in str(list(rows))
        command.downgrade(migration_config(connection, vault), "0004")
        address = connection.execute(text("SELECT client_endpoint FROM portals")).scalar_one()
        server = connection.execute(text("SELECT oauth_url FROM user_tokens")).scalar_one()
    assert (address, server) == ("https://a.example/rest/", "https://oauth.example")


def test_a_worker_waits_for_the_one_that_is_migrating(empty: Engine, vault: Vault) -> None:
    waiting = threading.Thread(target=migrate, args=[empty, vault])
    with empty.begin() as first:
        if empty.dialect.name == "postgresql":
            first.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive()
    waiting.join()
    assert tables_of(empty) == set(metadata.tables)


def test_several_workers_may_start_at_once(empty: Engine, empty_url: str, workers: Workers) -> None:
    workers.meet(_start, empty_url)
    assert tables_of(empty) == set(metadata.tables)


def _start(database_url: str) -> None:
    engine = open_engine(database_url)
    migrate(engine, Vault([Fernet.generate_key().decode()]))
    engine.dispose()
