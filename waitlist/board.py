"""Reads the whole waiting list: every record, who waits on it, and how long.

A portal tells the customers of one record a call. For a long list that is a request for every
fifty records, so there the CRM's mirror (waitlist/mirror.py) says who waits on most of them, where
it has proved true on this portal, and the records that only the mirror has spoken for are named,
to be verified afterwards (waitlist/verify.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from random import SystemRandom

from bitrix24.client import PortalClient
from bitrix24.errors import PortalError
from bitrix24.lists import PAGE_SIZE, ListCommand, read_lists
from waitlist.ages import KEY, METHOD, aged, ages, date_format, in_other_words, windows
from waitlist.customers import CustomerReader, commands_for
from waitlist.errors import raise_known
from waitlist.habits import Habits
from waitlist.merge import Customers
from waitlist.mirror import Mirror, activity_list, agrees, mirror_in
from waitlist.models import Board, Record, clean_note
from waitlist.records import customers_of, list_commands

FIRST_PAGES = 5
"""250 records in the first batch: most waiting lists need no second one, and no mirror."""
SAMPLE = 30
"""Records that have to be the same in both before the mirror is believed."""
BELIEVED, DOUBTED = 6 * 3600, 3600
"""Seconds before a portal's mirror is put to the test again."""

_random = SystemRandom()


def read_board(
    client: PortalClient,
    reader: CustomerReader,
    today: date,
    habits: Habits,
    *,
    exact: bool = False,
) -> Board:
    """The whole waiting list with the customers' names; `exact` keeps the mirror out of it.
    Raises PortalError or WaitlistError."""
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
    long = len(everything.rows) >= FIRST_PAGES * PAGE_SIZE
    customers, unverified = _customers(
        client, reader, habits, everything.rows, mirror if long else Mirror()
    )
    trusted = habits.mirror_is_true.get(client.portal) is True
    listings = in_other_words(client, habits, today, listings)
    waited = ages(everything.rows, listings)
    records = tuple(
        aged(
            Record(record_id, clean_note(row.get("note")), customers[record_id], waited[record_id]),
            mirror.created.get(record_id),
            today,
            trusted=trusted,
        )
        for record_id, row in everything.rows.items()
        if record_id in customers
    )
    names = reader.read(ref for record in records for ref in record.customers)
    return Board(records, names, everything.complete, unverified)


def _customers(
    client: PortalClient,
    reader: CustomerReader,
    habits: Habits,
    record_ids: Iterable[int],
    mirror: Mirror,
) -> tuple[dict[int, Customers], frozenset[int]]:
    """The customers of each record, and for which records only the mirror says so. Records that
    vanished meanwhile are left out."""
    sample: set[int] = set()
    if mirror.customers and habits.mirror_is_true.get(client.portal) is None:
        ids = sorted(mirror.customers)
        sample = set(_random.sample(ids, min(SAMPLE, len(ids))))
    asked = [one for one in record_ids if one not in mirror.customers or one in sample]
    rest = [one for one in record_ids if one in mirror.customers and one not in sample]
    refs = {ref for one in mirror.customers.values() for ref in one}
    unknown = reader.unknown(refs)
    # Names do not depend on the lists, so they are read in the same requests.
    answer = client.read(list_commands(asked) | commands_for(unknown))
    found = customers_of(answer, asked)
    names = reader.take(unknown, answer) | reader.read(refs - unknown)
    if sample:
        true = all(
            agrees(mirror.customers[one], found[one], names) for one in sample & found.keys()
        )
        habits.mirror_is_true.put(client.portal, true, BELIEVED if true else DOUBTED)
        if not true:
            return found | customers_of(client.read(list_commands(rest)), rest), frozenset()
    return found | {one: mirror.customers[one] for one in rest}, frozenset(rest)
