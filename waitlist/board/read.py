"""Reads the whole waiting list: every record, who waits on it, and how long.

A portal tells the customers of one record a call. For a long list that is a request for every
fifty records, so there the CRM's mirror (waitlist/sources/crm_mirror.py) says who waits
on most of them, where it has proved true on this portal, and the records that only the mirror has
spoken for are named, to be verified afterwards (waitlist/board/mirror_check.py). Without a mirror
the list comes in parts, those first that people look at first, so that nobody waits for its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from random import SystemRandom

from bitrix24.batch import BATCH_SIZE
from bitrix24.client import SIDE_BY_SIDE
from bitrix24.errors import PortalError
from bitrix24.lists import PAGE_SIZE, ListCommand, read_lists
from waitlist.context import UserContext
from waitlist.customers.reader import commands_for
from waitlist.errors import raise_known
from waitlist.models import Age, Board, BoardPart, OpenBoard, Record, clean_note
from waitlist.records.read import Listed, customers_of, list_commands
from waitlist.sources.ages import (
    KEY,
    METHOD,
    aged,
    ages,
    date_format,
    retry_other_date_formats,
    windows,
)
from waitlist.sources.crm_mirror import Mirror, activity_list, agrees, mirror_in

FIRST_PAGES = 5
"""250 records in the first batch: most waiting lists need no second one, and no mirror."""
SAMPLE = 30
"""Records that have to be the same in both before the mirror is believed."""
BELIEVED, DOUBTED = 6 * 3600, 3600
"""Seconds before a portal's mirror is put to the test again."""

ROUND = SIDE_BY_SIDE * BATCH_SIZE
"""Calls that a part of the list may take: as many as travel at the same time."""
AGES = tuple(Age)

_random = SystemRandom()


def read_board(context: UserContext, *, exact: bool = False) -> Board:
    """Read the whole waiting list with the customers' names.

    Raises PortalError or WaitlistError.
    """
    board = open_board(context, exact=exact)
    parts = list(board.parts)
    return Board(
        tuple(record for part in parts for record in part.records),
        {ref: customer for part in parts for ref, customer in part.customers.items()},
        board.complete,
        board.unverified,
    )


def open_board(context: UserContext, *, exact: bool = False) -> OpenBoard:
    """Read the waiting list until it is known which records there are; the parts read the rest.

    With `exact` the CRM mirror is not used. Once the parts have been read to their end, the tracker
    knows all records. Raises PortalError or WaitlistError, and so do the parts.
    """
    client, quirks, today = context.client, context.quirks, context.today
    wanted = {"all": ListCommand(METHOD, KEY, pages=FIRST_PAGES)}
    if written := date_format(quirks, client.portal):
        wanted |= windows(today, written)
    if not exact and quirks.mirror_is_true.get(client.portal) is not False:
        wanted["mirror"] = activity_list(beside="all", pages=FIRST_PAGES)
    try:
        listings = read_lists(client, wanted)
    except PortalError as error:
        raise_known(error)
        raise
    everything = listings["all"]
    mirror = Mirror()
    if "mirror" in listings:
        mirror = mirror_in(listings["mirror"], everything.rows)
    found = Listed()
    unverified: frozenset[int] = frozenset()
    if mirror.customers and len(everything.rows) >= FIRST_PAGES * PAGE_SIZE:
        found, unverified = _by_mirror(context, everything.rows, mirror)
    trusted = quirks.mirror_is_true.get(client.portal) is True
    listings = retry_other_date_formats(client, quirks, today, listings)
    waited = ages(everything.rows, listings)
    records = [
        aged(
            Record(record_id, clean_note(row.get("note")), age=waited[record_id]),
            mirror.created.get(record_id),
            today,
            trusted=trusted,
        )
        for record_id, row in everything.rows.items()
    ]
    records.sort(key=lambda record: (AGES.index(record.age), -record.id))
    parts = _parts(context, records, found)
    if everything.complete:
        parts = _tracked(context, parts)
    return OpenBoard(parts, everything.complete, unverified)


def _tracked(context: UserContext, parts: Iterable[BoardPart]) -> Iterator[BoardPart]:
    records: list[Record] = []
    for part in parts:
        records += part.records
        yield part
    context.tracker.seen_all(records)


def _parts(context: UserContext, records: Sequence[Record], found: Listed) -> Iterator[BoardPart]:
    """The records with their customers, those `found` already and those to be read. The names of
    one part travel with the customers of the next. Records that vanished meanwhile are left out.
    """
    rest, part = list(records), list[Record]()
    while rest or part:
        refs = {ref for record in part for ref in record.customers}
        unknown = context.customers.unknown(refs)
        naming = commands_for(unknown)
        room = max(1, ROUND - len(naming))
        following, rest = rest[:room], rest[room:]
        asked = [record.id for record in following if record.id not in found.customers]
        answer = context.client.read(naming | list_commands(asked))
        names = context.customers.take(unknown, answer) | context.customers.read(refs - unknown)
        if part:
            yield BoardPart(tuple(part), names)
        listed = customers_of(answer, asked)
        customers, foreign = found.customers | listed.customers, found.foreign | listed.foreign
        part = [
            replace(record, customers=customers[record.id], foreign=record.id in foreign)
            for record in following
            if record.id in customers
        ]


def _by_mirror(
    context: UserContext, record_ids: Iterable[int], mirror: Mirror
) -> tuple[Listed, frozenset[int]]:
    """The customers of the records, and for which of them only the mirror says so; nothing where
    it is found to lie."""
    sample: set[int] = set()
    if context.quirks.mirror_is_true.get(context.client.portal) is None:
        ids = sorted(mirror.customers)
        sample = set(_random.sample(ids, min(SAMPLE, len(ids))))
    asked = [one for one in record_ids if one not in mirror.customers or one in sample]
    rest = mirror.customers.keys() - sample
    refs = {ref for one in mirror.customers.values() for ref in one}
    unknown = context.customers.unknown(refs)
    # Names do not depend on the lists, so they are read in the same requests.
    answer = context.client.read(list_commands(asked) | commands_for(unknown))
    found = customers_of(answer, asked)
    names = context.customers.take(unknown, answer) | context.customers.read(refs - unknown)
    if sample:
        true = all(
            agrees(mirror.customers[one], found.customers[one], names)
            for one in sample & found.customers.keys()
        )
        context.quirks.mirror_is_true.put(
            context.client.portal, true, BELIEVED if true else DOUBTED
        )
        if not true:
            return found, frozenset()
    mirrored = {one: mirror.customers[one] for one in rest}
    return Listed(mirrored | found.customers, found.foreign), frozenset(rest)
