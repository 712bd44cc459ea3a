"""A user's changes of a record, and how they merge with the changes of others.

Pure functions. In each merge `base` is the list of customers as the user loaded it, `mine` is the
list as the user wants it, and `theirs` is the list as the portal holds it now. Order matters: the
portal makes the first contact the main customer.
"""

import re
from dataclasses import dataclass

from waitlist.models import CustomerRef, CustomerRefs, Kind, Record, main_customer

LAST_OF_3_BYTES = "\uffff"
AFTER_3_BYTES = re.compile("[\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Edit:
    """A user's changes to one record: customers and note as loaded, and as wanted."""

    base: CustomerRefs
    customers: CustomerRefs
    base_note: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Saved:
    """The result of a save: the record as it is now, and what happened to it.

    `change` is the ID of the history row to undo, None when the customers are the same.
    `note_before` is the note that was replaced, None when the note is the same.
    `merged` says that the record also contains a colleague's changes.
    `refilled` says that the record was to be empty, and that the portal has put the customers of
    its deal on it.
    `note_stays` says that an undo kept the note, because a colleague has changed it since.
    `note_differs` says that the portal has kept another note than it was given.
    `gone` are customers that were to come back and are no longer in CRM.
    `history_waits` says that the history gets its row, and `change` its ID, only later.
    """

    record: Record
    change: int | None
    merged: bool
    refilled: bool = False
    note_before: str | None = None
    note_stays: bool = False
    note_differs: bool = False
    gone: CustomerRefs = ()
    history_waits: bool = False

    @property
    def changed(self) -> bool:
        """Return whether the customers are others than before."""
        return self.change is not None or self.history_waits


@dataclass(frozen=True, slots=True)
class Conflict:
    """Nothing was saved: the edit conflicts with `theirs`. `both` has the customers of both."""

    edit: Edit
    theirs: Record
    both: CustomerRefs


@dataclass(frozen=True, slots=True)
class MergeConflict:
    """Two lists that only a person can merge. `both` has all customers, `mine` first."""

    mine: CustomerRefs
    theirs: CustomerRefs
    both: CustomerRefs


def merge(
    base: CustomerRefs, mine: CustomerRefs, theirs: CustomerRefs
) -> CustomerRefs | MergeConflict:
    """Return their list with my changes, or a MergeConflict if both changed the same."""
    mine, theirs = unique(mine), unique(theirs)
    if not _differ(base, mine) or not _differ(mine, theirs):
        return theirs
    if not _differ(base, theirs):
        return mine
    my_choice, their_choice = _chosen_main(base, mine), _chosen_main(base, theirs)
    i_moved, they_moved = _moved(base, mine), _moved(base, theirs)
    if (
        (my_choice and their_choice and my_choice != their_choice)
        or (my_choice in base and my_choice not in theirs)
        or (their_choice in base and their_choice not in mine)
        or (i_moved and they_moved and _moved(mine, theirs))
    ):
        return MergeConflict(mine, theirs, unique(mine + theirs))
    removed = (set(base) - set(mine)) | (set(base) - set(theirs))
    leading, following = (mine, theirs) if i_moved else (theirs, mine)
    merged = tuple(ref for ref in unique(leading + following) if ref not in removed)
    choice = my_choice or their_choice
    return unique((choice, *merged)) if choice else merged


def conflicts(edit: Edit, found: Record) -> bool:
    """Return whether the user has to choose before any part of the edit is written."""
    customers = merge(edit.base, unique(edit.customers), found.customers)
    return note_conflicts(edit, found) or isinstance(customers, MergeConflict)


def note_conflicts(edit: Edit, found: Record) -> bool:
    """Return whether a colleague has changed the note that the edit changes, too."""
    return edit.note != edit.base_note and found.note not in (edit.base_note, edit.note)


def rebase(edit: Edit, theirs: Record) -> Edit:
    """Return the edit as if made on the record as it is now. The user's version wins conflicts."""
    merged = merge(edit.base, edit.customers, theirs.customers)
    return Edit(
        base=theirs.customers,
        customers=merged.mine if isinstance(merged, MergeConflict) else merged,
        base_note=theirs.note,
        note=theirs.note if edit.note == edit.base_note else edit.note,
    )


def is_kept(stored: str, wanted: str) -> bool:
    """Return whether a portal may have made this note of the wanted one.

    Portals fold white space, and cut, drop or replace the 4-byte characters that a column of MySQL
    may not hold.
    """
    cut = next((at for at, char in enumerate(wanted) if char > LAST_OF_3_BYTES), len(wanted))
    variants = {wanted, wanted[:cut], *(AFTER_3_BYTES.sub(mark, wanted) for mark in ("", "?"))}
    folded = " ".join(stored.split())
    return any(folded == " ".join(one.split()) for one in variants)


def both_notes(theirs: str, mine: str) -> str:
    """Return their note, followed by the lines that only mine has."""
    lines = theirs.split("\n") if theirs else []
    more = mine.split("\n") if mine else []
    known = set(lines)
    return "\n".join([*lines, *(line for line in more if line not in known)])


def unique(customers: CustomerRefs) -> CustomerRefs:
    """Return each customer once, at its first place: a portal refuses a list with duplicates."""
    return tuple(dict.fromkeys(customers))


def _chosen_main(base: CustomerRefs, other: CustomerRefs) -> CustomerRef | None:
    """Return the main customer of this list if a user chose it, else None.

    A user has chosen it if it is another one while the old one is still on the list. A first
    contact added to companies is no choice: the portal makes it the main customer by itself.
    """
    before, after = main_customer(base), main_customer(other)
    if after == before or before is None or before not in other:
        return None
    by_itself = after is not None and after.kind is Kind.CONTACT and before.kind is Kind.COMPANY
    return None if by_itself else after


def _moved(one: CustomerRefs, other: CustomerRefs) -> bool:
    """Return whether the customers on both lists stand in another order."""
    kept = set(one) & set(other)
    return _differ(
        tuple(ref for ref in one if ref in kept), tuple(ref for ref in other if ref in kept)
    )


def _differ(one: CustomerRefs, other: CustomerRefs) -> bool:
    """Return whether two lists differ in more than contacts against companies."""
    return sorted(one, key=_is_company) != sorted(other, key=_is_company)


def _is_company(ref: CustomerRef) -> bool:
    return ref.kind is Kind.COMPANY
