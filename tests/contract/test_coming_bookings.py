"""A portal's coming bookings, and who may look at them, on both databases."""

from __future__ import annotations

from dataclasses import replace

import pytest
import time_machine
from sqlalchemy import Engine

from store.bookings.coming import LEASE, ComingBooking, ComingBookings, LastLook, Look
from store.engine import open_engine
from store.portals import PortalStore
from tests.contract.steps import ELSEWHERE, HERE
from tests.contract.workers import Workers

ONE = ComingBooking(1, (2, 3), 5_000_000_000, 5_000_003_600, "Europe/Berlin")
OTHER = ComingBooking(2, (), 5_000_000_000, 5_000_003_600)


@pytest.fixture
def coming(portals: PortalStore, engine: Engine) -> ComingBookings:
    assert portals.find(HERE.member_id) is not None
    return ComingBookings(engine, HERE.member_id)


def begin(coming: ComingBookings) -> Look:
    look = coming.begin()
    assert look is not None
    return look


def finish(coming: ComingBookings, look: Look, *rows: ComingBooking) -> bool:
    return coming.finish(look, coming.all(), {one.id: one for one in rows}, differs=True)


def test_what_a_look_has_found_is_kept_changed_and_forgotten(coming: ComingBookings) -> None:
    for rows in ([ONE, OTHER], [replace(ONE, start=1, freed=True)], []):
        assert finish(coming, begin(coming), *rows)
        assert coming.all() == {one.id: one for one in rows}


def test_a_portal_has_its_own_bookings_and_hints(coming: ComingBookings, engine: Engine) -> None:
    coming.hint()
    finish(coming, begin(coming), ONE)
    elsewhere = ComingBookings(engine, ELSEWHERE.member_id)
    assert elsewhere.all() == {}
    assert elsewhere.last_look() == LastLook()
    finish(elsewhere, begin(elsewhere), replace(ONE, start=7))
    assert coming.all() == {1: ONE}


def test_hints_that_come_during_a_look_are_not_heeded(coming: ComingBookings) -> None:
    coming.hint()
    look = begin(coming)
    coming.hint()
    assert finish(coming, look)
    last = coming.last_look()
    assert (last.hints, last.heeded, last.version) == (2, 1, 1)
    assert last.looked_at == look.began_at
    assert coming.finish(begin(coming), {}, {}, differs=False)
    assert replace(coming.last_look(), looked_at=0) == LastLook(2, 2, 0, 1)


def test_only_one_looks_and_a_look_that_failed_makes_room(coming: ComingBookings) -> None:
    look = begin(coming)
    assert coming.begin() is None
    coming.release(look)
    assert begin(coming).word != look.word
    assert coming.last_look().looked_at == 0


def test_the_answer_of_a_worker_that_was_taken_for_dead_is_not_written(
    coming: ComingBookings,
) -> None:
    with time_machine.travel(1_000_000, tick=False) as clock:
        late = begin(coming)
        clock.shift(LEASE + 1)
        assert finish(coming, begin(coming), ONE)
        assert not finish(coming, late, OTHER)
        coming.release(late)
    assert coming.all() == {1: ONE}


def claim_and_hint(database_url: str) -> tuple[bool, int]:
    """Do in another process what a page does: claim the look, then hint."""
    engine = open_engine(database_url)
    coming = ComingBookings(engine, HERE.member_id)
    look = coming.begin()
    coming.hint()
    engine.dispose()
    return look is not None, coming.last_look().hints


def test_of_several_processes_one_looks_and_every_hint_counts(
    coming: ComingBookings, database_url: str, workers: Workers
) -> None:
    found = workers.meet(claim_and_hint, database_url)
    assert sorted(claimed for claimed, _ in found) == [False, False, False, True]
    assert coming.last_look().hints == 4
