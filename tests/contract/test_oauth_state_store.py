"""States of the authorization-code flow, on both databases."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, func, select

from store.oauth_states import LIFETIME, OAuthStateStore
from store.schema import oauth_states
from store.vault import Vault
from tests.contract.steps import HERE, with_portals


@pytest.fixture
def states(engine: Engine, vault: Vault) -> OAuthStateStore:
    with_portals(engine, vault)
    return OAuthStateStore(engine)


def test_a_state_is_valid_once(states: OAuthStateStore) -> None:
    state = states.issue(HERE.member_id, "browser")
    assert states.consume(state, "browser") == HERE.member_id
    assert states.consume(state, "browser") is None


def test_only_one_of_many_requests_with_one_state_succeeds(states: OAuthStateStore) -> None:
    state = states.issue(HERE.member_id, "browser")
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: states.consume(state, "browser"), range(8)))
    assert sorted(filter(None, answers)) == [HERE.member_id]


def test_another_browser_can_neither_use_nor_spend_a_state(states: OAuthStateStore) -> None:
    state = states.issue(HERE.member_id, "browser")
    assert states.consume(state, "another") is None
    assert states.consume("made up", "browser") is None
    assert states.consume(state, "browser") == HERE.member_id


def test_a_state_is_valid_for_ten_minutes(
    states: OAuthStateStore, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, now = states.issue(HERE.member_id, "browser"), time.time()
    monkeypatch.setattr(time, "time", lambda: now + LIFETIME + 2)
    assert states.consume(state, "browser") is None
    states.issue(HERE.member_id, "browser")
    with engine.begin() as connection:
        kept = connection.execute(select(func.count()).select_from(oauth_states)).scalar_one()
    assert kept == 1


def test_neither_state_nor_browser_is_in_the_database(
    states: OAuthStateStore, engine: Engine
) -> None:
    state = states.issue(HERE.member_id, "browser")
    with engine.begin() as connection:
        stored = str(connection.execute(select(oauth_states)).all())
    assert state not in stored
    assert "browser'" not in stored
