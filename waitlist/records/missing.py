"""Customers that have disappeared from a record outside the app."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass

from bitrix24.errors import PortalError
from waitlist.context import UserContext
from waitlist.models import CustomerRef, CustomerRefs, CustomersByRef, Record
from waitlist.records.visibility import find_gone
from waitlist.sources.history import PastChange


@dataclass(frozen=True, slots=True)
class Missing:
    """Customers that a change left on a record and that are not on it any more.

    Those that were `taken` off can be put back. CRM does not show the `hidden` ones to this user,
    and has no longer those that are `gone`. `customers` tells what is known of all.
    """

    change: int
    taken: CustomerRefs
    hidden: CustomerRefs
    gone: CustomerRefs
    customers: CustomersByRef


def find_missing(context: UserContext, record: Record, change: PastChange | None) -> Missing | None:
    """Return the customers that are missing since the latest change. Raises PortalError.

    Costs an HTTP request if there are any: what was read of them before may be out of date.
    """
    missing = tuple(ref for ref in change.after if ref not in record.customers) if change else ()
    if not change or not missing:
        return None
    customers = context.customers.read(missing)
    gone: frozenset[CustomerRef] = frozenset()
    with suppress(PortalError):
        gone = find_gone(context.client, missing)
    left = tuple(ref for ref in missing if ref not in gone)
    return Missing(
        change.id,
        taken=tuple(ref for ref in left if customers[ref].visible),
        hidden=tuple(ref for ref in left if not customers[ref].visible),
        gone=tuple(ref for ref in missing if ref in gone),
        customers=customers,
    )


def accept_missing(
    context: UserContext, record_id: int, change_id: int, missing: Collection[CustomerRef]
) -> None:
    """Let customers stay away. Does nothing where the app has changed the record since."""
    change = context.history.latest(record_id)
    if change and change.id == change_id:
        kept = tuple(ref for ref in change.after if ref not in missing)
        context.history.add(record_id, context.user_id, change.after, kept)
