"""What has just happened to records, on both databases."""

from __future__ import annotations

import threading

import time_machine
from sqlalchemy import Connection, Engine, event

from store.portals import PortalStore
from store.record_events import KEPT, MOST, RecordEventStore
from tests.contract.steps import ELSEWHERE, HERE

PORTAL = HERE.member_id


def test_a_page_hears_once_of_each_record_that_changed(record_events: RecordEventStore) -> None:
    start = record_events.until(PORTAL)
    record_events.add(PORTAL, [3, 4])
    record_events.add(PORTAL, [3])
    news = record_events.since(PORTAL, start)
    assert news.records == {3, 4}
    assert record_events.since(PORTAL, news.until).records == frozenset()


def test_a_page_hears_nothing_of_what_was_before_it(record_events: RecordEventStore) -> None:
    record_events.add(PORTAL, [3])
    news = record_events.since(PORTAL, record_events.until(PORTAL))
    assert news.records == frozenset()


def test_a_page_hears_of_no_more_records_at_once_than_it_asks_for(
    record_events: RecordEventStore,
) -> None:
    record_events.add(PORTAL, [3, 4, 3, 5, 3, 6])
    first = record_events.since(PORTAL, 0, 2)
    assert first.records == {3, 4}
    second = record_events.since(PORTAL, first.until, 2)
    assert second.records == {5, 3}
    assert record_events.since(PORTAL, second.until, 2).records == {6}


def test_a_page_hears_of_a_long_past_bit_by_bit(record_events: RecordEventStore) -> None:
    record_events.add(PORTAL, [*[3] * (2 * MOST), 4])
    until, heard = 0, list[frozenset[int]]()
    while (news := record_events.since(PORTAL, until)).records:
        until = news.until
        heard.append(news.records)
    assert heard == [{3}, {3}, {4}]


def test_a_portal_hears_nothing_of_another(
    record_events: RecordEventStore, portals: PortalStore
) -> None:
    record_events.add(ELSEWHERE.member_id, [3])
    assert record_events.since(PORTAL, 0).records == frozenset()
    assert record_events.until(PORTAL) == 0
    portals.uninstall(PORTAL, keep_history=True)
    assert record_events.since(ELSEWHERE.member_id, 0).records == {3}


def test_old_news_goes_and_its_numbers_do_not_come_again(record_events: RecordEventStore) -> None:
    with time_machine.travel(1_000_000, tick=False) as clock:
        record_events.add(PORTAL, [3])
        seen = record_events.until(PORTAL)
        clock.shift(KEPT + 60)
        record_events.add(PORTAL, [4])
        assert record_events.since(PORTAL, 0).records == {4}
        assert record_events.since(PORTAL, seen).records == {4}


def test_a_slow_writers_news_is_not_passed_by_a_quick_ones(
    record_events: RecordEventStore, engine: Engine
) -> None:
    reached, hold = threading.Event(), threading.Event()
    slow = threading.Thread(target=record_events.add, args=[PORTAL, [6]])
    quick = threading.Thread(target=record_events.add, args=[PORTAL, [5]])

    @event.listens_for(engine, "commit")
    def wait(_connection: Connection) -> None:
        if threading.current_thread() is slow:
            reached.set()
            assert hold.wait(10)

    slow.start()
    assert reached.wait(10)
    quick.start()
    quick.join(0.3)
    seen = record_events.since(PORTAL, 0)
    hold.set()
    slow.join()
    quick.join()
    assert seen.records | record_events.since(PORTAL, seen.until).records == {5, 6}
