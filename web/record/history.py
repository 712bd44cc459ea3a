"""The history of a record."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from waitlist.errors import ForeignCustomers, RecordGone
from waitlist.models import CustomerRefs, parse_id
from waitlist.records.edit import Edit
from waitlist.records.read import read_record
from waitlist.records.save import save
from waitlist.sources.history import with_outside
from web.board.render import Parts, answer
from web.forms import read_seen
from web.frame import Frame, current_frame
from web.presenters.save_result import history_row
from web.problems.problem import only_reads
from web.record.answers import say_failures
from web.record.save_answer import show_outcome

bp = Blueprint("history", __name__)
say_failures(bp)


@bp.post("/records/<int:record_id>/history")
@only_reads
def show(record_id: int) -> Response:
    """What the app changed, and what others changed past it up to now."""
    frame = current_frame()
    changes = frame.context.history.newest(record_id)
    now = _now(frame, record_id) if changes else None
    rows = with_outside(changes, now)
    names = frame.context.customers.read(ref for one in rows for ref in one.before + one.after)
    user_id = frame.context.user_id
    views = tuple(history_row(one, user_id, names) for one in rows)
    keys = None if now is None else tuple(ref.key for ref in now)
    return answer(frame, Parts(history=views, history_of=record_id, history_seen=keys))


@bp.post("/records/<int:record_id>/restore")
def restore(record_id: int) -> Response:
    """The list before a change, as the history shows it, whatever was changed between that and the
    list that was `seen` beside it: only what others did afterwards is kept too."""
    frame, (seen, _note) = current_frame(), read_seen(request.form)
    change = frame.context.history.find(record_id, request.form.get("change", 0, parse_id))
    if change is None:
        raise NotFound
    known = frozenset(change.before)
    outcome = save(frame.context, record_id, Edit(seen, change.before), known=known)
    return show_outcome(frame, outcome)


def _now(frame: Frame, record_id: int) -> CustomerRefs | None:
    """The history of a record outlives it, and is there when the record cannot be read."""
    try:
        return read_record(frame.context.client, record_id).customers
    except (RecordGone, ForeignCustomers):
        return None
