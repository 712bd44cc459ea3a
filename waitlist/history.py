"""What the app changed on a record, and going back to what it was."""

from __future__ import annotations

from dataclasses import dataclass

from store.changes import Change, ChangeStore
from waitlist.merge import Customers
from waitlist.models import CustomerRef


@dataclass(frozen=True, slots=True)
class PastChange:
    """One save: who made it, when (seconds since 1970), and the list before and after."""

    id: int
    user_id: int
    made_at: int
    before: Customers
    after: Customers


class History:
    """The changes of one portal's records."""

    def __init__(self, store: ChangeStore, member_id: str) -> None:
        self._store = store
        self._member_id = member_id

    def add(self, record_id: int, user_id: int, before: Customers, after: Customers) -> int:
        """Notes a change and answers its id."""
        keys = [tuple(ref.key for ref in customers) for customers in (before, after)]
        return self._store.add(self._member_id, record_id, user_id, keys[0], keys[1])

    def newest(self, record_id: int) -> list[PastChange]:
        """The latest changes of a record, newest first."""
        return [_past(change) for change in self._store.newest(self._member_id, record_id)]

    def find(self, record_id: int, change_id: int) -> PastChange | None:
        """A change, if this record has it."""
        change = self._store.find(self._member_id, record_id, change_id)
        return _past(change) if change else None

    def last_added(self, user_id: int) -> list[CustomerRef]:
        """The customers whom this user has added to records, the latest first, each once."""
        changes = map(_past, self._store.newest_by(self._member_id, user_id))
        added = (ref for past in changes for ref in past.after if ref not in past.before)
        return list(dict.fromkeys(added))


def _past(change: Change) -> PastChange:
    before, after = (
        tuple(CustomerRef.parse(key) for key in keys) for keys in (change.before, change.after)
    )
    return PastChange(change.id, change.user_id, change.made_at, before, after)
