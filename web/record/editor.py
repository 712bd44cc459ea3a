"""The editor of one record: opens it, saves it, and takes changes back."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from waitlist.errors import CrmClosed
from waitlist.models import Record, parse_id
from waitlist.records.create import create_record
from waitlist.records.edit import Edit
from waitlist.records.save import save as save_record
from waitlist.records.save import undo as undo_change
from web.board.render import Parts, answer
from web.forms import read_edit, read_notes
from web.frame import current_frame
from web.idempotency import read_attempt
from web.presenters.removal import RemovedView
from web.problems.problem import only_reads
from web.record.answers import edited, opened, say_failures, taken_back
from web.record.save_answer import show_outcome

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
    if frame.context.customers.closed:
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
    return show_outcome(frame, save_record(frame.context, record_id, form.chosen()))


@bp.post("/records/new/save")
def create() -> Response:
    frame, form = current_frame(), read_edit(request.form)
    if form.action == "discard":
        return answer(frame, Parts())
    if form.action != "save":
        return answer(frame, Parts(editor=edited(frame, None, form.moved())))
    edit = form.chosen()
    outcome = create_record(frame.context, read_attempt(), edit.customers, edit.note)
    return show_outcome(frame, outcome, made=True)


@bp.post("/records/<int:record_id>/undo")
def undo(record_id: int) -> Response:
    frame, change = current_frame(), request.form.get("change", 0, parse_id)
    if gone := taken_back(frame, record_id, change):
        return answer(frame, Parts(removed=RemovedView(gone.id, gone.customers, gone.note)))
    outcome = undo_change(frame.context, record_id, change, read_notes(request.form))
    if outcome is None:
        raise NotFound
    return show_outcome(frame, outcome, undone=True)
