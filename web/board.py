"""The main page: the waiting list, and the editor of one record."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, g, request
from werkzeug.exceptions import NotFound

from bitrix24.errors import PortalError
from oauth.admission import Visit
from store.portals import Status
from waitlist.errors import UnknownCustomers, WaitlistError
from waitlist.models import Record
from waitlist.records import read_record
from waitlist.save import Conflict, Edit, Saved
from waitlist.search import SHOWN, search
from web.edits import read_customers, read_edit
from web.frame import FIELD, Frame, current_frame, open_frame, wants_fragment
from web.i18n import gettext as _
from web.i18n import ngettext
from web.install import install_page
from web.launches import accept_launch
from web.pages import not_set_up_page, open_from_portal, problem_page
from web.problems import problem_of, unknown_customers
from web.render import Parts, answer, board_page
from web.services import services
from web.views.board import record_row
from web.views.customers import name_of
from web.views.editor import EditorView, editor_view
from web.views.outcomes import SavedView, conflict_view, history_row
from web.views.search import hits_view

bp = Blueprint("board", __name__)
LONGEST_QUERY = 100
"""Characters; nobody's name is longer, and a portal would search for all of it."""


@bp.route("/", methods=["GET", "POST"])
def index() -> Response:
    """The application's address: a launch opens the whole page, so does its session again."""
    if request.method != "POST":
        return open_from_portal()
    if FIELD in request.form:
        return _chosen(current_frame())
    return _launched(accept_launch())


def _chosen(frame: Frame) -> Response:
    """The page again, with the record that was chosen in a list without script."""
    number = request.form.get("record", 0, int)
    if not number:
        return board_page(frame)
    return board_page(frame, _editor(frame, read_record(frame.client, number)))


def _launched(visit: Visit) -> Response:
    launch = visit.launch
    frame = open_frame(launch)
    settled = launch.installed and launch.portal.status is Status.INSTALLED
    if visit.administrator and not settled:
        # Never set up, or set up with a database that is gone: this visit mends it.
        return install_page(frame, launch.application_token)
    if visit.administrator:
        services().lifecycle.learn_token(launch)
    return board_page(frame) if launch.installed else not_set_up_page()


@bp.post("/records/<int:record_id>")
def record(record_id: int) -> Response:
    frame = current_frame()
    return answer(frame, _editor(frame, read_record(frame.client, record_id)))


@bp.post("/records/new")
def new_record() -> Response:
    return answer(current_frame(), Parts(editor=editor_view(None, {}, _, ngettext)))


@bp.post("/records/<int:record_id>/save")
def save(record_id: int) -> Response:
    frame, form = current_frame(), read_edit(request.form)
    if form.action == "discard":
        return answer(frame, _editor(frame, read_record(frame.client, record_id)))
    if form.action != "save":
        loaded = Record(record_id, form.edit.base_note, form.edit.base)
        return answer(frame, Parts(editor=_edited(frame, loaded, form.moved())))
    return _outcome(frame, frame.saver.save(record_id, form.chosen()))


@bp.post("/records/new/save")
def save_new() -> Response:
    frame, form = current_frame(), read_edit(request.form)
    if form.action == "discard":
        return answer(frame, Parts())
    if form.action != "save":
        return answer(frame, Parts(editor=_edited(frame, None, form.moved())))
    return _outcome(frame, frame.saver.create(form.edit.customers, form.edit.note))


@bp.post("/records/<int:record_id>/undo")
def undo(record_id: int) -> Response:
    frame = current_frame()
    outcome = frame.saver.undo(record_id, request.form.get("change", 0, int))
    if outcome is None:
        raise NotFound
    return _outcome(frame, outcome, undone=True)


@bp.post("/records/<int:record_id>/history")
def history(record_id: int) -> Response:
    frame = current_frame()
    changes = frame.history.newest(record_id)
    names = frame.reader.read(ref for past in changes for ref in past.before + past.after)
    rows = tuple(
        history_row(
            past.id,
            _when(past.made_at),
            _who(frame, past.user_id),
            past.before,
            past.after,
            names,
            _,
        )
        for past in changes
    )
    return answer(frame, Parts(history=rows, history_of=record_id))


@bp.post("/customers/search", endpoint="search")
def find_customers() -> Response:
    frame, query = current_frame(), request.form.get("q", "")[:LONGEST_QUERY]
    found = search(frame.client, frame.reader, query)
    chosen = read_customers(request.form)
    hits = hits_view(found[:SHOWN], chosen, query, _, ngettext, limited=len(found) > SHOWN)
    editor = None if wants_fragment() else _form_editor(frame)
    record = request.form.get("record", "new")
    return answer(frame, Parts(hits=hits, query=query, record=record, editor=editor))


@bp.errorhandler(PortalError)
@bp.errorhandler(WaitlistError)
def failed(error: Exception) -> Response:
    """Says what went wrong; what was typed stays on the page, or comes back with it."""
    frame: Frame | None = g.get("frame")
    if frame is None:
        return problem_page(error)
    problem = problem_of(error)
    if isinstance(error, UnknownCustomers):
        names = (name_of(ref, {}, _) for ref in error.customers)
        problem = unknown_customers(", ".join(names))
    editor = None
    if not wants_fragment() and "base_note" in request.form:
        editor = _form_editor(frame)
    return answer(frame, Parts(problem=problem, editor=editor, status=problem.status))


def _outcome(frame: Frame, outcome: Saved | Conflict, *, undone: bool = False) -> Response:
    if isinstance(outcome, Conflict):
        return _ask(frame, outcome)
    record = outcome.record
    names = frame.reader.read(record.customers)
    text = _("Undone.") if undone else _("Saved.")
    if outcome.merged:
        text += " " + _("A colleague changed this record meanwhile. Both changes were kept.")
    return answer(
        frame,
        Parts(
            editor=editor_view(record, names, _, ngettext),
            row=record_row(record, names, _, ngettext),
            saved=SavedView(text, record.id, outcome.change),
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
        _,
        record_id=theirs.id,
        # A note that only they changed is not mine to change back.
        note=theirs.note if edit.note == edit.base_note else edit.note,
        base_note=edit.base_note,
        theirs_note=theirs.note,
    )
    editor = None if wants_fragment() else _form_editor(frame)
    return answer(frame, Parts(conflict=view, editor=editor, status=409))


def _form_editor(frame: Frame) -> EditorView:
    """The editor as the form of this request has it, for pages that work without script."""
    edit, number = read_edit(request.form).edit, request.form.get("record", "")
    loaded = Record(int(number), edit.base_note, edit.base) if number.isdecimal() else None
    return _edited(frame, loaded, edit)


def _edited(frame: Frame, loaded: Record | None, edit: Edit) -> EditorView:
    try:
        names = frame.reader.read(edit.base + edit.customers)
    except PortalError:
        names = {}
    return editor_view(loaded, names, _, ngettext, chosen=edit.customers, note=edit.note)


def _editor(frame: Frame, record: Record) -> Parts:
    names = frame.reader.read(record.customers)
    return Parts(editor=editor_view(record, names, _, ngettext))


def _who(frame: Frame, user_id: int) -> str:
    if user_id == frame.session.user_id:
        return _("you")
    return _("colleague #%(id)s") % {"id": user_id}


def _when(made_at: int) -> str:
    return datetime.fromtimestamp(made_at, UTC).strftime("%Y-%m-%d %H:%M UTC")
