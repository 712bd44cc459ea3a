"""Customers that have disappeared from a record outside the app."""

from __future__ import annotations

from dataclasses import dataclass

from waitlist.context import UserContext
from waitlist.models import CustomerRefs, Record
from waitlist.sources.history import PastChange


@dataclass(frozen=True, slots=True)
class Missing:
    """Customers that a change left on a record and that are gone. CRM shows one if `shown`."""

    change: int
    customers: CustomerRefs
    shown: bool


def find_missing(context: UserContext, record: Record, change: PastChange | None) -> Missing | None:
    """Return the customers that are missing since the latest change. Raises PortalError."""
    gone = tuple(ref for ref in change.after if ref not in record.customers) if change else ()
    if not change or not gone:
        return None
    shown = any(customer.visible for customer in context.customers.read(gone).values())
    return Missing(change.id, gone, shown)


def accept_missing(
    context: UserContext, record_id: int, change_id: int, seen: CustomerRefs
) -> None:
    """Let customers missing from `seen` stay away. Not where the app has changed the record."""
    change = context.history.latest(record_id)
    if change and change.id == change_id:
        kept = tuple(ref for ref in change.after if ref in seen)
        context.history.add(record_id, context.user_id, change.after, kept)
