"""A record that is to be removed, and one that has been removed."""

from __future__ import annotations

from dataclasses import dataclass

from waitlist.models import CustomerRefs, CustomersByRef, Record
from web.presenters.customer_row import in_order, names_of


@dataclass(frozen=True, slots=True)
class RemovalView:
    """The question whether to remove a record that a colleague has just changed.

    `keys` and `note` are sent with the answer, so that only what was seen is removed.
    """

    id: int
    names: tuple[str, ...]
    keys: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class RemovedView:
    """A removed record, with the customers and the note that a new one can start with."""

    id: int
    customers: CustomerRefs
    note: str

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(ref.key for ref in self.customers)


def removal_view(record: Record, customers: CustomersByRef) -> RemovalView:
    """Show a record as it is now."""
    return RemovalView(
        id=record.id,
        names=names_of(in_order(record.customers), customers),
        keys=tuple(ref.key for ref in record.customers),
        note=record.note,
    )
