"""Removes a record from the waiting list."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request

from waitlist.models import Record
from waitlist.records.remove import remove
from web.failures import answer_failures
from web.forms import read_seen
from web.frame import current_frame
from web.presenters.removal import RemovedView, removal_view
from web.record.answers import answer_removed
from web.record.news import news_text

bp = Blueprint("removal", __name__)
answer_failures(bp)


@bp.post("/records/<int:record_id>/remove")
def remove_record(record_id: int) -> Response:
    """Remove a record as the user has seen it. Ask again if a colleague changed it.

    The page's script sends this when the time for *Undo* is up.
    """
    context, (customers, note) = current_frame().context, read_seen(request.form)
    changed = remove(context, Record(record_id, note, customers))
    if changed:
        view = removal_view(changed, context.customers.read(changed.customers))
        said = news_text(context, changed, customers, note)
        page = render_template("record/removal.html", removal=view, changed=said)
        return make_response(page, 409)
    return answer_removed(RemovedView(record_id, customers, note))
