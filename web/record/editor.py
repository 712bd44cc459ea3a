"""The editor of one record: opens it, saves it, and undoes a save."""

from flask import Response, request
from werkzeug.exceptions import NotFound

from waitlist.errors import CrmClosed
from waitlist.records.create import create_record
from waitlist.records.edit import Edit, rebase
from waitlist.records.read import open_record
from waitlist.records.reconcile import try_to_reconcile
from waitlist.records.remove import remove_if_untouched
from waitlist.records.save import save as save_record
from waitlist.records.save import undo as undo_change
from web.error_handlers import create_blueprint
from web.forms import read_edit, read_edit_to_save, read_undo
from web.frame import current_frame
from web.idempotency import read_attempt
from web.presenters.record_row import record_row
from web.problems.problem import from_editor, only_reads
from web.record.answers import (
    OpenRecord,
    answer_editor,
    answer_removed,
    answer_save,
    follow_record,
    show_edit,
)
from web.record.latest_calls import calls_of

bp = create_blueprint("editor", __name__)


@bp.post("/records/<int:record_id>")
@only_reads
def show(record_id: int) -> Response:
    context = current_frame().context
    try_to_reconcile(context, record_id)
    return answer_editor(context, follow_record(context, record_id))


@bp.post("/records/new")
@only_reads
def new() -> Response:
    """Show an empty editor, or one with customers and note of a record that is gone."""
    context, edit = current_frame().context, read_edit(request.form)
    if context.customers.closed:
        raise CrmClosed
    kept = Edit(base=(), customers=edit.customers, note=edit.note)
    return answer_editor(context, OpenRecord(show_edit(context, None, kept)))


@bp.post("/records/<int:record_id>/changes")
@only_reads
@from_editor
def changes(record_id: int) -> Response:
    """Show what colleagues have saved, with this user's unsaved changes applied to it."""
    context, edit = current_frame().context, read_edit(request.form)
    theirs = open_record(context, record_id)
    names, calls = context.customers.read(theirs.customers), calls_of(context, record_id)
    row = record_row(theirs, names, call=calls.latest)
    editor = show_edit(context, theirs, rebase(edit, theirs))
    return answer_editor(context, OpenRecord(editor, row, calls=calls))


@bp.post("/records/<int:record_id>/save")
@from_editor
def save(record_id: int) -> Response:
    context, edit = current_frame().context, read_edit_to_save(request.form)
    return answer_save(context, save_record(context, record_id, edit))


@bp.post("/records/new/save")
@from_editor
def create() -> Response:
    context, edit = current_frame().context, read_edit_to_save(request.form)
    outcome = create_record(
        context,
        read_attempt(request.form),
        edit.customers,
        edit.note,
        anyway="anyway" in request.form,
    )
    return answer_save(context, outcome, made=True)


@bp.post("/records/<int:record_id>/undo")
def undo(record_id: int) -> Response:
    """Undo a save, or redo it: that is to undo the undoing."""
    context, form = current_frame().context, read_undo(request.form)
    gone = form.made and remove_if_untouched(context, record_id, form.change, form.seen_note)
    if gone:
        return answer_removed(gone)
    outcome = undo_change(context, record_id, form.change, form.notes)
    if outcome is None:
        raise NotFound
    return answer_save(context, outcome, undone="redo" not in request.form)
