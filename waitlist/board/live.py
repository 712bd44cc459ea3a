"""What has happened to records since a page was shown: open pages ask, to follow."""

from __future__ import annotations

from dataclasses import dataclass

from bitrix24.client import PortalClient
from waitlist.models import Record
from waitlist.records.merge import Clash, merge
from waitlist.records.read import record_commands, records_in
from waitlist.records.save import Edit
from waitlist.sources.tracker import RecordTracker

MOST = 25
"""Records that one request to the portal tells of; whoever asks again hears of the others."""


@dataclass(frozen=True, slots=True)
class RecordNews:
    """Records that changed, as they are now, and those that are `gone`; `until` is to be asked
    with the next time."""

    records: tuple[Record, ...]
    gone: tuple[int, ...]
    until: int


def read_news(client: PortalClient, tracker: RecordTracker, until: int) -> RecordNews:
    """What happened after `until`. The portal is asked only where something did: one HTTP request.
    Raises PortalError or WaitlistError."""
    news = tracker.happened(until, MOST)
    ids = sorted(news.records)
    records = records_in(client.batch(record_commands(*ids)), ids) if ids else {}
    gone = tuple(number for number in ids if number not in records)
    tracker.looked_at(records.values(), gone)
    return RecordNews(tuple(records.values()), gone, news.until)


def on_top_of(theirs: Record, edit: Edit) -> Edit:
    """What somebody has not saved yet, on top of what a colleague has. Where both changed the same
    thing it stays as it is, to be looked at before it is saved."""
    merged = merge(edit.base, edit.customers, theirs.customers)
    return Edit(
        base=theirs.customers,
        customers=merged.mine if isinstance(merged, Clash) else merged,
        base_note=theirs.note,
        note=theirs.note if edit.note == edit.base_note else edit.note,
    )
