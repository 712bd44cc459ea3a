"""The history of a record."""

from __future__ import annotations

from flask import Blueprint, Response

from waitlist.errors import RecordGone
from waitlist.history import with_outside
from waitlist.merge import Customers
from waitlist.records import read_record
from web.editing import say_failures
from web.frame import Frame, current_frame
from web.i18n import gettext as _
from web.render import Parts, answer
from web.views.outcomes import history_row

bp = Blueprint("history", __name__)
say_failures(bp)


@bp.post("/records/<int:record_id>/history")
def show(record_id: int) -> Response:
    """What the app changed, and what others changed past it up to now."""
    frame = current_frame()
    changes = frame.history.newest(record_id)
    rows = with_outside(changes, _now(frame, record_id) if changes else None)
    names = frame.reader.read(ref for one in rows for ref in one.before + one.after)
    user_id = frame.session.user_id
    views = tuple(history_row(one, user_id, names, _) for one in rows)
    return answer(frame, Parts(history=views, history_of=record_id))


def _now(frame: Frame, record_id: int) -> Customers | None:
    """The history of a record outlives it."""
    try:
        return read_record(frame.client, record_id).customers
    except RecordGone:
        return None
