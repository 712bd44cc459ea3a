"""What has happened to records since a page was shown. Open pages ask for it to follow changes."""

from __future__ import annotations

from dataclasses import dataclass

from waitlist.context import UserContext
from waitlist.models import Record
from waitlist.records.read import record_commands, records_in

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
    ids = sorted(news.records)
    records = records_in(context.client.batch(record_commands(*ids)), ids) if ids else {}
    gone = tuple(number for number in ids if number not in records)
    context.tracker.note_read(records.values(), gone)
    return RecordNews(tuple(records.values()), gone, news.until)
