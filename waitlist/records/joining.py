"""Puts customers on a record and takes them off, beside whoever else is there, as cards do it.

A card knows its own customers only, so what it sends is not a list but what shall change.
"""

from __future__ import annotations

from bitrix24.client import PortalClient
from waitlist.errors import SaveFailed
from waitlist.models import CustomerRefs, Record, same_customers
from waitlist.records.edit import Conflict, Edit, Saved
from waitlist.records.history import History
from waitlist.records.read import read_record
from waitlist.records.remove import delete
from waitlist.records.save import Saver
from waitlist.sources.tracker import RecordTracker


def put_on(saver: Saver, record_id: int, customers: CustomerRefs) -> Saved:
    """Two HTTP requests. Nothing is sent when they are all on the record already."""
    return _saved(saver.save(record_id, Edit((), customers)))


def take_off(saver: Saver, record_id: int, customers: CustomerRefs) -> Saved:
    """Two HTTP requests. Nothing is sent when none of them is on the record any more."""
    return _saved(saver.save(record_id, Edit(customers, ())))


def take_back(
    client: PortalClient,
    history: History,
    tracker: RecordTracker,
    user_id: int,
    record_id: int,
    change_id: int,
    note: str,
) -> Record | None:
    """Removes a record that this user's change has made, if it still is as it was made, with this
    note: undoing the change would leave an empty record behind. Answers the record as it was, None
    when it is still there."""
    change = history.find(record_id, change_id)
    if change is None or change.before or change.user_id != user_id:
        return None
    now = read_record(client, record_id)
    if now.note != note or not same_customers(now.customers, change.after):
        return None
    delete(client, record_id)
    tracker.removed(record_id)
    return now


def _saved(outcome: Saved | Conflict) -> Saved:
    # Who only adds or only removes has chosen no order, so nobody can be in conflict with them.
    if isinstance(outcome, Conflict):
        raise SaveFailed
    return outcome
