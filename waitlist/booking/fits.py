"""Which records fit a time that came free: the whole list is read, and the best are shown."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from bitrix24.lists import read_lists
from waitlist.booking.freed import FreedPlace
from waitlist.booking.freed_scan import zone_of
from waitlist.booking.note_wishes import Match, NoteWishes, fits, read_wishes
from waitlist.context import UserContext
from waitlist.errors import ResourceGone, TimePassed, TimeTaken, known_errors
from waitlist.models import Age, CustomersByRef, Record, clean_note
from waitlist.records.read import client_list, customers_of, with_mirrored_age
from waitlist.sources.ages import ages, date_format, retry_other_date_formats, windows
from waitlist.sources.bookings import Span, bookings_within, resource_list
from waitlist.sources.crm_mirror import activity_of_record
from waitlist.sources.record_list import RecordRow, record_list

MOST_FITS = 10
"""Records that are shown. Their customers and ages take one HTTP request."""
MOST_READ = 60_000
"""Characters of all notes together that are searched for wishes. Later notes have none."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A record that fits, and the wishes in its note that the time fulfills."""

    record: Record
    match: Match


@dataclass(frozen=True, slots=True)
class Fits:
    """The records that fit a freed time, the best first, and how many others fit.

    `names` are those of the resources.
    """

    place: FreedPlace
    zone: tzinfo
    names: Mapping[int, str]
    fits: tuple[Fit, ...]
    customers: CustomersByRef
    others: int


def read_fits(context: UserContext, booking_id: int, resource_id: int) -> Fits:
    """Read which records fit, after a look at whether the time is still free.

    Costs three HTTP requests with a list of up to 250 records. Raises TimeTaken, TimePassed,
    another WaitlistError or PortalError.
    """
    known = context.booking_snapshot.all()
    freed = known.get(booking_id)
    if freed is None or not freed.freed or resource_id not in freed.resource_ids:
        raise TimeTaken
    span = Span(freed.start, freed.end)
    if span.start <= time.time():
        raise TimePassed
    wanted, booked, resources = record_list(), bookings_within(span), resource_list()
    date_style = date_format(context.quirks, context.client.portal)
    by_age = windows(context.today, date_style) if date_style else {}
    with known_errors():
        read = read_lists(context.client, [wanted, booked, resources, *by_age.values()])
    if any(resource_id in row.resource_ids for row in read[booked].rows.values()):
        context.booking_snapshot.add_hint()
        raise TimeTaken
    names = {row.id: row.name for row in read[resources].rows.values()}
    if resource_id not in names:
        raise ResourceGone
    zone, place = zone_of(context, known), FreedPlace(booking_id, resource_id, span)
    ranked = rank(read[wanted].rows.values(), place, zone, names)
    rows = [row for row, _ in ranked]
    found = {age: read[window] for age, window in by_age.items()}
    known_ages = retry_other_date_formats(context.client, context.quirks, context.today, found)
    waited = ages((row.id for row in rows), known_ages)
    best = _read_best(context, rows[:MOST_FITS], waited)
    refs = {ref for record in best for ref in record.customers}
    matches = {row.id: match for row, match in ranked}
    return Fits(
        place=place,
        zone=zone,
        names=names,
        fits=tuple(Fit(record, matches[record.id]) for record in best),
        customers=context.customers.read(refs),
        others=max(0, len(rows) - MOST_FITS),
    )


def rank(
    rows: Iterable[RecordRow], place: FreedPlace, zone: tzinfo, names: Mapping[int, str]
) -> list[tuple[RecordRow, Match]]:
    """Return the records that fit, with what their notes wish and the time fulfills.

    Those that wished for it come first, then those that wait longest. A record whose note wishes
    something else does not fit. Newer records have higher IDs.
    """
    begin, end = (datetime.fromtimestamp(at, zone) for at in (place.span.start, place.span.end))
    unread, found = MOST_READ, list[tuple[RecordRow, Match]]()
    for row in sorted(rows, key=lambda row: row.id):
        unread -= len(row.note)
        wishes = read_wishes(row.note, names) if unread > 0 else NoteWishes()
        match = fits(wishes, place.resource_id, begin, end)
        if match is not None:
            found.append((row, match))
    return sorted(found, key=lambda one: not one[1])


def _read_best(
    context: UserContext, rows: list[RecordRow], waited: Mapping[int, Age]
) -> tuple[Record, ...]:
    """Read customers and ages. Records that are gone meanwhile are left out."""
    ids = [row.id for row in rows]
    activities = map(activity_of_record, ids)
    answer = context.customers.batch_if_open([*map(client_list, ids), *activities])
    listed = customers_of(answer, ids)
    records = (
        Record(
            row.id,
            clean_note(row.note),
            listed.customers[row.id],
            waited[row.id],
            foreign=row.id in listed.foreign,
        )
        for row in rows
        if row.id in listed.customers
    )
    return tuple(with_mirrored_age(record, answer, context.today) for record in records)
