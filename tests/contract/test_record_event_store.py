"""What has just happened to records, on both databases."""

from __future__ import annotations

import threading

import time_machine
from sqlalchemy import Connection, Engine, event

from store.record_events import KEPT, MOST, HappeningStore
from tests.contract.conftest import ELSEWHERE, HERE

PORTAL = HERE.member_id


def test_a_page_hears_once_of_each_record_that_changed(happenings: HappeningStore) -> None:
    start = happenings.until(PORTAL)
    happenings.add(PORTAL, [3, 4])
    happenings.add(PORTAL, [3])
    news = happenings.since(PORTAL, start)
    assert news.records == {3, 4}
    assert happenings.since(PORTAL, news.until).records == frozenset()


def test_a_page_hears_nothing_of_what_was_before_it(happenings: HappeningStore) -> None:
    happenings.add(PORTAL, [3])
    news = happenings.since(PORTAL, happenings.until(PORTAL))
    assert news.records == frozenset()


def test_a_page_hears_of_no_more_records_at_once_than_it_asks_for(
    happenings: HappeningStore,
) -> None:
    happenings.add(PORTAL, [3, 4, 3, 5, 3, 6])
    first = happenings.since(PORTAL, 0, 2)
    assert first.records == {3, 4}
    second = happenings.since(PORTAL, first.until, 2)
    assert second.records == {5, 3}
    assert happenings.since(PORTAL, second.until, 2).records == {6}


def test_a_page_hears_of_a_long_past_bit_by_bit(happenings: HappeningStore) -> None:
    happenings.add(PORTAL, [*[3] * (2 * MOST), 4])
    until, heard = 0, list[frozenset[int]]()
    while (news := happenings.since(PORTAL, until)).records:
        until = news.until
        heard.append(news.records)
    assert heard == [{3}, {3}, {4}]


def test_a_portal_hears_nothing_of_another(happenings: HappeningStore) -> None:
    happenings.add(ELSEWHERE.member_id, [3])
    assert happenings.since(PORTAL, 0).records == frozenset()
    assert happenings.until(PORTAL) == 0
    happenings.delete_portal(PORTAL)
    assert happenings.since(ELSEWHERE.member_id, 0).records == {3}


def test_old_news_goes_and_its_numbers_do_not_come_again(happenings: HappeningStore) -> None:
    with time_machine.travel(1_000_000, tick=False) as clock:
        happenings.add(PORTAL, [3])
        seen = happenings.until(PORTAL)
        clock.shift(KEPT + 60)
        happenings.add(PORTAL, [4])
        assert happenings.since(PORTAL, 0).records == {4}
        assert happenings.since(PORTAL, seen).records == {4}


def test_a_slow_writers_news_is_not_passed_by_a_quick_ones(
    happenings: HappeningStore, engine: Engine
) -> None:
    reached, hold = threading.Event(), threading.Event()
    slow = threading.Thread(target=happenings.add, args=[PORTAL, [6]])
    quick = threading.Thread(target=happenings.add, args=[PORTAL, [5]])

    @event.listens_for(engine, "commit")
    def wait(_connection: Connection) -> None:
        if threading.current_thread() is slow:
            reached.set()
            assert hold.wait(10)

    slow.start()
    assert reached.wait(10)
    quick.start()
    quick.join(0.3)
    seen = happenings.since(PORTAL, 0)
    hold.set()
    slow.join()
    quick.join()
    assert seen.records | happenings.since(PORTAL, seen.until).records == {5, 6}
