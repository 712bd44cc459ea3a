"""The records on which customers were last seen, on both databases."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import Connection, Engine, event

from store import last_seen as last_seen_store
from store.engine import open_engine
from store.last_seen import MOST_AT_ONCE, LastSeenStore
from store.portals import PortalStore
from tests.contract.steps import ELSEWHERE, HERE
from tests.contract.workers import Workers

PORTAL = HERE.member_id
ANNA, BORIS, ACME = "CONTACT:5", "CONTACT:6", "COMPANY:5"
RECORDS = 200
LONG = 2 * MOST_AT_ONCE + 1


def test_a_customer_is_found_on_every_record_they_were_seen_on(last_seen: LastSeenStore) -> None:
    last_seen.save(PORTAL, {3: (ANNA, BORIS), 4: (ANNA,), 5: (ACME,)})
    assert last_seen.records_of(PORTAL, ANNA) == [4, 3]
    assert last_seen.records_of(PORTAL, ACME) == [5]


def test_a_customer_who_left_a_record_is_no_longer_found_there(last_seen: LastSeenStore) -> None:
    last_seen.save(PORTAL, {3: (ANNA, BORIS), 4: (ANNA,)})
    last_seen.save(PORTAL, {3: (BORIS,)})
    assert last_seen.records_of(PORTAL, ANNA) == [4]
    assert last_seen.records_of(PORTAL, BORIS) == [3]


def test_a_complete_list_deletes_the_records_that_are_not_in_it(last_seen: LastSeenStore) -> None:
    last_seen.save(PORTAL, {3: (ANNA,), 4: (ANNA,)})
    last_seen.save_all(PORTAL, {4: (ANNA,), 6: ()})
    assert last_seen.records_of(PORTAL, ANNA) == [4]


def test_a_removed_record_is_deleted(last_seen: LastSeenStore) -> None:
    last_seen.save(PORTAL, {3: (ANNA,), 4: (ANNA,)})
    last_seen.delete(PORTAL, [3, 99])
    assert last_seen.records_of(PORTAL, ANNA) == [4]


def test_portals_do_not_see_each_others_customers(
    last_seen: LastSeenStore, portals: PortalStore
) -> None:
    last_seen.save(ELSEWHERE.member_id, {3: (ANNA,)})
    last_seen.save_all(PORTAL, {})
    portals.uninstall(PORTAL)
    assert last_seen.records_of(PORTAL, ANNA) == []
    assert last_seen.records_of(ELSEWHERE.member_id, ANNA) == [3]


def test_a_long_list_is_stored_completely(last_seen: LastSeenStore) -> None:
    last_seen.save_all(PORTAL, {number: (ANNA, ACME) for number in range(1, 1201)})
    assert len(last_seen.records_of(PORTAL, ANNA)) == 1200


def test_the_newest_records_of_customers_exclude_the_open_one(
    last_seen: LastSeenStore,
) -> None:
    last_seen.save(PORTAL, {3: (ANNA, BORIS), 4: (ANNA, ACME)})
    last_seen.save(ELSEWHERE.member_id, {9: (ANNA,)})
    everybody = (ANNA, BORIS, ACME, "CONTACT:99")
    assert last_seen.newest_records(PORTAL, everybody) == {ANNA: 4, BORIS: 3, ACME: 4}
    assert last_seen.newest_records(PORTAL, everybody, but=4) == {ANNA: 3, BORIS: 3}
    assert last_seen.newest_records(PORTAL, ()) == {}


def test_workers_that_store_the_same_list_do_not_deadlock(
    last_seen: LastSeenStore, database_url: str, workers: Workers
) -> None:
    workers.meet(_note, database_url)
    assert last_seen.records_of(PORTAL, ANNA) == list(range(RECORDS, 0, -1))


def test_of_a_list_that_is_too_long_the_newest_records_are_stored(
    last_seen: LastSeenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(last_seen_store, "MOST", 5)
    last_seen.save_all(PORTAL, {number: (ANNA, ACME) for number in (4, 9, 2, 7)})
    assert last_seen.records_of(PORTAL, ANNA) == last_seen.records_of(PORTAL, ACME) == [9, 7]
    last_seen.save_all(PORTAL, {10: (), 11: (ANNA, BORIS), 9: (ANNA,), 7: (ANNA, ACME), 2: (ACME,)})
    assert last_seen.records_of(PORTAL, ANNA) == [11, 9, 7]
    assert last_seen.records_of(PORTAL, BORIS) == [11]


def _note(database_url: str) -> None:
    """Store the list in a random order, as sets in different processes have."""
    engine = open_engine(database_url)
    store = LastSeenStore(engine)
    for people in ((BORIS, ACME), (ANNA, ACME), (BORIS,), (ANNA,)) * 3:
        records = random.sample(range(1, RECORDS + 1), RECORDS)
        store.save_all(PORTAL, {record: people for record in records})
    engine.dispose()


@pytest.mark.parametrize(
    "now",
    [
        {},
        {number: (ACME,) for number in range(LONG)},
        {number: (ANNA, BORIS) for number in range(2 * LONG)},
    ],
    ids=["emptied", "replaced", "grown"],
)
def test_a_long_list_takes_short_transactions(
    last_seen: LastSeenStore, engine: Engine, now: dict[int, tuple[str, ...]]
) -> None:
    last_seen.save_all(PORTAL, {number: (ANNA,) for number in range(LONG)})
    rows = [0]

    @event.listens_for(engine, "begin")
    def begin(_: Connection) -> None:
        rows.append(0)

    @event.listens_for(engine, "before_cursor_execute")
    def count(_c: object, _cursor: object, text: str, given: object, _x: object, _m: bool) -> None:
        if text.startswith(("DELETE", "INSERT")):
            rows[-1] += len(given) if isinstance(given, list) else 1

    last_seen.save_all(PORTAL, now)
    assert 0 < max(rows) <= MOST_AT_ONCE
    for key in (ANNA, BORIS, ACME):
        assert last_seen.records_of(PORTAL, key) == sorted(
            (number for number, keys in now.items() if key in keys), reverse=True
        )
