"""The result of a save, and the question that a conflict asks."""

from dataclasses import dataclass

from waitlist.models import CustomersByRef, keys_of
from waitlist.records.edit import Conflict, Saved, both_notes
from web.http.i18n import gettext as _
from web.http.i18n import listed, ngettext
from web.presenters.customer_row import in_order, names_of


@dataclass(frozen=True, slots=True)
class ConflictView:
    """The three lists to choose from. The keys and the notes are sent with the choice.

    `note` is the user's, or the colleague's if the user has not changed it. `they_did` and
    `i_did` say how the two differ from the record as it was loaded.
    """

    mine: tuple[str, ...]
    theirs: tuple[str, ...]
    both: tuple[str, ...]
    mine_keys: tuple[str, ...]
    theirs_keys: tuple[str, ...]
    note: str
    theirs_note: str
    record_id: int
    they_did: str
    i_did: str

    @property
    def customers_differ(self) -> bool:
        return self.mine != self.theirs

    @property
    def safest(self) -> str:
        """Return the answer that loses nothing: both, or the one that is the same as both."""
        both = self.both, self.both_note
        if both == (self.mine, self.note):
            return "mine"
        return "theirs" if both == (self.theirs, self.theirs_note) else "both"

    @property
    def notes_differ(self) -> bool:
        return self.note != self.theirs_note

    @property
    def both_note(self) -> str:
        return both_notes(self.theirs_note, self.note)


@dataclass(frozen=True, slots=True)
class SavedView:
    """What the status line says after a save, and what *Undo* needs to know.

    `change` is the history row to undo, None without one. `note_before` is the note to restore,
    None if `note` is the same. `made` says that the record is new, `bare` that it is new and
    without customers: to undo that is to remove it. `undone` says that a change was undone, which
    can be redone. `refilled` says that the portal has filled the
    empty record from its deal. `deal` is the one that was unlinked, or linked again, if any.
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
    deal: int = 0

    @property
    def undoable(self) -> bool:
        alone = self.bare or self.deal != 0
        return alone or self.change is not None or self.note_before is not None

    @property
    def undo_route(self) -> str:
        """Return the route that undoes the change, or makes it again."""
        if self.deal:
            return "repair.unlink_deal" if self.undone else "repair.link_deal"
        return "removal.remove_record" if self.bare else "editor.undo"


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
        names = listed(names_of(saved.gone, {}))
        left_out = ngettext(
            "%(names)s is no longer in CRM and was left out.",
            "%(names)s are no longer in CRM and were left out.",
            len(saved.gone),
        )
        # Where nothing else was to be done, nothing is said to be.
        sentences = [*(sentences if saved.changed else []), left_out % {"names": names}]
    return " ".join(sentences)


def conflict_view(
    conflict: Conflict, names: CustomersByRef, they_did: str, i_did: str
) -> ConflictView:
    """Return what to choose from when both changed the same thing."""
    edit, theirs = conflict.edit, conflict.theirs
    return ConflictView(
        mine=names_of(in_order(edit.customers), names),
        theirs=names_of(in_order(theirs.customers), names),
        both=names_of(in_order(conflict.both), names),
        mine_keys=keys_of(edit.customers),
        theirs_keys=keys_of(theirs.customers),
        # A note that only the colleague changed stays as it is.
        note=theirs.note if edit.note == edit.base_note else edit.note,
        theirs_note=theirs.note,
        record_id=theirs.id,
        they_did=they_did,
        i_did=i_did,
    )
