"""Calls and their results, on both databases."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from itertools import chain

import pytest
import time_machine
from sqlalchemy import Engine

from store.bookings.made import MadeBookings
from store.calls.log import CALLING_SECONDS, REPEATED_SECONDS, CallLog, Mark, Result
from store.engine import open_engine
from store.pending.deferred import Deferred
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
    calls, first = CallLog(engine, PORTAL), 1000 * os.getpid()
    numbers = [calls.add(first + one, BORIS, NO_ANSWER).number for one in range(FEW)]
    engine.dispose()
    return numbers


@pytest.fixture
def calls(engine: Engine, vault: Vault) -> CallLog:
    """Two portals, and no calls."""
    with_portals(engine, vault)
    return CallLog(engine, PORTAL)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(time.time(), tick=False) as coordinates:
        yield coordinates


def results(calls: CallLog) -> list[Result]:
    """The results in the history of the record, the latest first."""
    return [call.result for call in calls.newest(RECORD)]


def latest(calls: CallLog) -> Result | None:
    found = calls.latest_since(int(time.time()) - DAY).get(RECORD)
    return found.result if found else None


def test_a_result_ends_the_users_own_call(calls: CallLog) -> None:
    calls.add(RECORD, CARLA, CALLING)
    calls.add(RECORD, BORIS, CALLING)
    calls.add(RECORD, BORIS, WILL_COME)
    assert results(calls) == [WILL_COME, CALLING]
    assert [call.user_id for call in calls.newest(RECORD)] == [BORIS, CARLA]


def test_another_result_corrects_the_one_before(
    calls: CallLog, clock: time_machine.Traveller
) -> None:
    calls.add(RECORD, BORIS, NO_ANSWER)
    clock.shift(CALLING_SECONDS - 1)
    calls.add(RECORD, BORIS, WILL_COME)
    assert results(calls) == [WILL_COME]
    clock.shift(CALLING_SECONDS)
    calls.add(RECORD, BORIS, NO_ANSWER)
    assert results(calls) == [NO_ANSWER, WILL_COME]


def test_a_new_call_leaves_the_result_before_it(
    calls: CallLog, clock: time_machine.Traveller
) -> None:
    calls.add(RECORD, BORIS, NO_ANSWER)
    clock.shift(REPEATED_SECONDS + 1)
    calls.add(RECORD, BORIS, CALLING)
    calls.add(RECORD, BORIS, NO_ANSWER)
    assert results(calls) == [NO_ANSWER, NO_ANSWER]


@pytest.mark.parametrize("result", [CALLING, NO_ANSWER, CALL_BACK])
def test_a_form_that_is_sent_again_notes_nothing_new(calls: CallLog, result: Result) -> None:
    first = calls.add(RECORD, BORIS, result, 5 if result is CALL_BACK else 0)
    mark = calls.mark()
    assert calls.add(RECORD, BORIS, first.result, first.callback_at) == first
    assert results(calls) == [result]
    assert calls.changed_since(mark) == frozenset()


def test_the_same_result_later_has_the_later_time(
    calls: CallLog, clock: time_machine.Traveller
) -> None:
    calls.add(RECORD, BORIS, NO_ANSWER)
    clock.shift(REPEATED_SECONDS + 1)
    again = calls.add(RECORD, BORIS, NO_ANSWER)
    assert calls.newest(RECORD) == [again]
    assert again.made_at == int(time.time())


def test_taking_back_shows_what_was_corrected(calls: CallLog) -> None:
    calls.add(RECORD, BORIS, NO_ANSWER)
    wrong = calls.add(RECORD, BORIS, WILL_COME)
    assert calls.undo(RECORD, BORIS, wrong.number) == wrong
    assert results(calls) == [NO_ANSWER]
    assert calls.undo(RECORD, BORIS, wrong.number) is None
    assert results(calls) == [NO_ANSWER]


@pytest.mark.parametrize(
    ("portal", "record", "user"),
    [(ELSEWHERE.member_id, RECORD, BORIS), (PORTAL, 13, BORIS), (PORTAL, RECORD, CARLA)],
)
def test_only_the_user_takes_a_call_back(
    calls: CallLog, engine: Engine, portal: str, record: int, user: int
) -> None:
    made = calls.add(RECORD, BORIS, NO_ANSWER)
    assert CallLog(engine, portal).undo(record, user, made.number) is None
    assert results(calls) == [NO_ANSWER]


def test_a_call_without_a_result_is_told_for_ten_minutes(
    calls: CallLog, clock: time_machine.Traveller
) -> None:
    calls.add(RECORD, CARLA, NO_ANSWER)
    calls.add(RECORD, BORIS, CALLING)
    mark = calls.mark()
    clock.shift(CALLING_SECONDS - 1)
    assert latest(calls) is CALLING
    assert calls.changed_since(mark) == frozenset()
    clock.shift(1)
    assert latest(calls) is NO_ANSWER
    assert calls.changed_since(mark) == {RECORD}
    assert calls.changed_since(calls.mark()) == frozenset()


def test_pages_learn_of_every_change_once(calls: CallLog) -> None:
    mark = calls.mark()
    made = calls.add(RECORD, BORIS, NO_ANSWER)
    assert calls.changed_since(mark) == {RECORD}
    mark = calls.mark()
    assert calls.changed_since(mark) == frozenset()
    calls.undo(RECORD, BORIS, made.number)
    assert calls.changed_since(mark) == {RECORD}
    assert latest(calls) is None


def test_pages_learn_when_a_call_back_is_due(calls: CallLog, clock: time_machine.Traveller) -> None:
    calls.add(RECORD, BORIS, CALL_BACK, int(time.time()) + 3600)
    mark = calls.mark()
    clock.shift(3599)
    assert calls.changed_since(mark) == frozenset()
    clock.shift(1)
    assert calls.changed_since(mark) == {RECORD}


def test_a_call_back_counts_on_the_day_it_is_due(
    calls: CallLog, clock: time_machine.Traveller
) -> None:
    now = int(time.time())
    calls.add(RECORD, BORIS, CALL_BACK, now + 20 * 3600)
    calls.add(13, BORIS, NO_ANSWER)
    clock.shift(18 * 3600)
    assert set(calls.latest_since(now + 12 * 3600)) == {RECORD}
    assert calls.latest_since(now + 12 * 3600, [13]) == {}


def test_portals_see_their_own_calls_only(calls: CallLog, engine: Engine) -> None:
    CallLog(engine, ELSEWHERE.member_id).add(RECORD, BORIS, NO_ANSWER)
    assert results(calls) == []
    assert latest(calls) is None
    assert calls.changed_since(Mark()) == frozenset()
    assert calls.mark().changed == 0


def test_calls_move_with_a_booking_that_becomes_a_record_again(
    calls: CallLog, engine: Engine
) -> None:
    calls.add(RECORD, BORIS, WILL_COME)
    elsewhere = CallLog(engine, ELSEWHERE.member_id)
    elsewhere.add(RECORD, BORIS, WILL_COME)
    bookings = MadeBookings(engine, PORTAL, Deferred())
    bookings.note_booked(RECORD, 90, BORIS)
    bookings.note_moved_back(90, 34)
    assert [call.result for call in calls.newest(34)] == [WILL_COME]
    assert results(calls) == []
    assert elsewhere.newest(RECORD)


def test_several_workers_number_their_calls_one_by_one(
    calls: CallLog, database_url: str, workers: Workers
) -> None:
    numbers = workers.meet(add_some, database_url)
    assert sorted(chain(*numbers)) == list(range(1, 4 * FEW + 1))
    assert calls.mark().changed == 4 * FEW
