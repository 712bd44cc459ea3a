"""What came of a change: saved, in conflict with a colleague's, or long ago in the history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from waitlist.models import CustomersByRef
from waitlist.records.edit import Conflict, Saved, both_notes
from waitlist.sources.history import OutsideChange, PastChange
from web.http.i18n import gettext as _
from web.http.i18n import ngettext
from web.presenters.customer_row import in_order, names_of


@dataclass(frozen=True, slots=True)
class ConflictView:
    """The three lists to choose from; what goes back with the choice are the keys and notes.

    `note` is mine, or theirs where I have not touched it.
    """

    mine: tuple[str, ...]
    theirs: tuple[str, ...]
    both: tuple[str, ...]
    mine_keys: tuple[str, ...]
    theirs_keys: tuple[str, ...]
    note: str
    theirs_note: str
    record_id: int

    @property
    def notes_differ(self) -> bool:
        return self.note != self.theirs_note

    @property
    def both_note(self) -> str:
        return both_notes(self.theirs_note, self.note)


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One change of a record. `restored` is the list that its button brings back; what was changed
    outside the app has no `id` and no time. `iso` is the time for programs, `when` for people."""

    id: int | None
    iso: str
    when: str
    who: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    restored: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SavedView:
    """What the status line says after a save. `change` is what *Undo* undoes, if anything, and
    `note_before` the note that it brings back, where it was another than `note`; `made` says that
    the record is new, `bare` that it is new with nobody on it: undoing that is to remove it.
    `refilled` is one that was empty and has been filled from its deal."""

    text: str
    record: int
    change: int | None = None
    refilled: bool = False
    made: bool = False
    note: str = ""
    note_before: str | None = None
    bare: bool = False

    @property
    def undoable(self) -> bool:
        return self.bare or self.change is not None or self.note_before is not None


def saved_view(text: str, saved: Saved, *, made: bool = False) -> SavedView:
    """What is said of a save, and what *Undo* needs to know of it."""
    return SavedView(
        text,
        saved.record.id,
        saved.change,
        saved.refilled,
        made,
        saved.record.note,
        None if made else saved.note_before,
        bare=made and saved.change is None and not saved.record.customers,
    )


def saved_text(saved: Saved, *, undone: bool, hidden: int) -> str:
    """Return what the status line says.

    `hidden` customers were to be put back, but this user has no access to them in CRM.
    """
    text = _("Undone.") if undone else _("Saved.")
    if saved.note_stays:
        stays = _("A colleague has changed the note since: theirs was kept.")
        text = f"{text} {stays}" if saved.change else stays
    if saved.merged:
        text += " " + _("A colleague changed this record meanwhile. Both changes were kept.")
    if hidden:
        text += " " + ngettext(
            "%(count)s customer was not put back: CRM does not show them to you.",
            "%(count)s customers were not put back: CRM does not show them to you.",
            hidden,
        ) % {"count": hidden}
    return text


def conflict_view(conflict: Conflict, names: CustomersByRef) -> ConflictView:
    """What to choose from when both changed the same thing."""
    edit, theirs = conflict.edit, conflict.theirs
    return ConflictView(
        mine=names_of(in_order(edit.customers), names),
        theirs=names_of(in_order(theirs.customers), names),
        both=names_of(in_order(conflict.both), names),
        mine_keys=tuple(ref.key for ref in edit.customers),
        theirs_keys=tuple(ref.key for ref in theirs.customers),
        # A note that only they changed is not mine to change back.
        note=theirs.note if edit.note == edit.base_note else edit.note,
        theirs_note=theirs.note,
        record_id=theirs.id,
    )


def history_row(
    change: PastChange | OutsideChange, user_id: int, customers: CustomersByRef
) -> HistoryRow:
    """One change of the history as this user sees it; undoing it brings back the list before."""
    before, after = change.before, change.after
    change_id, when, who = None, None, _("Outside the app")
    if isinstance(change, PastChange):
        change_id, when = change.id, datetime.fromtimestamp(change.made_at, UTC)
        who = _("you")
        if change.user_id != user_id:
            who = _("colleague #%(id)s") % {"id": change.user_id}
    return HistoryRow(
        id=change_id,
        iso=when.strftime("%Y-%m-%dT%H:%M:%SZ") if when else "",
        when=when.strftime("%Y-%m-%d %H:%M UTC") if when else "",
        who=who,
        added=names_of((ref for ref in after if ref not in before), customers),
        removed=names_of((ref for ref in before if ref not in after), customers),
        restored=names_of(in_order(before), customers),
    )
