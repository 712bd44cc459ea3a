"""States of the authorization-code flow, on both databases."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from sqlalchemy import Engine, func, select

from store import oauth_states as oauth_state_store
from store.oauth_states import LIFETIME, OAuthStateStore
from store.schema import oauth_states
from store.vault import Vault
from tests.contract.steps import ELSEWHERE, HERE, with_portals


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
    states: OAuthStateStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, now = states.issue(HERE.member_id, "browser"), time.time()
    monkeypatch.setattr(time, "time", lambda: now + LIFETIME + 2)
    assert states.consume(state, "browser") is None


def test_the_oldest_states_of_a_portal_make_room(
    states: OAuthStateStore, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oauth_state_store, "MOST", 5)
    theirs = states.issue(ELSEWHERE.member_id, "browser")
    issued = []
    with time_machine.travel(1_000_000, tick=False) as clock:
        for _ in range(8):
            clock.shift(1)
            issued.append(states.issue(HERE.member_id, "browser"))
        known = [states.consume(state, "browser") for state in issued]
    assert known == [None] * 3 + [HERE.member_id] * 5
    assert states.consume(theirs, "browser") == ELSEWHERE.member_id
    with engine.begin() as connection:
        kept = connection.execute(select(func.count()).select_from(oauth_states)).scalar_one()
    assert kept == 0


def test_neither_state_nor_browser_is_in_the_database(
    states: OAuthStateStore, engine: Engine
) -> None:
    state = states.issue(HERE.member_id, "browser")
    with engine.begin() as connection:
        stored = str(connection.execute(select(oauth_states)).all())
    assert state not in stored
    assert "browser'" not in stored
