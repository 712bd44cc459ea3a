"""The result of a save, and the history of changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from store.pending.writes import Kind, Write
from waitlist.models import CustomerRef, CustomerRefs, CustomersByRef
from waitlist.records.edit import Conflict, Saved, both_notes
from waitlist.sources.history import OutsideChange, PastChange
from web.http.i18n import gettext as _
from web.http.i18n import ngettext
from web.presenters.customer_row import in_order, names_of


@dataclass(frozen=True, slots=True)
class ConflictView:
    """The three lists to choose from. The keys and the notes are sent with the choice.

    `note` is the user's, or the colleague's if the user has not changed it.
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
    """One change of a record. A change made outside the app has no `id` and no time.

    `restored` is the list that its button restores. `iso` is the time for programs, `when` for
    people. Of a `pending` change it is not known yet whether it was carried out.
    """

    id: int | None
    iso: str
    when: str
    who: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    restored: tuple[str, ...]
    pending: bool = False


@dataclass(frozen=True, slots=True)
class SavedView:
    """What the status line says after a save, and what *Undo* needs to know.

    `change` is the history row to undo, None without one. `note_before` is the note to restore,
    None if `note` is the same. `made` says that the record is new, `bare` that it is new and
    without customers: to undo that is to remove it. `undone` says that a change was undone, which
    can be redone. `refilled` says that the portal has filled the
    empty record from its deal.
    """

    text: str
    record: int
    change: int | None = None
    refilled: bool = False
    made: bool = False
    note: str = ""
    note_before: str | None = None
    bare: bool = False
    undone: bool = False

    @property
    def undoable(self) -> bool:
        return self.bare or self.change is not None or self.note_before is not None


def saved_view(text: str, saved: Saved, *, made: bool = False, undone: bool = False) -> SavedView:
    """Return what the status line says of a save."""
    return SavedView(
        text,
        saved.record.id,
        saved.change,
        saved.refilled,
        made,
        saved.record.note,
        None if made or saved.history_waits else saved.note_before,
        bare=made and saved.change is None and not saved.record.customers,
        undone=undone,
    )


def saved_text(saved: Saved, *, undone: bool, hidden: int) -> str:
    """Return what the status line says.

    `hidden` customers were to be put back, but this user has no access to them in CRM.
    """
    text = _("Undone.") if undone else _("Saved.")
    if saved.note_stays:
        stays = _("A colleague has changed the note in the meantime. Their note was kept.")
        text = f"{text} {stays}" if saved.change else stays
    if saved.merged:
        text += " " + _(
            "A colleague has changed this record in the meantime. Both changes were kept."
        )
    text = with_remarks(text, saved)
    if hidden:
        text += " " + ngettext(
            "%(count)s customer was not put back, because you don't have access to them in CRM.",
            "%(count)s customers were not put back, because you don't have access to them in CRM.",
            hidden,
        ) % {"count": hidden}
    return text


def with_remarks(text: str, saved: Saved) -> str:
    """Return the text, with what a save did otherwise than it was asked for."""
    sentences = [text]
    if saved.note_differs:
        sentences.append(_("Bitrix24 kept another note than you typed. You see what it kept."))
    if saved.history_waits:
        sentences.append(_("The history follows later, so this can't be undone here."))
    if saved.gone:
        names = ", ".join(names_of(saved.gone, {}))
        left_out = ngettext(
            "%(names)s is not in CRM any more and stays away.",
            "%(names)s are not in CRM any more and stay away.",
            len(saved.gone),
        )
        # Where nothing else was to be done, nothing is said to be.
        sentences = [*(sentences if saved.changed else []), left_out % {"names": names}]
    return " ".join(sentences)


def conflict_view(conflict: Conflict, names: CustomersByRef) -> ConflictView:
    """Return what to choose from when both changed the same thing."""
    edit, theirs = conflict.edit, conflict.theirs
    return ConflictView(
        mine=names_of(in_order(edit.customers), names),
        theirs=names_of(in_order(theirs.customers), names),
        both=names_of(in_order(conflict.both), names),
        mine_keys=tuple(ref.key for ref in edit.customers),
        theirs_keys=tuple(ref.key for ref in theirs.customers),
        # A note that only the colleague changed stays as it is.
        note=theirs.note if edit.note == edit.base_note else edit.note,
        theirs_note=theirs.note,
        record_id=theirs.id,
    )


def history_row(
    change: PastChange | OutsideChange, user_id: int, customers: CustomersByRef
) -> HistoryRow:
    """Return one change as this user sees it. Its button restores the list before it."""
    before, after = change.before, change.after
    change_id, made_at, who = None, None, _("Outside the app")
    if isinstance(change, PastChange):
        change_id, made_at, who = change.id, change.made_at, _who(change.user_id, user_id)
    iso, when = _times(made_at)
    return HistoryRow(
        id=change_id,
        iso=iso,
        when=when,
        who=who,
        added=names_of((ref for ref in after if ref not in before), customers),
        removed=names_of((ref for ref in before if ref not in after), customers),
        restored=names_of(in_order(before), customers),
    )


def touched_by(write: Write) -> CustomerRefs:
    """Return the customers that a write adds or removes."""
    keys = {*write.before} ^ {*write.after} if write.kind is Kind.CUSTOMERS else set()
    return tuple(CustomerRef.parse(key) for key in keys)


def pending_row(write: Write, user_id: int, customers: CustomersByRef) -> HistoryRow:
    """Return a change of which it is not known yet whether it was carried out."""
    touched = touched_by(write)
    iso, when = _times(write.asked.at)
    return HistoryRow(
        id=None,
        iso=iso,
        when=when,
        who=_who(write.user_id, user_id),
        added=names_of((ref for ref in touched if ref.key in write.after), customers),
        removed=names_of((ref for ref in touched if ref.key in write.before), customers),
        restored=(),
        pending=True,
    )


def _who(user_id: int, me: int) -> str:
    return _("you") if user_id == me else _("colleague #%(id)s") % {"id": user_id}


def _times(moment: int | None) -> tuple[str, str]:
    """Return a time for programs and for people, "" for none."""
    if moment is None:
        return "", ""
    when = datetime.fromtimestamp(moment, UTC)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ"), when.strftime("%Y-%m-%d %H:%M UTC")
