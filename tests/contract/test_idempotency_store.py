"""The results of attempts, on both databases."""

from __future__ import annotations

import time

import pytest
import time_machine
from sqlalchemy import Engine, func, select

from store.engine import open_engine
from store.pending.idempotency import MOST, RETENTION, AttemptClaim, AttemptStore
from store.portals import PortalStore
from store.schema import attempts as table
from store.vault import Vault
from tests.contract.steps import ELSEWHERE, HERE, with_portals
from tests.contract.workers import Workers

PORTAL, USER, WORD = HERE.member_id, 7, "a-random-word-in-a-form"
LONG = 3600


@pytest.fixture
def attempts(engine: Engine, vault: Vault) -> AttemptStore:
    """Two portals, and no attempts."""
    with_portals(engine, vault)
    return AttemptStore(engine)


def claim(
    store: AttemptStore, word: str = WORD, fingerprint: str = "Anna", seconds: int = LONG
) -> AttemptClaim:
    held = store.claim(PORTAL, USER, word, fingerprint, 12, seconds)
    assert held is not None
    return held


def rows(engine: Engine) -> int:
    with engine.begin() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_only_one_worker_gets_the_claim(attempts: AttemptStore) -> None:
    assert not claim(attempts).again
    assert attempts.claim(PORTAL, USER, WORD, "Anna", 12, LONG) is None


def test_of_workers_that_start_at_the_same_moment_one_creates(
    attempts: AttemptStore, database_url: str, workers: Workers
) -> None:
    for round_ in range(5):
        made = workers.meet(_make, database_url, f"{WORD}-{round_}")
        assert sorted(made) == [0, 0, 0, 1]
        assert claim(attempts, f"{WORD}-{round_}").made == "500"


def _make(database_url: str, word: str) -> int:
    """Return how many this worker has created. Later workers wait for the first."""
    engine, made, give_up = open_engine(database_url), 0, time.monotonic() + 60
    store = AttemptStore(engine)
    while (held := store.claim(PORTAL, USER, word, "Anna", 12, LONG)) is None:
        assert time.monotonic() < give_up
        time.sleep(0.01)
    if not held.made:
        time.sleep(0.1)
        store.save_result(held, "500")
        made += 1
    store.release(held)
    engine.dispose()
    return made


def test_a_later_claim_knows_the_result(attempts: AttemptStore) -> None:
    held = claim(attempts)
    attempts.save_result(held, "500")
    attempts.save_result(held, "500", 3)
    attempts.release(held)
    again = claim(attempts)
    assert (again.again, again.made, again.change, again.newest) == (True, "500", 3, 12)
    assert again.same
    attempts.release(again)
    assert not claim(attempts, fingerprint="Boris").same


def test_a_later_claim_is_compared_with_what_was_created(attempts: AttemptStore) -> None:
    attempts.release(claim(attempts))
    other = claim(attempts, fingerprint="Boris")
    attempts.save_result(other, "500")
    attempts.release(other)
    assert claim(attempts, fingerprint="Boris").same


def test_a_discarded_attempt_counts_as_new(attempts: AttemptStore) -> None:
    attempts.discard(claim(attempts))
    assert not claim(attempts).again


def test_the_attempt_of_a_dead_worker_is_not_new(attempts: AttemptStore) -> None:
    claim(attempts, seconds=0)
    later = claim(attempts)
    assert (later.again, later.made) == (True, "")


def test_a_late_worker_learns_that_another_has_taken_over(attempts: AttemptStore) -> None:
    late = claim(attempts, seconds=0)
    other = claim(attempts)
    assert not attempts.extend(late, LONG)
    assert attempts.extend(other, LONG)
    attempts.save_result(late, "500")
    attempts.discard(late)
    attempts.release(late)
    assert attempts.claim(PORTAL, USER, WORD, "Anna", 12, LONG) is None
    attempts.release(other)
    assert claim(attempts).made == ""


def test_another_user_or_portal_has_attempts_of_its_own(attempts: AttemptStore) -> None:
    held = claim(attempts)
    attempts.save_result(held, "500")
    for member_id, user_id in ((PORTAL, USER + 1), (ELSEWHERE.member_id, USER)):
        other = attempts.claim(member_id, user_id, WORD, "Anna", 12, LONG)
        assert other is not None
        assert (other.again, other.made) == (False, "")


def test_a_claim_deletes_no_old_attempts_of_others(attempts: AttemptStore, engine: Engine) -> None:
    """Those of all portals at once would keep everybody waiting."""
    for user_id in range(100, 120):
        assert attempts.claim(PORTAL, user_id, WORD, "Anna", 12, LONG)
    with time_machine.travel(time.time() + RETENTION + 2):
        claim(attempts, "another word")
        assert rows(engine) == 21


def test_one_user_cannot_fill_the_table(attempts: AttemptStore, engine: Engine) -> None:
    start = time.time()
    for number in range(MOST + 5):
        with time_machine.travel(start + number):
            attempts.release(claim(attempts, f"word {number}"))
    assert rows(engine) == MOST
    with time_machine.travel(start + MOST + 5):
        assert claim(attempts, f"word {MOST + 4}").again
        assert not claim(attempts, "word 0").again


def test_uninstalling_deletes_the_attempts_of_a_portal(
    attempts: AttemptStore, engine: Engine, portals: PortalStore
) -> None:
    claim(attempts)
    assert attempts.claim(ELSEWHERE.member_id, USER, WORD, "Anna", 12, LONG)
    portals.uninstall(PORTAL)
    assert rows(engine) == 1
    assert not claim(attempts).again


def test_neither_the_attempt_nor_the_wish_is_in_the_database(
    attempts: AttemptStore, engine: Engine
) -> None:
    claim(attempts)
    with engine.begin() as connection:
        stored = str(connection.execute(select(table)).all())
    assert WORD not in stored
    assert "Anna" not in stored
