"""The history of records: what the app has changed, and what was changed outside the app."""

from collections.abc import Iterable
from dataclasses import dataclass

from store.changes import Change, ChangeStore
from store.pending.deferred import Deferred
from waitlist.models import (
    CustomerRef,
    CustomerRefs,
    keys_of,
    main_customer,
    refs_of,
    same_customers,
)


@dataclass(frozen=True, slots=True)
class PastChange:
    """One save: the user who made it, when (seconds since 1970), and the list before and after."""

    id: int
    user_id: int
    made_at: int
    before: CustomerRefs
    after: CustomerRefs

    @property
    def touched(self) -> frozenset[CustomerRef]:
        """Return the customers that a sentence about this change names."""
        return _touched(self.before, self.after)


@dataclass(frozen=True, slots=True)
class OutsideChange:
    """A change made outside the app, known from the lists before and after it."""

    before: CustomerRefs
    after: CustomerRefs

    @property
    def touched(self) -> frozenset[CustomerRef]:
        """Return the customers that a sentence about this change names."""
        return _touched(self.before, self.after)


class History:
    """The changes of one portal's records."""

    def __init__(self, store: ChangeStore, deferred: Deferred, member_id: str) -> None:
        self._store = store
        self._deferred = deferred
        self._member_id = member_id

    def add(
        self, record_id: int, user_id: int, before: CustomerRefs, after: CustomerRefs
    ) -> int | None:
        """Store a change, and return its ID: None where the database takes it only later."""
        keys = keys_of(before), keys_of(after)
        return self._deferred.run(
            lambda: self._store.add(self._member_id, record_id, user_id, *keys)
        )

    def newest(self, record_id: int) -> list[PastChange]:
        return [_past(change) for change in self._store.newest(self._member_id, record_id)]

    def latest(self, record_id: int) -> PastChange | None:
        """Return the last change of a record. Returns None when it has none."""
        changes = self._store.newest(self._member_id, record_id, limit=1)
        return _past(changes[0]) if changes else None

    def find(self, record_id: int, change_id: int) -> PastChange | None:
        """Return a change of this record. Returns None when it belongs to another record."""
        change = self._store.find(self._member_id, record_id, change_id)
        return _past(change) if change else None

    def last_record(self, user_id: int) -> int | None:
        changes = self._store.newest_by(self._member_id, user_id, limit=1)
        return changes[0].record_id if changes else None

    def last_added(self, user_id: int) -> list[CustomerRef]:
        """Return the customers this user has added to records. The latest come first, each once."""
        changes = map(_past, self._store.newest_by(self._member_id, user_id))
        added = (ref for past in changes for ref in past.after if ref not in past.before)
        return list(dict.fromkeys(added))


def with_outside(
    changes: Iterable[PastChange], now: CustomerRefs | None
) -> list[PastChange | OutsideChange]:
    """Return the changes, newest first. Outside changes stand where the lists do not join up."""
    rows: list[PastChange | OutsideChange] = []
    later = now
    for past in changes:
        if later is not None and not same_customers(past.after, later):
            rows.append(OutsideChange(past.after, later))
        rows.append(past)
        later = past.before
    return rows


def steps_since(
    changes: Iterable[PastChange], base: CustomerRefs, now: CustomerRefs
) -> list[PastChange | OutsideChange]:
    """Return the changes that led from `base` to `now`, newest first.

    Where they do not lead back to `base`, all of it counts as one change outside the app.
    """
    steps = list[PastChange | OutsideChange]()
    if same_customers(base, now):
        return steps
    for step in with_outside(changes, now):
        steps.append(step)
        if same_customers(step.before, base):
            return steps
    return [OutsideChange(base, now)]


def _touched(before: CustomerRefs, after: CustomerRefs) -> frozenset[CustomerRef]:
    added_or_removed = frozenset(before) ^ frozenset(after)
    main = main_customer(after)
    return added_or_removed or frozenset([main] if main else ())


def _past(change: Change) -> PastChange:
    before, after = refs_of(change.before), refs_of(change.after)
    return PastChange(change.id, change.user_id, change.made_at, before, after)
