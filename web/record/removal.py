"""Removes a record from the waiting list."""

from flask import Response, request

from waitlist.models import Record
from waitlist.records.remove import remove
from web.error_handlers import create_blueprint
from web.forms import read_seen
from web.frame import current_frame
from web.presenters.customer_row import in_order, names_of
from web.problems.pages import render
from web.record.answers import answer_removed
from web.record.change_texts import changes_since_text

bp = create_blueprint("removal", __name__)


@bp.post("/records/<int:record_id>/remove")
def remove_record(record_id: int) -> Response:
    """Remove a record as the user has seen it. Ask again if a colleague changed it.

    The page's script sends this when the time for *Undo* is up.
    """
    context, (customers, note) = current_frame().context, read_seen(request.form)
    seen = Record(record_id, note, customers)
    now = remove(context, seen)
    if now is None:
        return answer_removed(seen)
    names = names_of(in_order(now.customers), context.customers.read(now.customers))
    said = changes_since_text(context, now, customers, note)
    return render("record/removal.html", 409, record=now, names=names, changed=said)
