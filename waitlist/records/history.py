"""What the app changed on a record, what others changed past the app, and going back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from store.changes import Change, ChangeStore
from waitlist.customers.reader import CustomerReader
from waitlist.models import CustomerRef, CustomerRefs, Record, same_customers


@dataclass(frozen=True, slots=True)
class PastChange:
    """One save: who made it, when (seconds since 1970), and the list before and after."""

    id: int
    user_id: int
    made_at: int
    before: CustomerRefs
    after: CustomerRefs


@dataclass(frozen=True, slots=True)
class OutsideChange:
    """What somebody changed past the app, as the lists on both sides of it tell."""

    before: CustomerRefs
    after: CustomerRefs


@dataclass(frozen=True, slots=True)
class Missing:
    """Customers whom the app left on a record with this change, and who are not there any more.
    `shown` says that CRM shows at least one of them to this user, who can put them back."""

    change: int
    customers: CustomerRefs
    shown: bool


class History:
    """The changes of one portal's records."""

    def __init__(self, store: ChangeStore, member_id: str) -> None:
        self._store = store
        self._member_id = member_id

    def add(self, record_id: int, user_id: int, before: CustomerRefs, after: CustomerRefs) -> int:
        """Notes a change and answers its id."""
        keys = [tuple(ref.key for ref in customers) for customers in (before, after)]
        return self._store.add(self._member_id, record_id, user_id, keys[0], keys[1])

    def newest(self, record_id: int) -> list[PastChange]:
        """The latest changes of a record, newest first."""
        return [_past(change) for change in self._store.newest(self._member_id, record_id)]

    def missing(self, record: Record, reader: CustomerReader) -> Missing | None:
        """Who has disappeared from a record outside the app; None when nobody has. Raises
        PortalError."""
        for change in self._store.newest(self._member_id, record.id, most=1):
            gone = tuple(ref for ref in _past(change).after if ref not in record.customers)
            if gone:
                shown = any(customer.visible for customer in reader.read(gone).values())
                return Missing(change.id, gone, shown)
        return None

    def leave(self, record_id: int, user_id: int, change_id: int, seen: CustomerRefs) -> None:
        """Notes that whoever was missed in the list that this user has `seen` may stay away.
        Does nothing when the app has changed the record since."""
        for change in self._store.newest(self._member_id, record_id, most=1):
            if change.id == change_id:
                left = _past(change).after
                kept = tuple(ref for ref in left if ref in seen)
                self.add(record_id, user_id, left, kept)

    def find(self, record_id: int, change_id: int) -> PastChange | None:
        """A change, if this record has it."""
        change = self._store.find(self._member_id, record_id, change_id)
        return _past(change) if change else None

    def last_record(self, user_id: int) -> int | None:
        """The record that this user changed last."""
        changes = self._store.newest_by(self._member_id, user_id, most=1)
        return changes[0].record_id if changes else None

    def last_added(self, user_id: int) -> list[CustomerRef]:
        """The customers whom this user has added to records, the latest first, each once."""
        changes = map(_past, self._store.newest_by(self._member_id, user_id))
        added = (ref for past in changes for ref in past.after if ref not in past.before)
        return list(dict.fromkeys(added))


def with_outside(
    changes: Iterable[PastChange], now: CustomerRefs | None
) -> list[PastChange | OutsideChange]:
    """The changes, newest first, with what was changed outside the app wherever two of them do not
    join up. `now` is the record as it is, None when nobody knows."""
    rows: list[PastChange | OutsideChange] = []
    later = now
    for past in changes:
        if later is not None and not same_customers(past.after, later):
            rows.append(OutsideChange(past.after, later))
        rows.append(past)
        later = past.before
    return rows


def _past(change: Change) -> PastChange:
    before, after = (
        tuple(CustomerRef.parse(key) for key in keys) for keys in (change.before, change.after)
    )
    return PastChange(change.id, change.user_id, change.made_at, before, after)
