"""Which times came free. 10,000 cancellations, told late, twice, mixed or never."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import UTC

import pytest

from store.bookings.snapshot import KnownBooking, LastScan
from waitlist.booking.fits import rank
from waitlist.booking.freed import (
    MOST_BOOKINGS,
    PAUSE,
    STALE,
    FreedPlace,
    after_scan,
    current_mark,
    freed_places,
    is_due,
    no_longer_listed,
    shown_mark,
)
from waitlist.sources.bookings import Span
from waitlist.sources.record_list import RecordRow

NOW, HOUR, DAY = 2_082_790_800, 3600, 24 * 3600
AHEAD = 14 * DAY
SEEDS, CANCELLATIONS = 50, 200


def booking(
    number: int, hour: int, *resources: int, length: int = 1, freed: bool = False
) -> KnownBooking:
    start = NOW + hour * HOUR
    return KnownBooking(number, resources or (1,), start, start + length * HOUR, "UTC", freed)


def by_id(*found: KnownBooking) -> dict[int, KnownBooking]:
    return {one.id: one for one in found}


def places(*known: KnownBooking) -> list[tuple[int, int]]:
    return [(one.booking_id, one.resource_id) for one in freed_places(by_id(*known), NOW)]


def test_a_booking_that_is_gone_frees_its_time_on_each_resource() -> None:
    after = after_scan(by_id(booking(1, 5, 1, 2)), [], {1}, set(), NOW)
    assert places(*after.values()) == [(1, 1), (1, 2)]


@pytest.mark.parametrize(
    ("other", "left"),
    [
        (booking(2, 5, 1), []),
        (booking(2, 4, 1, length=2), []),
        (booking(2, 5, 2), [(1, 1)]),
        (booking(2, 4, 1), [(1, 1)]),
        (booking(2, 6, 1), [(1, 1)]),
        (replace(booking(2, 5), start=NOW + 6 * HOUR - 1, end=NOW + 9 * HOUR), []),
        (booking(2, 5, 1, freed=True), [(2, 1)]),
    ],
)
def test_a_time_of_which_a_booking_takes_a_part_is_not_free(
    other: KnownBooking, left: list[tuple[int, int]]
) -> None:
    assert places(booking(1, 5, freed=True), other) == left


@pytest.mark.parametrize("hour", [0, -1, -5])
def test_a_time_that_has_begun_is_not_offered_and_not_kept(hour: int) -> None:
    gone = booking(1, hour, freed=True)
    assert places(gone) == []
    assert after_scan(by_id(gone), [], set(), set(), NOW) == {}


def test_a_moved_booking_frees_nothing_wherever_it_is_now() -> None:
    known, moved = by_id(booking(1, 5), booking(2, 6)), booking(1, 30, 3)
    assert no_longer_listed(known, {1}, NOW) == (2,)
    # The second one was found by its ID, far ahead.
    after = after_scan(known, [moved], set(), set(), NOW)
    assert after == {1: moved}
    assert places(*after.values()) == []


def test_what_could_not_be_read_is_asked_for_again() -> None:
    known = by_id(booking(1, 5))
    after = after_scan(known, [], set(), {1}, NOW)
    assert after == known
    assert no_longer_listed(after, set(), NOW) == (1,)


def test_a_booking_that_is_listed_after_all_is_not_free() -> None:
    freed = by_id(booking(1, 5, freed=True))
    assert no_longer_listed(freed, set(), NOW) == ()
    after = after_scan(freed, [booking(1, 5)], set(), set(), NOW)
    assert places(*after.values()) == []


def test_only_so_many_bookings_are_kept_and_the_next_ones() -> None:
    listed = [booking(number, number) for number in range(1, MOST_BOOKINGS + 10)]
    after = after_scan({}, reversed(listed), set(), set(), NOW)
    assert sorted(after) == list(range(1, MOST_BOOKINGS + 1))


@pytest.mark.parametrize(
    ("last", "opened", "due"),
    [
        (LastScan(3, 3, NOW - 1), True, True),
        (LastScan(3, 3, NOW - PAUSE), False, False),
        (LastScan(4, 3, NOW - PAUSE), False, True),
        (LastScan(4, 3, NOW - PAUSE + 1), False, False),
        (LastScan(3, 3, NOW - STALE), False, True),
        (LastScan(3, 3, NOW - STALE + 1), False, False),
    ],
)
def test_a_look_is_due_on_opening_after_an_event_and_after_long(
    last: LastScan, opened: bool, due: bool
) -> None:
    assert is_due(last, NOW, opened=opened) is due


@pytest.mark.parametrize(
    ("last", "asks"),
    [
        (LastScan(3, 3, NOW, 7), False),
        (LastScan(4, 3, NOW, 7), True),
        (LastScan(3, 3, NOW - STALE, 7), True),
    ],
)
def test_a_page_asks_while_it_may_miss_something(last: LastScan, asks: bool) -> None:
    assert (current_mark(last, NOW) != shown_mark(last)) is asks


@dataclass
class World:
    """A portal with its bookings, the app's memory of them, and events on their way."""

    random: random.Random
    now: int = NOW
    truth: dict[int, KnownBooking] = field(default_factory=dict)
    known: dict[int, KnownBooking] = field(default_factory=dict)
    last: LastScan = field(default_factory=LastScan)
    expected: dict[int, KnownBooking] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    on_the_way: int = 0
    newest: int = 0
    cancelled: int = 0

    def make(self, like: KnownBooking | None = None) -> None:
        self.newest += 1
        hour = (self.now - NOW) // HOUR + self.random.randrange(1, 16 * 24)
        resources = self.random.sample(range(1, 5), self.random.choice((1, 1, 1, 2)))
        made = booking(self.newest, hour, *resources, length=self.random.choice((1, 1, 2)))
        if like:
            made = replace(like, id=self.newest, freed=False)
        self.truth[self.newest] = made
        self.send_event()

    def send_event(self) -> None:
        """Lose an event, send it, or send it twice. All are alike, in any order."""
        self.on_the_way += self.random.choice((0, 1, 1, 2))

    def cancel(self) -> None:
        one = self.truth.pop(self.random.choice(list(self.truth)))
        self.cancelled += 1
        if one.id in self.seen:
            # A booking is remembered where it was at the last scan.
            self.expected[one.id] = self.known[one.id]
        self.send_event()

    def move(self) -> None:
        number = self.random.choice(list(self.truth))
        shift = self.random.choice((-30, -1, 1, 5, 24, 40 * 24)) * HOUR
        one = self.truth[number]
        self.truth[number] = replace(one, start=one.start + shift, end=one.end + shift)
        self.send_event()

    def retake(self) -> None:
        """Somebody books a time that is offered."""
        offered = freed_places(self.known, self.now)
        if offered:
            self.make(like=self.known[self.random.choice(offered).booking_id])

    def deliver(self) -> None:
        some = self.random.randint(0, self.on_the_way)
        self.on_the_way -= some
        self.last = replace(self.last, hints=self.last.hints + some)

    def scan(self) -> None:
        days = Span(self.now, self.now + AHEAD)
        listed = {
            one.id: one for one in self.truth.values() if Span(one.start, one.end).overlaps(days)
        }
        missing = no_longer_listed(self.known, listed, self.now)
        gone = {one for one in missing if one not in self.truth}
        before = freed_places(self.known, self.now)
        self.known = after_scan(self.known, listed.values(), gone, set(), self.now)
        differs = freed_places(self.known, self.now) != before
        self.last = LastScan(
            self.last.hints, self.last.hints, self.now, self.last.version + int(differs)
        )
        self.seen = {one.id for one in listed.values() if one.start > self.now}

    def really_free(self) -> set[tuple[int, Span]]:
        """Return the times of cancelled bookings to come that no booking takes."""
        self.expected = {n: one for n, one in self.expected.items() if one.start > self.now}
        return {
            (resource, Span(one.start, one.end))
            for one in self.expected.values()
            for resource in one.resource_ids
            if not any(self.takes(other, resource, one) for other in self.truth.values())
        }

    @staticmethod
    def takes(other: KnownBooking, resource: int, one: KnownBooking) -> bool:
        there = resource in other.resource_ids
        return there and other.start < one.end and one.start < other.end

    def offered(self) -> set[tuple[int, Span]]:
        return {(one.resource_id, one.span) for one in freed_places(self.known, self.now)}

    def is_refused(self, place: FreedPlace) -> bool:
        """Return whether the scan before a place is offered finds it taken."""
        one = self.known[place.booking_id]
        return any(self.takes(other, place.resource_id, one) for other in self.truth.values())


