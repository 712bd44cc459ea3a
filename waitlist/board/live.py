"""Reads what an open page has to change: changed records, and errors of the CRM mirror."""

from collections.abc import Mapping
from dataclasses import dataclass

from bitrix24.errors import PortalError
from waitlist.context import UserContext
from waitlist.errors import WaitlistError
from waitlist.models import CustomerRefs, Record, same_customers
from waitlist.records.read import Found, client_list, customers_of, record_commands, records_in

MOST = 25
"""Records that one HTTP request reads; the next request reads the others."""


@dataclass(frozen=True, slots=True)
class RecordNews:
    """Records that changed, and those `gone`. `until` is the mark to ask with the next time."""

    records: tuple[Record, ...]
    gone: tuple[int, ...]
    until: int


def read_news(context: UserContext, until: int) -> RecordNews:
    """Read changes after `until`; at most one HTTP request. Raises PortalError or WaitlistError."""
    news = context.tracker.changed_since(until, MOST)
    ids = sorted(news.records | news.unsure)
    try:
        found = records_in(context.client.batch(record_commands(*ids)), ids) if ids else Found()
    except (PortalError, WaitlistError):
        context.tracker.note_unsure(news.unsure)
        raise
    gone, records = found.gone(ids), tuple(found.records.values())
    context.tracker.note_read(records, gone)
    context.tracker.note_found_out(news.unsure - gone, news.unsure & gone)
    # What could not be read is asked for once more, unless that would hold up others.
    again = found.unread and len(ids) < MOST
    return RecordNews(records, tuple(sorted(gone | news.gone)), until if again else news.until)


def check_rows(
    context: UserContext, shown: Mapping[int, CustomerRefs]
) -> tuple[tuple[Record, ...], tuple[int, ...]]:
    """Return the records with other customers than `shown`, and those that are gone.

    Costs one HTTP request for fifty records, and one more if some are different.
    Raises PortalError or WaitlistError.
    """
    listed = customers_of(context.client.batch(map(client_list, shown)), shown)
    truth = listed.customers
    changed = [
        one for one in truth if one in listed.foreign or not same_customers(shown[one], truth[one])
    ]
    found = records_in(context.client.batch(record_commands(*changed)), changed)
    gone = (shown.keys() - truth.keys() - listed.unread) | found.gone(changed)
    records = tuple(found.records.values())
    context.tracker.note_read(records, gone)
    return records, tuple(sorted(gone))
