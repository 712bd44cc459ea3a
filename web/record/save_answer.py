"""What came of a save, in an answer: the editor as it is now, or the question after a conflict."""

from __future__ import annotations

from flask import Response

from waitlist.records.edit import Conflict, Saved
from web.board.render import Parts, answer
from web.frame import Frame, wants_fragment
from web.http.i18n import gettext as _
from web.http.i18n import ngettext
from web.presenters.editor import editor_view
from web.presenters.record_row import record_row
from web.presenters.save_result import conflict_view, saved_view
from web.record.answers import form_editor


def show_outcome(
    frame: Frame,
    outcome: Saved | Conflict,
    *,
    undone: bool = False,
    made: bool = False,
    hidden: int = 0,
) -> Response:
    """So many customers were to come back and are `hidden` in CRM."""
    if isinstance(outcome, Conflict):
        return _ask(frame, outcome)
    record = outcome.record
    names = frame.context.customers.read(record.customers)
    text = _("Undone.") if undone else _("Saved.")
    if outcome.note_stays:
        stays = _("A colleague has changed the note since: theirs was kept.")
        text = f"{text} {stays}" if outcome.change else stays
    if outcome.merged:
        text += " " + _("A colleague changed this record meanwhile. Both changes were kept.")
    if hidden:
        text += " " + ngettext(
            "%(count)s customer was not put back: CRM does not show them to you.",
            "%(count)s customers were not put back: CRM does not show them to you.",
            hidden,
        ) % {"count": hidden}
    return answer(
        frame,
        Parts(
            editor=editor_view(record, names),
            row=record_row(record, names),
            saved=saved_view(text, outcome, made=made),
        ),
    )


def _ask(frame: Frame, conflict: Conflict) -> Response:
    names = frame.context.customers.read(conflict.edit.customers + conflict.theirs.customers)
    editor = None if wants_fragment() else form_editor(frame)
    return answer(frame, Parts(conflict=conflict_view(conflict, names), editor=editor, status=409))