@pytest.mark.parametrize("seed", range(SEEDS))
def test_no_freed_time_is_missed_after_opening_and_none_is_offered_that_is_taken(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("waitlist.booking.freed.MOST_PLACES", 10_000)
    world = World(random.Random(seed))  # noqa: S311
    for _ in range(60):
        world.make()
    world.scan()
    while world.cancelled < CANCELLATIONS:
        step = world.random.choice(
            (world.cancel, world.cancel, world.move, world.retake, world.deliver)
        )
        step()
        while len(world.truth) < 40:
            world.make()
        world.now += world.random.choice((0, 60, HOUR, 12 * HOUR))
        if world.random.random() < 0.2:
            # A page is opened: it shows exactly what is free.
            assert is_due(world.last, world.now, opened=True)
            world.scan()
            assert world.offered() == world.really_free()
        elif current_mark(world.last, world.now) != shown_mark(world.last):
            # An open page has heard of something.
            if is_due(world.last, world.now, opened=False):
                world.scan()
                assert world.offered() == world.really_free()
        else:
            # Nothing was heard yet: what is chosen is looked at before it is offered.
            for place in freed_places(world.known, world.now)[:1]:
                free = (place.resource_id, place.span) in world.really_free()
                assert world.is_refused(place) is not free
    assert world.cancelled == CANCELLATIONS


def ranked(*notes: str, hour: int = 5) -> list[int]:
    rows = [RecordRow(number, note) for number, note in enumerate(notes, 1)]
    one = booking(1, hour, 2)
    place = FreedPlace(1, 2, Span(one.start, one.end))
    names = {1: "Room 1", 2: "Room 2"}
    return [row.id for row, _ in rank(reversed(rows), place, UTC, names)]


def test_those_who_wish_for_the_time_come_first_then_those_who_wait_longest() -> None:
    assert ranked("", "Room 1", "not Room 2", "Room 2", "calls back", "Room 2!") == [4, 6, 1, 5]


def test_notes_are_read_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("waitlist.booking.fits.MOST_READ", 20)
    assert ranked("Room 2 is", "Room 1", "Room 2 or nothing at all") == [1, 3]
