"""Recent events of records, on both databases."""

from __future__ import annotations

import threading

import time_machine
from sqlalchemy import Connection, Engine, event, select

from store.deletion import delete_all
from store.portals import PortalStore
from store.record_events import MOST, RETENTION, Kind, RecordEventStore
from store.schema import record_events as table
from tests.contract.steps import ELSEWHERE, HERE

PORTAL = HERE.member_id


def test_each_changed_record_is_returned_once(record_events: RecordEventStore) -> None:
    start = record_events.until(PORTAL)
    record_events.add(PORTAL, [3, 4])
    record_events.add(PORTAL, [3])
    news = record_events.since(PORTAL, start)
    assert news.records == {3, 4}
    assert record_events.since(PORTAL, news.until).records == frozenset()


def test_older_events_are_not_returned(record_events: RecordEventStore) -> None:
    record_events.add(PORTAL, [3])
    news = record_events.since(PORTAL, record_events.until(PORTAL))
    assert news.records == frozenset()


def test_at_most_the_wanted_number_of_records_is_returned(
    record_events: RecordEventStore,
) -> None:
    record_events.add(PORTAL, [3, 4, 3, 5, 3, 6])
    first = record_events.since(PORTAL, 0, 2)
    assert first.records == {3, 4}
    second = record_events.since(PORTAL, first.until, 2)
    assert second.records == {5, 3}
    assert record_events.since(PORTAL, second.until, 2).records == {6}


def test_the_next_event_of_a_record_replaces_the_one_before(
    record_events: RecordEventStore, engine: Engine
) -> None:
    for record_id in (3, 4, 3, 3):
        record_events.add(PORTAL, [record_id])
    record_events.add(ELSEWHERE.member_id, [3])
    query = select(table.c.record_id).where(table.c.member_id == PORTAL).order_by(table.c.id)
    with engine.begin() as connection:
        assert list(connection.execute(query).scalars()) == [4, 3]


def test_many_events_are_returned_in_several_queries(record_events: RecordEventStore) -> None:
    record_events.add(PORTAL, [*[3] * (2 * MOST), 4])
    until, heard = 0, list[frozenset[int]]()
    while (news := record_events.since(PORTAL, until)).records:
        until = news.until
        heard.append(news.records)
    assert heard == [{3}, {3}, {4}]


def test_events_of_another_portal_are_not_returned(
    record_events: RecordEventStore, portals: PortalStore
) -> None:
    record_events.add(ELSEWHERE.member_id, [3])
    assert record_events.since(PORTAL, 0).records == frozenset()
    assert record_events.until(PORTAL) == 0
    portals.uninstall(PORTAL)
    assert record_events.since(ELSEWHERE.member_id, 0).records == {3}


def test_the_numbers_of_deleted_events_are_not_used_again(
    record_events: RecordEventStore, engine: Engine
) -> None:
    """Events are deleted a week later at the earliest."""
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        record_events.add(PORTAL, [3])
        seen = record_events.until(PORTAL)
        delete_all(engine, table, table.c.member_id == PORTAL)
        clock.shift(RETENTION)
        record_events.add(PORTAL, [4])
    assert record_events.since(PORTAL, seen).records == {4}


def test_an_event_of_a_slow_writer_is_not_missed(
    record_events: RecordEventStore, engine: Engine
) -> None:
    reached, hold = threading.Event(), threading.Event()
    slow = threading.Thread(target=record_events.add, args=[PORTAL, [6]])
    quick = threading.Thread(target=record_events.add, args=[PORTAL, [5]])

    @event.listens_for(engine, "commit")
    def wait(_connection: Connection) -> None:
        if threading.current_thread() is slow:
            reached.set()
            assert hold.wait(60)

    slow.start()
    assert reached.wait(60)
    quick.start()
    quick.join(0.3)
    seen = record_events.since(PORTAL, 0)
    hold.set()
    slow.join()
    quick.join()
    assert seen.records | record_events.since(PORTAL, seen.until).records == {5, 6}


def test_the_numbers_of_events_tell_nothing_of_other_portals(
    record_events: RecordEventStore,
) -> None:
    with time_machine.travel(1_800_000_000, tick=False):
        record_events.add(PORTAL, [3])
        before = record_events.until(PORTAL)
        record_events.add(ELSEWHERE.member_id, range(1, 50))
        record_events.add(PORTAL, [4])
    assert record_events.until(PORTAL) == before + 1


def test_the_numbers_of_events_grow_after_all_were_deleted(
    record_events: RecordEventStore, portals: PortalStore
) -> None:
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        record_events.add(PORTAL, range(1, 20))
        seen = record_events.until(PORTAL)
        portals.uninstall(PORTAL)
        clock.shift(60)
        record_events.add(PORTAL, [3])
    assert record_events.since(PORTAL, seen).records == {3}


def test_what_only_an_event_names_is_given_to_one_reader(record_events: RecordEventStore) -> None:
    record_events.add(PORTAL, [3, 4], Kind.UNSURE)
    record_events.add(PORTAL, [5], Kind.GONE)
    first = record_events.since(PORTAL, 0)
    assert [set(first.records), set(first.unsure), set(first.gone)] == [set(), {3, 4}, {5}]
    second = record_events.since(PORTAL, 0)
    assert [set(second.records), set(second.unsure), set(second.gone)] == [set(), set(), {5}]
