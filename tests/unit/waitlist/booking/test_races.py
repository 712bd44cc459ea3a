"""Two users at the same moment: one booking, and no record is lost. 250 seeded interleavings.

Without a reservation, a claim, the look at what is booked, or the memory of what was booked, the
first ten seeds of a test find a fault.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from sqlalchemy import Engine, insert, update

from store import schema
from store.bookings.made import MadeBookings
from store.engine import open_engine
from store.pending.deferred import Deferred
from store.pending.writes import WriteStore
from tests.quick_app import migrated_database
from tests.unit.waitlist.booking.memory_portal import MemoryPortal
from tests.unit.waitlist.booking.turns import Turns
from tests.unit.waitlist.steps import context_on
from waitlist.booking.back import move_back
from waitlist.booking.promote import book
from waitlist.booking.read import BookedRecord
from waitlist.context import UserContext
from waitlist.customers.cache import CustomerCache
from waitlist.customers.reader import CustomerReader
from waitlist.errors import OutcomeUnknown, RecordGone, TimeReserved, TimeTaken
from waitlist.models import CustomerRef, Kind, Record
from waitlist.pending_writes import HORIZON, PendingWrites
from waitlist.records import reconcile
from waitlist.sources.bookings import Appointment, Span
from waitlist.sources.tracker import RecordTracker

NINE, HOUR = 2_082_790_800, 3600
SEEDS, TOGETHER, LOSSY_SEEDS = 250, 125, 75


@dataclass
class World:
    """A portal and a database, for a race of two users."""

    engine: Engine
    member_id: str
    turns: Turns
    portal: MemoryPortal
    base: UserContext

    def user(self, user_id: int) -> UserContext:
        deferred, tracker = Deferred(), Mock(spec_set=RecordTracker)
        tracker.newest.return_value = max(self.portal.records, default=0)
        store = _Stepping(WriteStore(self.engine), self.turns)
        return replace(
            self.base,
            client=self.portal,
            customers=CustomerReader(self.portal, CustomerCache(), "member", user_id),
            writes=PendingWrites(store, deferred, self.member_id, user_id),  # type: ignore[arg-type]
            bookings=MadeBookings(self.engine, self.member_id, deferred),
            tracker=tracker,
            user_id=user_id,
        )

    def let_pass(self) -> None:
        with self.engine.begin() as connection:
            older = {
                "asked_at": schema.writes.c.asked_at - HORIZON - 90,
                "asked_tick": schema.writes.c.asked_tick - HORIZON - 90,
            }
            connection.execute(update(schema.writes).values(older))


class _Stepping:
    """A store whose every call is a step."""

    def __init__(self, store: WriteStore, turns: Turns) -> None:
        self._store, self._turns = store, turns

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)

        def stepping(*args: Any, **named: Any) -> Any:
            self._turns.step()
            return found(*args, **named)

        return stepping


@pytest.fixture
def new_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., World]]:
    """Make worlds that share one database, each a portal of its own."""
    (tmp_path / "app.db").write_bytes(migrated_database())
    engine = open_engine(f"sqlite:///{tmp_path / 'app.db'}")
    base = context_on(MemoryPortal(lambda: None, lambda: ""))

    def make(seed: int, losses: tuple[str, ...] = ("",)) -> World:
        member_id, turns = f"member{seed}", Turns(seed)
        row = {"member_id": member_id, "status": "installed", "changed_at": 0}
        with engine.begin() as connection:
            connection.execute(insert(schema.portals).values(row))
        monkeypatch.setattr("time.sleep", turns.step)
        portal = MemoryPortal(turns.step, lambda: turns.random.choice(losses))
        return World(engine, member_id, turns, portal, base)

    yield make
    engine.dispose()


def seen(number: int, *contacts: int) -> Record:
    return Record(number, "", tuple(CustomerRef(Kind.CONTACT, one) for one in contacts))


def at(start: int = NINE, resource: int = 1) -> Appointment:
    return Appointment((resource,), Span(start, start + HOUR), "UTC")


def everyone(portal: MemoryPortal) -> Counter[int]:
    """Who is on the list or booked, and how often."""
    rows = [*portal.records.values(), *(row["contacts"] for row in portal.bookings.values())]
    return Counter(contact for row in rows for contact in row)


@pytest.mark.thorough
@pytest.mark.parametrize("start", range(0, SEEDS, TOGETHER))
def test_of_two_users_at_the_same_time_one_books_and_the_others_record_stays(
    new_world: Callable[..., World], start: int
) -> None:
    outcomes = Counter[str]()
    for seed in range(start, start + TOGETHER):
        world = new_world(seed)
        first, second = world.portal.add_record(1), world.portal.add_record(2)
        # The times overlap, but need not be the same.
        other = at(NINE + world.turns.random.choice([0, 0, -1800, 1800]))
        told = world.turns.run(
            partial(book, world.user(1), seen(first, 1), at()),
            partial(book, world.user(2), seen(second, 2), other),
        )
        assert sorted(type(one).__name__ for one in told) == ["BookedRecord", "TimeTaken"], seed
        assert len(world.portal.bookings) == 1
        assert everyone(world.portal) == {1: 1, 2: 1}
        outcomes[type(told[0]).__name__] += 1
    assert min(outcomes["BookedRecord"], outcomes["TimeTaken"]) > TOGETHER / 10, "both win at times"


@pytest.mark.thorough
def test_of_two_users_with_one_record_one_books_it_and_both_see_the_same_booking(
    new_world: Callable[..., World],
) -> None:
    for seed in range(SEEDS // 2):
        world = new_world(seed)
        number = world.portal.add_record(1)
        told = world.turns.run(
            partial(book, world.user(1), seen(number, 1), at()),
            partial(book, world.user(2), seen(number, 1), at(NINE + 9 * HOUR, 2)),
        )
        (booking_id,) = world.portal.bookings
        made = [one.booking_id if isinstance(one, BookedRecord) else one for one in told]
        assert made == [booking_id, booking_id], seed
        assert everyone(world.portal) == {1: 1}


@pytest.mark.thorough
def test_of_two_users_who_put_a_booking_back_both_get_the_one_record(
    new_world: Callable[..., World],
) -> None:
    for seed in range(SEEDS // 2):
        world = new_world(seed)
        number = world.portal.add_record(1)
        booked = book(world.user(1), seen(number, 1), at())
        assert isinstance(booked, BookedRecord)
        told = world.turns.run(
            partial(move_back, world.user(1), booked.booking_id),
            partial(move_back, world.user(2), booked.booking_id),
        )
        (back,) = world.portal.records
        assert told == [back, back], seed
        assert everyone(world.portal) == {1: 1}


@pytest.mark.thorough
def test_with_lost_requests_and_answers_nothing_is_booked_twice_or_lost(
    new_world: Callable[..., World],
) -> None:
    known = (BookedRecord, int, TimeTaken, TimeReserved, OutcomeUnknown, RecordGone)
    bookings = Counter[int]()
    for seed in range(LOSSY_SEEDS):
        world = new_world(seed, ("", "", "", "request", "answer"))
        first, second = world.portal.add_record(1), world.portal.add_record(2)
        told = world.turns.run(
            partial(book, world.user(1), seen(first, 1), at()),
            partial(book, world.user(2), seen(second, 2), at()),
        )
        world.portal.lose = lambda: ""
        world.let_pass()
        reconcile.reconcile_due(world.user(1))
        assert [write for write in world.user(1).writes.of_portal() if write.blocks] == []
        assert len(world.portal.bookings) <= 1, seed
        assert everyone(world.portal) == {1: 1, 2: 1}, seed
        for one, number in zip(told, (first, second), strict=True):
            if isinstance(one, BookedRecord):
                assert one.booking_id in world.portal.bookings
            elif not isinstance(one, OutcomeUnknown):
                assert number in world.portal.records, seed
        assert all(isinstance(one, known) or "ReadTimeout" in str(one) for one in told), told
        bookings[len(world.portal.bookings)] += 1
    assert bookings[0]
    assert bookings[1]
