"""A portal's snapshot bookings, and who may scan at them, on both databases."""

from __future__ import annotations

from dataclasses import replace

import pytest
import time_machine
from sqlalchemy import Engine

from store.bookings.snapshot import LEASE, BookingSnapshot, KnownBooking, LastScan, Scan
from store.engine import open_engine
from store.portals import PortalStore
from tests.contract.steps import ELSEWHERE, HERE
from tests.contract.workers import Workers

ONE = KnownBooking(1, (2, 3), 5_000_000_000, 5_000_003_600, "Europe/Berlin")
OTHER = KnownBooking(2, (), 5_000_000_000, 5_000_003_600)


@pytest.fixture
def snapshot(portals: PortalStore, engine: Engine) -> BookingSnapshot:
    assert portals.find(HERE.member_id) is not None
    return BookingSnapshot(engine, HERE.member_id)


def begin(snapshot: BookingSnapshot) -> Scan:
    scan = snapshot.begin_scan()
    assert scan is not None
    return scan


def finish(snapshot: BookingSnapshot, scan: Scan, *rows: KnownBooking) -> bool:
    return snapshot.finish_scan(scan, snapshot.all(), {one.id: one for one in rows}, differs=True)


def test_what_a_look_has_found_is_kept_changed_and_forgotten(snapshot: BookingSnapshot) -> None:
    for rows in ([ONE, OTHER], [replace(ONE, start=1, freed=True)], []):
        assert finish(snapshot, begin(snapshot), *rows)
        assert snapshot.all() == {one.id: one for one in rows}


def test_a_portal_has_its_own_bookings_and_hints(snapshot: BookingSnapshot, engine: Engine) -> None:
    snapshot.add_hint()
    finish(snapshot, begin(snapshot), ONE)
    elsewhere = BookingSnapshot(engine, ELSEWHERE.member_id)
    assert elsewhere.all() == {}
    assert elsewhere.last_scan() == LastScan()
    finish(elsewhere, begin(elsewhere), replace(ONE, start=7))
    assert snapshot.all() == {1: ONE}


def test_hints_that_come_during_a_look_are_not_heeded(snapshot: BookingSnapshot) -> None:
    snapshot.add_hint()
    scan = begin(snapshot)
    snapshot.add_hint()
    assert finish(snapshot, scan)
    last = snapshot.last_scan()
    assert (last.hints, last.hints_scanned, last.version) == (2, 1, 1)
    assert last.scanned_at == scan.began_at
    assert snapshot.finish_scan(begin(snapshot), {}, {}, differs=False)
    assert replace(snapshot.last_scan(), scanned_at=0) == LastScan(2, 2, 0, 1)


def test_only_one_looks_and_a_look_that_failed_makes_room(snapshot: BookingSnapshot) -> None:
    scan = begin(snapshot)
    assert snapshot.begin_scan() is None
    snapshot.release_scan(scan)
    assert begin(snapshot).lease != scan.lease
    assert snapshot.last_scan().scanned_at == 0


def test_the_answer_of_a_worker_that_was_taken_for_dead_is_not_written(
    snapshot: BookingSnapshot,
) -> None:
    with time_machine.travel(1_000_000, tick=False) as clock:
        late = begin(snapshot)
        clock.shift(LEASE + 1)
        assert finish(snapshot, begin(snapshot), ONE)
        assert not finish(snapshot, late, OTHER)
        snapshot.release_scan(late)
    assert snapshot.all() == {1: ONE}


def claim_and_hint(database_url: str) -> tuple[bool, int]:
    """Do in another process what a page does: claim the scan, then hint."""
    engine = open_engine(database_url)
    snapshot = BookingSnapshot(engine, HERE.member_id)
    scan = snapshot.begin_scan()
    snapshot.add_hint()
    engine.dispose()
    return scan is not None, snapshot.last_scan().hints


def test_of_several_processes_one_looks_and_every_hint_counts(
    snapshot: BookingSnapshot, database_url: str, workers: Workers
) -> None:
    found = workers.meet(claim_and_hint, database_url)
    assert sorted(claimed for claimed, _ in found) == [False, False, False, True]
    assert snapshot.last_scan().hints == 4
