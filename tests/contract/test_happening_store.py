"""What has just happened to records, on both databases."""

from __future__ import annotations

import time_machine

from store.happenings import KEPT, HappeningStore
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
