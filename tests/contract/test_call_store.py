"""Calls and their results, on both databases."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from itertools import chain

import pytest
import time_machine
from sqlalchemy import Engine

from store.bookings.made import BookingStore, MadeBooking
from store.calls.log import CALLING_SECONDS, REPEATED_SECONDS, CallStore, Mark, Result
from store.engine import open_engine
from store.vault import Vault
from tests.contract.steps import ELSEWHERE, HERE, with_portals
from tests.contract.workers import Workers

PORTAL, RECORD, BORIS, CARLA = HERE.member_id, 12, 7, 8
CALLING, NO_ANSWER, WILL_COME, CALL_BACK = (
    Result.CALLING,
    Result.NO_ANSWER,
    Result.WILL_COME,
    Result.CALL_BACK,
)
DAY = 24 * 3600
FEW = 5


def add_some(database_url: str) -> list[int]:
    """Add calls to records of their own, and return their numbers."""
    engine = open_engine(database_url)
    calls, first = CallStore(engine), 1000 * os.getpid()
    numbers = [calls.add(PORTAL, first + one, BORIS, NO_ANSWER).number for one in range(FEW)]
    engine.dispose()
    return numbers


@pytest.fixture
def calls(engine: Engine, vault: Vault) -> CallStore:
    """Two portals, and no calls."""
    with_portals(engine, vault)
    return CallStore(engine)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(time.time(), tick=False) as coordinates:
        yield coordinates


def results(calls: CallStore) -> list[Result]:
    """The results in the history of the record, the latest first."""
    return [call.result for call in calls.newest(PORTAL, RECORD)]


def latest(calls: CallStore) -> Result | None:
    found = calls.latest(PORTAL, int(time.time()) - DAY).get(RECORD)
    return found.result if found else None


def test_a_result_ends_the_users_own_call(calls: CallStore) -> None:
    calls.add(PORTAL, RECORD, CARLA, CALLING)
    calls.add(PORTAL, RECORD, BORIS, CALLING)
    calls.add(PORTAL, RECORD, BORIS, WILL_COME)
    assert results(calls) == [WILL_COME, CALLING]
    assert [call.user_id for call in calls.newest(PORTAL, RECORD)] == [BORIS, CARLA]


def test_another_result_corrects_the_one_before(
    calls: CallStore, clock: time_machine.Traveller
) -> None:
    calls.add(PORTAL, RECORD, BORIS, NO_ANSWER)
    clock.shift(CALLING_SECONDS - 1)
    calls.add(PORTAL, RECORD, BORIS, WILL_COME)
    assert results(calls) == [WILL_COME]
    clock.shift(CALLING_SECONDS)
    calls.add(PORTAL, RECORD, BORIS, NO_ANSWER)
    assert results(calls) == [NO_ANSWER, WILL_COME]


def test_a_new_call_leaves_the_result_before_it(
    calls: CallStore, clock: time_machine.Traveller
) -> None:
    calls.add(PORTAL, RECORD, BORIS, NO_ANSWER)
    clock.shift(REPEATED_SECONDS + 1)
    calls.add(PORTAL, RECORD, BORIS, CALLING)
    calls.add(PORTAL, RECORD, BORIS, NO_ANSWER)
    assert results(calls) == [NO_ANSWER, NO_ANSWER]


@pytest.mark.parametrize("result", [CALLING, NO_ANSWER, CALL_BACK])
def test_a_form_that_is_sent_again_notes_nothing_new(calls: CallStore, result: Result) -> None:
    first = calls.add(PORTAL, RECORD, BORIS, result, 5 if result is CALL_BACK else 0)
    mark = calls.mark(PORTAL)
    assert calls.add(PORTAL, RECORD, BORIS, first.result, first.callback_at) == first
    assert results(calls) == [result]
    assert calls.changed_since(PORTAL, mark) == frozenset()


def test_the_same_result_later_has_the_later_time(
    calls: CallStore, clock: time_machine.Traveller
) -> None:
    calls.add(PORTAL, RECORD, BORIS, NO_ANSWER)
    clock.shift(REPEATED_SECONDS + 1)
    again = calls.add(PORTAL, RECORD, BORIS, NO_ANSWER)
    assert calls.newest(PORTAL, RECORD) == [again]
    assert again.made_at == int(time.time())


def test_taking_back_shows_what_was_corrected(calls: CallStore) -> None:
    calls.add(PORTAL, RECORD, BORIS, NO_ANSWER)
    wrong = calls.add(PORTAL, RECORD, BORIS, WILL_COME)
    assert calls.take_back(PORTAL, RECORD, BORIS, wrong.number) == wrong
    assert results(calls) == [NO_ANSWER]
    assert calls.take_back(PORTAL, RECORD, BORIS, wrong.number) is None
    assert results(calls) == [NO_ANSWER]


@pytest.mark.parametrize(
    ("portal", "record", "user"),
    [(ELSEWHERE.member_id, RECORD, BORIS), (PORTAL, 13, BORIS), (PORTAL, RECORD, CARLA)],
)
def test_only_the_user_takes_a_call_back(
    calls: CallStore, portal: str, record: int, user: int
) -> None:
    made = calls.add(PORTAL, RECORD, BORIS, NO_ANSWER)
    assert calls.take_back(portal, record, user, made.number) is None
    assert results(calls) == [NO_ANSWER]


def test_a_call_without_a_result_is_told_for_ten_minutes(
    calls: CallStore, clock: time_machine.Traveller
) -> None:
    calls.add(PORTAL, RECORD, CARLA, NO_ANSWER)
    calls.add(PORTAL, RECORD, BORIS, CALLING)
    mark = calls.mark(PORTAL)
    clock.shift(CALLING_SECONDS - 1)
    assert latest(calls) is CALLING
    assert calls.changed_since(PORTAL, mark) == frozenset()
    clock.shift(1)
    assert latest(calls) is NO_ANSWER
    assert calls.changed_since(PORTAL, mark) == {RECORD}
    assert calls.changed_since(PORTAL, calls.mark(PORTAL)) == frozenset()


def test_pages_learn_of_every_change_once(calls: CallStore) -> None:
    mark = calls.mark(PORTAL)
    made = calls.add(PORTAL, RECORD, BORIS, NO_ANSWER)
    assert calls.changed_since(PORTAL, mark) == {RECORD}
    mark = calls.mark(PORTAL)
    assert calls.changed_since(PORTAL, mark) == frozenset()
    calls.take_back(PORTAL, RECORD, BORIS, made.number)
    assert calls.changed_since(PORTAL, mark) == {RECORD}
    assert latest(calls) is None


def test_pages_learn_when_a_call_back_is_due(
    calls: CallStore, clock: time_machine.Traveller
) -> None:
    calls.add(PORTAL, RECORD, BORIS, CALL_BACK, int(time.time()) + 3600)
    mark = calls.mark(PORTAL)
    clock.shift(3599)
    assert calls.changed_since(PORTAL, mark) == frozenset()
    clock.shift(1)
    assert calls.changed_since(PORTAL, mark) == {RECORD}


def test_a_call_back_counts_on_the_day_it_is_due(
    calls: CallStore, clock: time_machine.Traveller
) -> None:
    now = int(time.time())
    calls.add(PORTAL, RECORD, BORIS, CALL_BACK, now + 20 * 3600)
    calls.add(PORTAL, 13, BORIS, NO_ANSWER)
    clock.shift(18 * 3600)
    assert set(calls.latest(PORTAL, now + 12 * 3600)) == {RECORD}
    assert calls.latest(PORTAL, now + 12 * 3600, [13]) == {}


def test_portals_see_their_own_calls_only(calls: CallStore) -> None:
    calls.add(ELSEWHERE.member_id, RECORD, BORIS, NO_ANSWER)
    assert results(calls) == []
    assert latest(calls) is None
    assert calls.changed_since(PORTAL, Mark()) == frozenset()
    assert calls.mark(PORTAL).changed == 0


def test_calls_move_with_a_booking_that_becomes_a_record_again(
    calls: CallStore, engine: Engine
) -> None:
    calls.add(PORTAL, RECORD, BORIS, WILL_COME)
    calls.add(ELSEWHERE.member_id, RECORD, BORIS, WILL_COME)
    bookings = BookingStore(engine)
    bookings.save(PORTAL, MadeBooking(90, RECORD, BORIS))
    bookings.move_back(PORTAL, 90, 34)
    assert [call.result for call in calls.newest(PORTAL, 34)] == [WILL_COME]
    assert results(calls) == []
    assert calls.newest(ELSEWHERE.member_id, RECORD)


def test_several_workers_number_their_calls_one_by_one(
    calls: CallStore, database_url: str, workers: Workers
) -> None:
    numbers = workers.meet(add_some, database_url)
    assert sorted(chain(*numbers)) == list(range(1, 4 * FEW + 1))
    assert calls.mark(PORTAL).changed == 4 * FEW
