"""Removes a record from the waiting list."""

from __future__ import annotations

from flask import Response, request

from waitlist.models import Record
from waitlist.records.remove import remove
from web.failures import blueprint
from web.forms import read_seen
from web.frame import current_frame
from web.presenters.removal import RemovedView, removal_view
from web.problems.pages import render
from web.record.answers import answer_removed
from web.record.news import news_text

bp = blueprint("removal", __name__)


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
        return render("record/removal.html", 409, removal=view, changed=said)
    return answer_removed(RemovedView(record_id, customers, note))
