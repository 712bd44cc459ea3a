"""A record that is to be removed, and one that has been."""

from __future__ import annotations

from dataclasses import dataclass

from waitlist.models import CustomerRefs, CustomersByRef, Record
from web.presenters.customer_row import in_order, names_of


@dataclass(frozen=True, slots=True)
class RemovalView:
    """The question before a record is removed. `keys` and `note` go back with the answer, so that
    only what was seen is removed; `changed` says that a colleague has just changed it."""

    id: int
    names: tuple[str, ...]
    keys: tuple[str, ...]
    note: str
    changed: bool


@dataclass(frozen=True, slots=True)
class RemovedView:
    """A record that is gone, with what a new one would begin with."""

    id: int
    customers: CustomerRefs
    note: str

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(ref.key for ref in self.customers)


def removal_view(
    record: Record, customers: CustomersByRef, *, changed: bool = False
) -> RemovalView:
    """The question about a record as it is now."""
    return RemovalView(
        id=record.id,
        names=names_of(in_order(record.customers), customers),
        keys=tuple(ref.key for ref in record.customers),
        note=record.note,
        changed=changed,
    )
