"""What the app knows about a portal's records between two reads."""

from collections.abc import Callable, Collection, Iterable, Mapping

from bitrix24.ids import parse_id
from store.last_seen import LastSeenStore
from store.pending.deferred import Deferred
from store.record_events import ChangedRecords, Kind, RecordEventStore
from waitlist.models import CustomerRef, Record, keys_of

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
        flush_events: Callable[[], None],
    ) -> None:
        """`flush_events` has noted all events of the portal when it returns."""
        self._last_seen = last_seen
        self._record_events = record_events
        self._deferred = deferred
        self._member_id = member_id
        self._flush_events = flush_events

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
        self._note_events([record.id], Kind.CHANGED)

    def note_removed(self, *record_ids: int) -> None:
        self._deferred.run(lambda: self._last_seen.delete(self._member_id, record_ids))
        self._note_events(record_ids, Kind.GONE)

    def _note_newest(self, seen: Mapping[int, object]) -> None:
        newest = max(seen, default=0)
        self._deferred.run(lambda: self._last_seen.save_newest(self._member_id, newest))

    def _note_events(self, record_ids: Collection[int], kind: Kind) -> None:
        if record_ids:
            self._deferred.run(lambda: self._record_events.add(self._member_id, record_ids, kind))

    def note_named(self, named: Iterable[str]) -> None:
        """Note the records that events name by their IDs. Malformed IDs are ignored.

        Any user can post an event, and it may name any record: it is a hint to read that record.
        Every open page reads one that an answer of the portal has named before. Of others, the
        first page finds out whether they exist.
        """
        record_ids = set(map(parse_id, named)) - {0}
        known = self._last_seen.known_of(self._member_id, record_ids)
        self._record_events.add(self._member_id, known, Kind.CHANGED)
        self._record_events.add(self._member_id, record_ids - known, Kind.UNSURE)

    def note_unsure(self, record_ids: Collection[int]) -> None:
        """Leave it to another page to find out whether these records exist."""
        self._note_events(record_ids, Kind.UNSURE)

    def note_found_out(self, there: Collection[int], gone: Collection[int]) -> None:
        """Tell the open pages of records that were unsure.

        No page shows a record whose ID is higher than any that the portal has named.
        """
        self._note_events(there, Kind.CHANGED)
        newest = self.newest() if gone else 0
        self._note_events([number for number in gone if number <= newest], Kind.GONE)

    def last_seen(self, customer: CustomerRef) -> list[int]:
        """Return the customer's last seen records, newest first. Read them before you show them."""
        return self._last_seen.records_of(self._member_id, customer.key)

    def has_seen(self, record_id: int) -> bool:
        """Return whether an answer of the portal has shown a customer on this record."""
        return bool(self._last_seen.known_of(self._member_id, [record_id]))

    def other_records(self, customers: Iterable[CustomerRef], but: int) -> dict[CustomerRef, int]:
        """Return each customer's newest record other than `but`, where there is one."""
        newest = self._last_seen.newest_records(self._member_id, keys_of(customers), but)
        return {CustomerRef.parse(key): number for key, number in newest.items()}

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
        self._flush_events()
        return self._record_events.since(self._member_id, until, most)


def _keys(records: Iterable[Record]) -> dict[int, tuple[str, ...]]:
    return {record.id: keys_of(record.customers) for record in records}
