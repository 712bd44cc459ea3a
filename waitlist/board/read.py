"""Reads the whole waiting list: all records, their customers, and how long they have waited.

Each call returns the customers of one record only, so a long list costs an HTTP request for every
fifty records. If the CRM mirror has proved true on this portal, it tells most customers instead
(waitlist/sources/crm_mirror.py), and pages check those rows afterwards (waitlist/board/live.py).
Without the mirror the list comes in parts, and the records that users look at first come first.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from random import SystemRandom

from bitrix24.batch import BATCH_SIZE
from bitrix24.client import PARALLEL_REQUESTS
from bitrix24.lists import PAGE_SIZE, Precheck, read_lists
from waitlist.context import UserContext
from waitlist.customers.reader import customer_commands
from waitlist.errors import known_errors
from waitlist.models import Age, Board, BoardPart, CustomerRefs, OpenBoard, Record, clean_note
from waitlist.records.read import Listed, client_list, customers_of
from waitlist.sources.ages import ages, date_format, retry_other_date_formats, windows, with_age
from waitlist.sources.crm_mirror import activity_list, agrees, mirror_in
from waitlist.sources.record_list import FIRST_PAGES, record_list

SAMPLE = 30
"""Records that have to be the same in both before the mirror is believed."""
TRUSTED_SECONDS, DISTRUSTED_SECONDS = 6 * 3600, 3600
"""Seconds before a portal's mirror is put to the test again."""

ROUND = PARALLEL_REQUESTS * BATCH_SIZE
"""Calls that a part of the list may take: as many as travel at the same time."""
AGES = tuple(Age)

_random = SystemRandom()


def read_board(context: UserContext) -> Board:
    """Read the whole waiting list with customers' names. Raises PortalError or WaitlistError."""
    board = open_board(context)
    parts = list(board.parts)
    return Board(
        tuple(record for part in parts for record in part.records),
        {ref: customer for part in parts for ref, customer in part.customers.items()},
        board.complete,
        board.unverified,
        sum(part.unread for part in parts),
    )


def open_board(context: UserContext, precheck: Precheck | None = None) -> OpenBoard:
    """Read the list until it is known which records there are. The parts read the rest.

    Afterwards `context.customers` knows whether CRM is closed to this user, and once the parts have
    been read to their end, the tracker knows all records. Raises PortalError or WaitlistError, and
    so do the parts.
    """
    client, quirks, today = context.client, context.quirks, context.today
    everything = record_list()
    date_style = date_format(quirks, client.portal)
    wanted = windows(today, date_style) if date_style else {}
    activities = activity_list(ends_with=everything, pages=FIRST_PAGES)
    use_mirror = quirks.mirror_is_true.get(client.portal) is not False
    resources = context.resources.lists(ends_with=everything)
    with known_errors():
        listings = read_lists(
            client,
            [
                everything,
                *wanted.values(),
                *([activities] if use_mirror else []),
                *resources,
                *context.customers.access_lists(),
            ],
            precheck,
        )
    context.customers.note_access_lists(listings)
    for names in resources:
        context.resources.take_list(listings[names])
    rows, complete = listings[everything].rows, listings[everything].complete
    mirror, created, linked = (
        mirror_in(listings[activities], rows) if use_mirror else ({}, {}, frozenset[int]())
    )
    found, unverified = Listed(), frozenset[int]()
    if mirror and len(rows) >= FIRST_PAGES * PAGE_SIZE:
        found, unverified = _read_by_mirror(context, rows, mirror)
    trusted = quirks.mirror_is_true.get(client.portal) is True
    by_age = listings
    if wanted and today != context.today:
        # Only the answer has shown which day it is at the portal.
        today = context.today
        wanted = windows(today, date_style)
        with known_errors():
            by_age = read_lists(client, wanted.values())
    read = {age: by_age[window] for age, window in wanted.items()}
    waited = ages(rows, retry_other_date_formats(client, quirks, today, read))
    records = [
        with_age(
            Record(record_id, clean_note(row.note), age=waited[record_id]),
            created.get(record_id),
            today,
            trusted=trusted,
        )
        for record_id, row in rows.items()
    ]
    records.sort(key=lambda record: (AGES.index(record.age), -record.id))
    parts = _parts(context, records, found)
    if unread := listings[everything].unreadable:
        parts = chain([BoardPart((), {}, unread)], parts)
    parts = _tracked(context, parts) if complete else parts
    return OpenBoard(parts, complete, unverified, linked)


def _tracked(context: UserContext, parts: Iterable[BoardPart]) -> Iterator[BoardPart]:
    records, unread = list[Record](), 0
    for part in parts:
        records += part.records
        unread += part.unread
        yield part
    if unread:
        # Records that are missing here may be among those that could not be read.
        context.tracker.note_read(records, ())
    else:
        context.tracker.note_all(records)


def _parts(context: UserContext, records: Sequence[Record], found: Listed) -> Iterator[BoardPart]:
    """Yield records with customers. The names of one part travel with the next one's customers."""
    rest, part, unread = list(records), list[Record](), len(found.unread)
    while rest or part or unread:
        refs = {ref for record in part for ref in record.customers}
        uncached = context.customers.uncached(refs)
        naming = customer_commands(uncached)
        room = max(1, ROUND - len(naming))
        following, rest = rest[:room], rest[room:]
        known = found.customers.keys() | found.unread
        asked = [record.id for record in following if record.id not in known]
        answer = context.client.read([*naming, *map(client_list, asked)])
        names = context.customers.take(uncached, answer) | context.customers.read(refs - uncached)
        if part or unread:
            yield BoardPart(tuple(part), names, unread)
        # Records that were removed meanwhile are left out.
        listed = customers_of(answer, asked)
        customers, foreign = found.customers | listed.customers, found.foreign | listed.foreign
        unread = len(listed.unread)
        part = [
            replace(record, customers=customers[record.id], foreign=record.id in foreign)
            for record in following
            if record.id in customers
        ]


def _read_by_mirror(
    context: UserContext, record_ids: Iterable[int], mirror: Mapping[int, CustomerRefs]
) -> tuple[Listed, frozenset[int]]:
    """Return records' customers, and which ones only the mirror tells. A sample has to prove it."""
    quirks, portal = context.quirks, context.client.portal
    sample: set[int] = set()
    if quirks.mirror_is_true.get(portal) is None:
        sample = set(_random.sample(sorted(mirror), min(SAMPLE, len(mirror))))
    asked = [one for one in record_ids if one not in mirror or one in sample]
    rest = mirror.keys() - sample
    refs = {ref for one in mirror.values() for ref in one}
    uncached = context.customers.uncached(refs)
    # Names do not depend on the lists, so they are read in the same requests.
    answer = context.client.read([*map(client_list, asked), *customer_commands(uncached)])
    found = customers_of(answer, asked)
    names = context.customers.take(uncached, answer) | context.customers.read(refs - uncached)
    if sample:
        true = all(
            agrees(mirror[one], found.customers[one], names)
            for one in sample & found.customers.keys()
        )
        quirks.mirror_is_true.put(portal, true, TRUSTED_SECONDS if true else DISTRUSTED_SECONDS)
        if not true:
            return found, frozenset()
    mirrored = {one: mirror[one] for one in rest}
    return Listed(mirrored | found.customers, found.foreign, found.unread), frozenset(rest)
