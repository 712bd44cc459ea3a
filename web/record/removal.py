"""Removes a record from the waiting list, once somebody has been asked or has waited."""

from __future__ import annotations

from flask import Blueprint, Response, request

from waitlist.models import Record
from waitlist.records.remove import Changed, read_for_removal, remove
from web.board.render import Parts, answer
from web.forms import read_seen
from web.frame import Frame, current_frame, wants_fragment
from web.presenters.editor import editor_view
from web.presenters.removal import RemovedView, removal_view
from web.record.answers import say_failures

bp = Blueprint("removal", __name__)
say_failures(bp)


@bp.post("/records/<int:record_id>/remove")
def ask_or_remove(record_id: int) -> Response:
    """Without `sure` this asks first; the page's script is sure when the time for *Undo* is up."""
    frame = current_frame()
    if "sure" not in request.form:
        return _ask(frame, read_for_removal(frame.context, record_id))
    customers, note = read_seen(request.form)
    seen = Record(record_id, note, customers)
    outcome = remove(frame.context, seen)
    if isinstance(outcome, Changed):
        return _ask(frame, outcome.now, changed=True)
    return answer(frame, Parts(removed=RemovedView(record_id, customers, note)))


def _ask(frame: Frame, record: Record, *, changed: bool = False) -> Response:
    names = frame.context.customers.read(record.customers)
    return answer(
        frame,
        Parts(
            removal=removal_view(record, names, changed=changed),
            editor=None if wants_fragment() else editor_view(record, names),
            status=409 if changed else 200,
        ),
    )
