"""Records that are to be removed, and those that have been removed."""

from __future__ import annotations

from dataclasses import dataclass

from waitlist.bulk.remove import Fate, Outcome
from waitlist.models import CustomerRefs, CustomersByRef, Record
from web.http.i18n import gettext as _
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


@dataclass(frozen=True, slots=True)
class FateView:
    """The fate of a record in a word, and the `reason` for any but a removal."""

    id: int
    fate: Fate
    word: str
    reason: str


def fate_view(record_id: int, outcome: Outcome, reason: str) -> FateView:
    """Show an outcome. `reason` says why the record was kept, or is not known to be removed."""
    words = {
        Fate.REMOVED: _("removed"),
        Fate.GONE: _("removed already"),
        Fate.KEPT: _("kept"),
        Fate.UNKNOWN: _("not known yet"),
    }
    return FateView(record_id, outcome.fate, words[outcome.fate], reason)
