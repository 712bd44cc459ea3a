"""The editor of one record: opens it, saves it, and takes changes back."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from waitlist.errors import CrmClosed
from waitlist.models import Record, parse_id
from waitlist.save import Conflict, Edit, Saved
from web.attempts import read_attempt
from web.editing import edited, form_editor, opened, say_failures, taken_back
from web.edits import read_edit, read_notes
from web.frame import Frame, current_frame, wants_fragment
from web.i18n import gettext as _
from web.i18n import ngettext
from web.problems import only_reads
from web.render import Parts, answer
from web.views.board import record_row
from web.views.editor import editor_view
from web.views.outcomes import conflict_view, saved_view
from web.views.removal import RemovedView

bp = Blueprint("editor", __name__)
say_failures(bp)


@bp.post("/records/<int:record_id>")
@only_reads
def show(record_id: int) -> Response:
    frame = current_frame()
    return answer(frame, opened(frame, record_id))


@bp.post("/records/new")
@only_reads
def new() -> Response:
    """An empty editor, or one with the customers and the note of a record that is gone."""
    frame, edit = current_frame(), read_edit(request.form).edit
    if frame.reader.closed:
        raise CrmClosed
    kept = Edit(base=(), customers=edit.customers, note=edit.note)
    return answer(frame, Parts(editor=edited(frame, None, kept)))


@bp.post("/records/<int:record_id>/save")
def save(record_id: int) -> Response:
    frame, form = current_frame(), read_edit(request.form)
    if form.action == "discard":
        return answer(frame, opened(frame, record_id))
    if form.action != "save":
        loaded = Record(record_id, form.edit.base_note, form.edit.base)
        return answer(frame, Parts(editor=edited(frame, loaded, form.moved())))
    return show_outcome(frame, frame.saver.save(record_id, form.chosen()))


@bp.post("/records/new/save")
def create() -> Response:
    frame, form = current_frame(), read_edit(request.form)
    if form.action == "discard":
        return answer(frame, Parts())
    if form.action != "save":
        return answer(frame, Parts(editor=edited(frame, None, form.moved())))
    edit = form.chosen()
    outcome = frame.maker().make(read_attempt(), edit.customers, edit.note)
    return show_outcome(frame, outcome, made=True)


@bp.post("/records/<int:record_id>/undo")
def undo(record_id: int) -> Response:
    frame, change = current_frame(), request.form.get("change", 0, parse_id)
    if gone := taken_back(frame, record_id, change):
        return answer(frame, Parts(removed=RemovedView(gone.id, gone.customers, gone.note)))
    outcome = frame.saver.undo(record_id, change, read_notes(request.form))
    if outcome is None:
        raise NotFound
    return show_outcome(frame, outcome, undone=True)


def show_outcome(
    frame: Frame,
    outcome: Saved | Conflict,
    *,
    undone: bool = False,
    made: bool = False,
    hidden: int = 0,
) -> Response:
    """What came of a save: the editor as it is now, or the question after a conflict. So many
    customers were to come back and are `hidden` in CRM."""
    if isinstance(outcome, Conflict):
        return _ask(frame, outcome)
    record = outcome.record
    names = frame.reader.read(record.customers)
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
    edit, theirs = conflict.edit, conflict.theirs
    names = frame.reader.read(edit.customers + theirs.customers)
    view = conflict_view(
        edit.customers,
        theirs.customers,
        conflict.both,
        names,
        record_id=theirs.id,
        # A note that only they changed is not mine to change back.
        note=theirs.note if edit.note == edit.base_note else edit.note,
        base_note=edit.base_note,
        theirs_note=theirs.note,
    )
    editor = None if wants_fragment() else form_editor(frame)
    return answer(frame, Parts(conflict=view, editor=editor, status=409))
