"""Scans a portal's coming bookings, as a user of an open page: which times came free?

Two HTTP requests at most for a scan of a usual portal: the bookings of the days ahead with the
resources, and those that are no longer listed, one by one.
"""

import time
from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from bitrix24.errors import PortalError
from bitrix24.lists import Listing, read_lists
from store.bookings.snapshot import KnownBooking, Scan
from waitlist.booking.free_times import portal_zone
from waitlist.booking.freed import (
    FreedPlace,
    after_scan,
    as_known,
    freed_places,
    is_due,
    no_longer_listed,
    shown_mark,
)
from waitlist.booking.offer import DAYS
from waitlist.context import UserContext
from waitlist.errors import BookingGone, WaitlistError, known_errors
from waitlist.sources.bookings import ResourceRow, Span, booking_row, bookings_within, resource_list

AHEAD = DAYS * 24 * 3600
MOST_ASKED = 250
"""Missing bookings that one scan asks for. The next scan asks for the others."""


@dataclass(frozen=True, slots=True)
class Freed:
    """Times that came free, by the clock of `zone`. `mark` is what the page remembers of them.

    `names` are those of the resources.
    """

    places: tuple[FreedPlace, ...]
    names: Mapping[int, str]
    zone: tzinfo
    mark: str


def read_freed(context: UserContext, *, opened: bool) -> Freed:
    """Return the freed times, after a scan if one is due. Raises PortalError or WaitlistError.

    Costs no HTTP request if no scan is due, unless a resource is not known yet.
    """
    snapshot, now = context.booking_snapshot, int(time.time())
    names: Mapping[int, str] | None = None
    if is_due(snapshot.last_scan(), now, opened=opened):
        scan = snapshot.begin_scan()
        if scan is not None:
            names = _scan(context, scan)
        elif opened:
            # What the other worker has read may be older than this page.
            snapshot.add_hint()
    mark, known = shown_mark(snapshot.last_scan()), snapshot.all()
    places = freed_places(known, now)
    if names is None:
        names = _names_of(context, {one.resource_id for one in places})
    return Freed(
        places=tuple(one for one in places if one.resource_id in names),
        names=names,
        zone=zone_of(context, known),
        mark=mark,
    )


def zone_of(context: UserContext, known: Mapping[int, KnownBooking]) -> tzinfo:
    """Return the portal's time zone, as its bookings and its clock tell."""
    zones = (one.zone for one in known.values())
    return portal_zone(zones, context.client.zone(), datetime.now(UTC))


def _names_of(context: UserContext, resource_ids: Set[int]) -> Mapping[int, str]:
    """Return the names of resources. They are read if one of these is not known."""
    names = context.resources.fresh()
    if resource_ids <= names.keys():
        return names
    wanted = resource_list()
    with known_errors():
        return _remember_names(context, read_lists(context.client, [wanted])[wanted])


def _remember_names(context: UserContext, resources: Listing[ResourceRow]) -> Mapping[int, str]:
    context.resources.take_list(resources)
    return {row.id: row.name for row in resources.rows.values()}


def _scan(context: UserContext, scan: Scan) -> Mapping[int, str]:
    """Compare the bookings of the days ahead with those of the last scan.

    Returns the names of all resources.
    """
    snapshot, now = context.booking_snapshot, scan.began_at
    try:
        known = snapshot.all()
        days = Span(now, now + AHEAD)
        bookings, resources = bookings_within(days), resource_list()
        with known_errors():
            read = read_lists(context.client, [bookings, resources])
        listed = {row.id: as_known(row) for row in read[bookings].rows.values()}
        missing = no_longer_listed(known, listed, now)
        found, gone = _read_missing(context, missing[:MOST_ASKED])
        listed |= {one.id: one for one in found if days.overlaps(Span(one.start, one.end))}
        unsure = set(missing) - gone - {one.id for one in found}
        after = after_scan(known, listed.values(), gone, unsure, now)
    except BaseException:
        snapshot.release_scan(scan)
        raise
    differs = freed_places(known, now) != freed_places(after, now)
    if not snapshot.finish_scan(scan, known, after, differs=differs) or unsure:
        snapshot.add_hint()
    return _remember_names(context, read[resources])


def _read_missing(
    context: UserContext, missing: Collection[int]
) -> tuple[list[KnownBooking], set[int]]:
    """Return the missing bookings that are still there, and the IDs of those gone."""
    commands = {one: booking_row(one) for one in missing}
    answer = context.client.read(commands.values())
    found, gone = list[KnownBooking](), set[int]()
    for number, command in commands.items():
        try:
            with known_errors():
                found.append(as_known(answer[command]))
        except BookingGone:
            gone.add(number)
        except (PortalError, WaitlistError):
            # It stays unsure.
            continue
    return found, gone
