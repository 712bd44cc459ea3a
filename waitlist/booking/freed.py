"""Which times came free: what one scan of the bookings says after another. Pure functions.

A booking that is gone has freed its time. One that was moved has not, because its customers want
another time now. A time that another booking takes is not free. Events may come late, twice or
never, so nothing here follows from an event: each scan compares all coming bookings with those of
the scan before.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from store.bookings.snapshot import KnownBooking, LastScan
from waitlist.sources.bookings import BookingRow, Span

MOST_BOOKINGS = 5_000
"""Coming bookings of a portal that are kept, the next ones first."""
MOST_PLACES = 20
"""Freed times that are offered, the next ones first."""
PAUSE = 5
"""Seconds between two scans for which events ask."""
STALE = 10 * 60
"""Seconds after which an open page scans without an event, which may never come."""


@dataclass(frozen=True, slots=True)
class FreedPlace:
    """A time of a resource that `booking_id` had, and that can be booked again."""

    booking_id: int
    resource_id: int
    span: Span


def as_known(row: BookingRow) -> KnownBooking:
    begin = row.date_period.begin
    resources = tuple(dict.fromkeys(row.resource_ids))
    return KnownBooking(row.id, resources, row.span.start, row.span.end, begin.timezone[:64])


def no_longer_listed(
    known: Mapping[int, KnownBooking], listed: Collection[int], now: int
) -> tuple[int, ...]:
    """Return the bookings that are no longer listed: they are gone, or moved far ahead."""
    coming = (one for one in known.values() if not one.freed and one.start > now)
    return tuple(one.id for one in coming if one.id not in listed)


def after_scan(
    known: Mapping[int, KnownBooking],
    listed: Iterable[KnownBooking],
    gone: Collection[int],
    unsure: Collection[int],
    now: int,
) -> dict[int, KnownBooking]:
    """Return the bookings to keep, after a scan has found those that are `listed`.

    Of the missing bookings, some are `gone`, and nothing is known about those that are `unsure`.
    The others were moved out of the days that a scan covers.
    """
    coming = (one for one in listed if one.end > now and one.resource_ids)
    next_ones = islice(sorted(coming, key=lambda one: one.start), MOST_BOOKINGS)
    after = {one.id: one for one in next_ones}
    for one in known.values():
        if one.id not in after and one.start > now:
            if one.freed or one.id in gone:
                after[one.id] = replace(one, freed=True)
            elif one.id in unsure:
                after[one.id] = one
    return after


def freed_places(known: Mapping[int, KnownBooking], now: int) -> tuple[FreedPlace, ...]:
    """Return the freed times to come that no other booking takes, the next first."""
    taken: dict[int, list[Span]] = {}
    for one in known.values():
        if not one.freed:
            for resource_id in one.resource_ids:
                taken.setdefault(resource_id, []).append(Span(one.start, one.end))
    # Two bookings of the same time may be gone; the later one counts.
    places = {(one.span, one.resource_id): one for one in _all_places(known.values(), now)}
    free = (
        places[key]
        for key in sorted(places)
        if not any(map(key[0].overlaps, taken.get(key[1], ())))
    )
    return tuple(islice(free, MOST_PLACES))


def _all_places(known: Iterable[KnownBooking], now: int) -> Iterator[FreedPlace]:
    for one in sorted(known, key=lambda one: one.id):
        if one.freed and one.start > now:
            for resource_id in one.resource_ids:
                yield FreedPlace(one.id, resource_id, Span(one.start, one.end))


def is_due(last: LastScan, now: int, *, opened: bool) -> bool:
    """Return whether to scan: a page was opened, an event came, or it is long ago."""
    since = now - last.scanned_at
    hinted = last.hints != last.hints_scanned and since >= PAUSE
    return opened or hinted or since >= STALE


def shown_mark(last: LastScan) -> str:
    """Return what a page remembers of the times that it shows."""
    return f"{last.hints_scanned}.{last.version}"


def current_mark(last: LastScan, now: int) -> str:
    """Return the mark of a page that shows everything. Another one means that it has to ask."""
    stale = now - last.scanned_at >= STALE
    return f"{last.hints}.{last.version}{'.stale' if stale else ''}"
