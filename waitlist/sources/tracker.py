"""What the app knows of a portal's records between two looks at them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from store.last_seen import LastSeenStore
from store.record_events import ChangedRecords, RecordEventStore
from waitlist.models import CustomerRef, Record, parse_id

EVENT = "ONBOOKINGWAITLISTITEM"
"""Begins the names of the three events; `data[ID]` is the record. Source:
WaitListItemRestService.php of the portal's booking module."""


class RecordTracker:
    """Notes for one portal who was seen on which record, and which records have just changed."""

    def __init__(
        self, last_seen: LastSeenStore, record_events: RecordEventStore, member_id: str
    ) -> None:
        self._last_seen = last_seen
        self._record_events = record_events
        self._member_id = member_id

    def seen_all(self, records: Iterable[Record]) -> None:
        """The whole list was read to its end."""
        self._last_seen.save_all(self._member_id, _keys(records))

    def last_seen(self, customer: CustomerRef) -> list[int]:
        """Records on which this customer was last seen, newest first. Read them before believing
        it."""
        return self._last_seen.records_of(self._member_id, customer.key)

    def looked_at(self, records: Iterable[Record], gone: Iterable[int]) -> None:
        """These records were read one by one, and those turned out not to exist any more."""
        self._last_seen.save(self._member_id, _keys(records) | dict.fromkeys(gone, ()))

    def saved(self, record: Record) -> None:
        """The app has just changed this record, or made it."""
        self._last_seen.save(self._member_id, _keys([record]))
        self._record_events.add(self._member_id, [record.id])

    def removed(self, record_id: int) -> None:
        """The app has just removed this record, or somebody else has."""
        self._last_seen.delete(self._member_id, [record_id])
        self._record_events.add(self._member_id, [record_id])

    def newest(self) -> int:
        """The latest record that is known; 0 where none is."""
        stores = (self._last_seen, self._record_events)
        return max(store.newest_record(self._member_id) for store in stores)

    def until(self) -> int:
        """Where a page begins that shows everything as it is from now on."""
        return self._record_events.until(self._member_id)

    def happened(self, until: int, most: int) -> ChangedRecords:
        """The records that changed after `until`, no more than so many at once."""
        return self._record_events.since(self._member_id, until, most)

    def heard(self, event: str, data: Mapping[str, str]) -> None:
        """The portal tells that a record was added, changed or removed. Other events say nothing
        of records."""
        record_id = parse_id(data.get("ID", ""))
        if not event.startswith(EVENT) or not record_id:
            return
        if event == f"{EVENT}DELETE":
            self.removed(record_id)
        else:
            self._record_events.add(self._member_id, [record_id])


def _keys(records: Iterable[Record]) -> dict[int, tuple[str, ...]]:
    return {record.id: tuple(ref.key for ref in record.customers) for record in records}
