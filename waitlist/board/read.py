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
from datetime import date
from random import SystemRandom

from bitrix24.batch import BATCH_SIZE
from bitrix24.client import SIDE_BY_SIDE, PortalClient
from bitrix24.errors import PortalError
from bitrix24.lists import PAGE_SIZE, ListCommand, read_lists
from waitlist.customers.reader import CustomerReader, commands_for
from waitlist.errors import raise_known
from waitlist.models import Age, Board, BoardPart, OpenBoard, Record, clean_note
from waitlist.records.read import Listed, customers_of, list_commands
from waitlist.sources.ages import KEY, METHOD, aged, ages, date_format, in_other_words, windows
from waitlist.sources.crm_mirror import Mirror, activity_list, agrees, mirror_in
from waitlist.sources.quirks import Habits

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


def read_board(
    client: PortalClient,
    reader: CustomerReader,
    today: date,
    habits: Habits,
    *,
    exact: bool = False,
) -> Board:
    """The whole waiting list with the customers' names. Raises PortalError or WaitlistError."""
    board = open_board(client, reader, today, habits, exact=exact)
    parts = list(board.parts)
    return Board(
        tuple(record for part in parts for record in part.records),
        {ref: customer for part in parts for ref, customer in part.customers.items()},
        board.complete,
        board.unverified,
    )


def open_board(
    client: PortalClient,
    reader: CustomerReader,
    today: date,
    habits: Habits,
    *,
    exact: bool = False,
) -> OpenBoard:
    """The waiting list, read as far as to know which records there are; `exact` keeps the mirror
    out of it. Raises PortalError or WaitlistError, and so do the parts."""
    wanted = {"all": ListCommand(METHOD, KEY, pages=FIRST_PAGES)}
    if written := date_format(habits, client.portal):
        wanted |= windows(today, written)
    if not exact and habits.mirror_is_true.get(client.portal) is not False:
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
        found, unverified = _by_mirror(client, reader, habits, everything.rows, mirror)
    trusted = habits.mirror_is_true.get(client.portal) is True
    listings = in_other_words(client, habits, today, listings)
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
    return OpenBoard(_parts(client, reader, records, found), everything.complete, unverified)


def _parts(
    client: PortalClient,
    reader: CustomerReader,
    records: Sequence[Record],
    found: Listed,
) -> Iterator[BoardPart]:
    """The records with their customers, those `found` already and those to be read. The names of
    one part travel with the customers of the next. Records that vanished meanwhile are left out.
    """
    rest, part = list(records), list[Record]()
    while rest or part:
        refs = {ref for record in part for ref in record.customers}
        unknown = reader.unknown(refs)
        naming = commands_for(unknown)
        room = max(1, ROUND - len(naming))
        following, rest = rest[:room], rest[room:]
        asked = [record.id for record in following if record.id not in found.customers]
        answer = client.read(naming | list_commands(asked))
        names = reader.take(unknown, answer) | reader.read(refs - unknown)
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
    client: PortalClient,
    reader: CustomerReader,
    habits: Habits,
    record_ids: Iterable[int],
    mirror: Mirror,
) -> tuple[Listed, frozenset[int]]:
    """The customers of the records, and for which of them only the mirror says so; nothing where
    it is found to lie."""
    sample: set[int] = set()
    if habits.mirror_is_true.get(client.portal) is None:
        ids = sorted(mirror.customers)
        sample = set(_random.sample(ids, min(SAMPLE, len(ids))))
    asked = [one for one in record_ids if one not in mirror.customers or one in sample]
    rest = mirror.customers.keys() - sample
    refs = {ref for one in mirror.customers.values() for ref in one}
    unknown = reader.unknown(refs)
    # Names do not depend on the lists, so they are read in the same requests.
    answer = client.read(list_commands(asked) | commands_for(unknown))
    found = customers_of(answer, asked)
    names = reader.take(unknown, answer) | reader.read(refs - unknown)
    if sample:
        true = all(
            agrees(mirror.customers[one], found.customers[one], names)
            for one in sample & found.customers.keys()
        )
        habits.mirror_is_true.put(client.portal, true, BELIEVED if true else DOUBTED)
        if not true:
            return found, frozenset()
    mirrored = {one: mirror.customers[one] for one in rest}
    return Listed(mirrored | found.customers, found.foreign), frozenset(rest)
