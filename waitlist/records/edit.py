"""What is to be saved, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass

from waitlist.models import Record
from waitlist.records.merge import Clash, Customers, merge, unique


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody did to a record: the customers and the note as loaded and as wanted."""

    base: Customers
    customers: Customers
    base_note: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Saved:
    """The record as it is now. `change` is the history row to undo, None when the customers are the
    same, `note_before` the note that was replaced, None when it is the same; `merged` says that a
    colleague's changes are in it too, `note_stays` that a note was not taken back because a
    colleague has changed it since, `refilled` that the portal put the customers of the record's
    deal on it because it was to have none."""

    record: Record
    change: int | None
    merged: bool
    refilled: bool = False
    note_before: str | None = None
    note_stays: bool = False


@dataclass(frozen=True, slots=True)
class Conflict:
    """A colleague changed the same. Nothing was saved. `theirs` is the record as it is now."""

    edit: Edit
    theirs: Record
    both: Customers


def clashes(edit: Edit, found: Record) -> bool:
    """Whether to ask before anything is written: of note and customers both wait for the answer."""
    customers = merge(edit.base, unique(edit.customers), found.customers)
    return notes_clash(edit, found) or isinstance(customers, Clash)


def notes_clash(edit: Edit, found: Record) -> bool:
    """Whether a colleague has changed the note that is to be changed."""
    return edit.note != edit.base_note and found.note not in (edit.base_note, edit.note)
