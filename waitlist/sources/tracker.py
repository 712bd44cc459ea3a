"""What the app knows about a portal's records between two reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bitrix24.ids import parse_id
from store.last_seen import LastSeenStore
from store.record_events import ChangedRecords, RecordEventStore
from waitlist.deferred import Deferred
from waitlist.models import CustomerRef, Record

EVENT = "ONBOOKINGWAITLISTITEM"
"""The three events' names begin with it; `data[ID]` is the record. Source:
WaitListItemRestService.php of the portal's booking module."""


class RecordTracker:
    """Notes which customers are on a portal's records, and which records have changed.

    Notes that the database does not take are stored later: they never fail what a user does.
    """

    def __init__(
        self,
        last_seen: LastSeenStore,
        record_events: RecordEventStore,
        deferred: Deferred,
        member_id: str,
    ) -> None:
        self._last_seen = last_seen
        self._record_events = record_events
        self._deferred = deferred
        self._member_id = member_id

    def note_all(self, records: Iterable[Record]) -> None:
        """Note the records of the whole list, which was read to its end."""
        seen = _keys(records)
        self._deferred.run(lambda: self._last_seen.save_all(self._member_id, seen))
        self._note_newest(seen)

    def note_read(self, records: Iterable[Record], gone: Iterable[int]) -> None:
        """Note records that were read one by one, and the IDs of those that are gone."""
        seen = _keys(records)
        noted = seen | dict.fromkeys(gone, ())
        self._deferred.run(lambda: self._last_seen.save(self._member_id, noted))
        self._note_newest(seen)

    def note_saved(self, record: Record) -> None:
        """Note that the app has just created or changed this record."""
        self.note_read([record], ())
        self._note_event(record.id)

    def note_removed(self, record_id: int) -> None:
        """Note that this record has just been removed."""
        self._deferred.run(lambda: self._last_seen.delete(self._member_id, [record_id]))
        self._note_event(record_id)

    def _note_newest(self, seen: Mapping[int, object]) -> None:
        newest = max(seen, default=0)
        self._deferred.run(lambda: self._last_seen.save_newest(self._member_id, newest))

    def _note_event(self, record_id: int) -> None:
        self._deferred.run(lambda: self._record_events.add(self._member_id, [record_id]))

    def note_event(self, event: str, data: Mapping[str, str]) -> None:
        """Note what a portal's event says about a record. Other events are ignored."""
        record_id = parse_id(data.get("ID", ""))
        if not event.startswith(EVENT) or not record_id:
            return
        if event == f"{EVENT}DELETE":
            self.note_removed(record_id)
        else:
            self._record_events.add(self._member_id, [record_id])

    def last_seen(self, customer: CustomerRef) -> list[int]:
        """Return the customer's last seen records, newest first. Read them before you show them."""
        return self._last_seen.records_of(self._member_id, customer.key)

    def newest(self) -> int:
        """Return the ID of the latest record that the portal has named in an answer, or 0.

        Events do not count: they may name any ID.
        """
        return self._last_seen.newest_record(self._member_id)

    def until(self) -> int:
        """Return the mark from which a page that shows everything has to follow changes."""
        return self._record_events.until(self._member_id)

    def changed_since(self, until: int, most: int) -> ChangedRecords:
        """Return at most so many records that changed after `until`."""
        return self._record_events.since(self._member_id, until, most)


def _keys(records: Iterable[Record]) -> dict[int, tuple[str, ...]]:
    return {record.id: tuple(ref.key for ref in record.customers) for record in records}
