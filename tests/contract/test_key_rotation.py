"""Encryption keys can be changed while the app runs, on both databases."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Engine, Text, select, update

from store import key_rotation
from store.engine import open_engine
from store.key_rotation import count_unreadable, rotate_keys
from store.portals import PortalStore
from store.schema import metadata, user_tokens
from store.tokens import TokenStore
from store.vault import SealError, Vault
from tests.contract.steps import ELSEWHERE, HERE, token_of
from tests.contract.workers import Workers

USERS = range(1, 13)
SEALED = 3 * (len(USERS) + 1) + 3
"""Three values of each user, two addresses of portals and one application_token."""


@pytest.fixture
def new_key() -> str:
    return Fernet.generate_key().decode()


@pytest.fixture
def filled(tokens: TokenStore) -> TokenStore:
    """Tokens sealed with the old key. One user has tokens on both portals."""
    for user_id in USERS:
        tokens.save_newer(token_of(user_id))
    tokens.save_newer(token_of(1, ELSEWHERE.member_id))
    return tokens


def test_after_a_rotation_the_new_key_alone_opens_everything(
    filled: TokenStore, engine: Engine, key: str, new_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_rotation, "ROWS_AT_ONCE", 4)
    assert filled.find(HERE.member_id, 1) is not None
    done = rotate_keys(engine, Vault([new_key, key]))
    assert (done.resealed, done.unreadable) == (SEALED, 0)
    renewed = TokenStore(engine, Vault([new_key]))
    for user_id in USERS:
        assert renewed.find(HERE.member_id, user_id) == token_of(user_id)
    assert renewed.find(ELSEWHERE.member_id, 1) == token_of(1, ELSEWHERE.member_id)
    portal = PortalStore(engine, Vault([new_key])).find(HERE.member_id)
    assert portal is not None
    assert portal.application_token == HERE.application_token
    assert filled.find(HERE.member_id, 1) is None


def test_a_second_rotation_changes_nothing(
    filled: TokenStore, engine: Engine, key: str, new_key: str
) -> None:
    assert filled.find(HERE.member_id, 1) is not None
    rotate_keys(engine, Vault([new_key, key]))
    assert rotate_keys(engine, Vault([new_key, key])).resealed == 0


def test_a_sealed_value_stays_bound_to_its_row(
    filled: TokenStore, engine: Engine, key: str, new_key: str
) -> None:
    assert filled.find(HERE.member_id, 1) is not None
    of_another = select(user_tokens.c.access_token).where(user_tokens.c.user_id == 2)
    with engine.begin() as connection:
        connection.execute(
            update(user_tokens)
            .where(user_tokens.c.user_id == 1)
            .values(access_token=of_another.scalar_subquery())
        )
    rotate_keys(engine, Vault([new_key, key]))
    assert TokenStore(engine, Vault([new_key])).find(HERE.member_id, 1) is None


def test_values_that_no_key_opens_are_counted_and_left_alone(
    filled: TokenStore, engine: Engine, key: str, new_key: str
) -> None:
    done = rotate_keys(engine, Vault([new_key]))
    assert done.resealed == 0
    assert done.unreadable == SEALED
    assert filled.find(HERE.member_id, 1) == token_of(1)
    assert rotate_keys(engine, Vault([new_key, key])).unreadable == 0


def test_tokens_saved_during_a_rotation_are_not_lost(
    filled: TokenStore,
    engine: Engine,
    database_url: str,
    key: str,
    new_key: str,
    workers: Workers,
) -> None:
    assert filled.find(HERE.member_id, 1) is not None
    workers.meet(_serve_and_rotate, database_url, (new_key, key))
    renewed = TokenStore(engine, Vault([new_key]))
    for user_id in USERS:
        found = renewed.find(HERE.member_id, user_id)
        assert found is not None
        assert found.expires_at == token_of().expires_at + ROUNDS
        assert found.access_token == f"access-{user_id}-{ROUNDS}"


ROUNDS = 5


def _serve_and_rotate(database_url: str, keys: tuple[str, str]) -> None:
    engine, vault = open_engine(database_url), Vault(keys)
    store = TokenStore(engine, vault)
    for round_ in range(1, ROUNDS + 1):
        for user_id in USERS:
            later = token_of().expires_at + round_
            token = token_of(user_id, expires_at=later)
            store.save_newer(replace(token, access_token=f"access-{user_id}-{round_}"))
        rotate_keys(engine, vault)
    engine.dispose()


def test_a_save_between_reading_and_resealing_wins(
    filled: TokenStore, engine: Engine, key: str, new_key: str
) -> None:
    launched = token_of(1, access_token="launched", expires_at=5_000)

    class Interrupted(Vault):
        """A launch comes in once the first user's access token has been read."""

        def reseal(self, sealed: str) -> str | None:
            with suppress(SealError):
                self.open(sealed, f"user_tokens/{HERE.member_id}/1/access_token")
                filled.save_newer(launched)
            return super().reseal(sealed)

    rotate_keys(engine, Interrupted([new_key, key]))
    both = TokenStore(engine, Vault([new_key, key]))
    assert both.find(HERE.member_id, 1) == launched


def test_every_column_that_holds_a_secret_is_marked() -> None:
    """An unmarked column would be skipped by a rotation, and lost with the old key."""
    marked = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if column.info.get("sealed")
    }
    suspicious = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Text)
        and column.name not in {"before", "after", "seen", "resources"}
    }
    assert marked == suspicious
    assert marked


def test_portals_that_no_key_opens_are_counted(
    portals: PortalStore, engine: Engine, vault: Vault
) -> None:
    assert len(portals.installed()) == 1
    assert count_unreadable(engine, vault) == 0
    other = Vault([Fernet.generate_key().decode()])
    assert count_unreadable(engine, other) == 2
    assert count_unreadable(engine, other, most=1) == 1
    PortalStore(engine, other).open(HERE.member_id, HERE.client_endpoint)
    assert count_unreadable(engine, other) == count_unreadable(engine, vault) == 1
