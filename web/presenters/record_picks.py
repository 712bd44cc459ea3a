"""Records to choose from, for tabs that put customers on one of them."""

from collections.abc import Collection
from dataclasses import dataclass

from waitlist.models import Board, CustomerRef, CustomersByRef, Record, keys_of
from web.http.i18n import gettext as _
from web.http.i18n import listed
from web.presenters.customer_row import name_of
from web.presenters.record_row import RecordRow, record_row


@dataclass(frozen=True, slots=True)
class PickRow:
    """One record to choose. `keys` are its customers.

    `state` says which of the customers to be put on it are there already, `full` that all are.
    """

    row: RecordRow
    keys: tuple[str, ...]
    state: str
    full: bool


def pick_rows(board: Board, people: Collection[CustomerRef]) -> tuple[PickRow, ...]:
    """Return the waiting list to choose from for these people.

    Records with some of them come first, then the newest; records with all of them come last.
    """
    rows = [pick_row(record, people, board.customers) for record in board.records]
    return tuple(sorted(rows, key=lambda pick: (pick.full, not pick.state, -pick.row.id)))


def pick_row(record: Record, people: Collection[CustomerRef], names: CustomersByRef) -> PickRow:
    there = [ref for ref in people if ref in record.customers]
    full = bool(there) and len(there) == len(people)
    state = _("already on this record") if full else ""
    if there and not full:
        who = listed(name_of(ref, names) for ref in there)
        state = _("already on it: %(names)s") % {"names": who}
    return PickRow(record_row(record, names), keys_of(record.customers), state, full)
