"""The history of a record."""

from datetime import UTC

from flask import Response, request
from werkzeug.exceptions import NotFound

from bitrix24.errors import NoAnswer
from waitlist.context import UserContext
from waitlist.errors import ForeignCustomers, RecordGone
from waitlist.models import CustomerRefs, keys_of
from waitlist.records.edit import Edit
from waitlist.records.read import read_record
from waitlist.records.reconcile import try_to_reconcile
from waitlist.records.save import save
from waitlist.sources.history import with_outside
from web.error_handlers import create_blueprint
from web.forms import read_id, read_refs
from web.frame import current_frame
from web.presenters.calls import call_row, with_calls
from web.presenters.history import Names, history_row, pending_row, touched_by
from web.problems.pages import render
from web.problems.problem import only_reads
from web.record.answers import answer_save

bp = create_blueprint("history", __name__)


@bp.post("/records/<int:record_id>/history")
@only_reads
def show(record_id: int) -> Response:
    """Show the changes made with the app, and those made outside it up to now."""
    context = current_frame().context
    try_to_reconcile(context, record_id)
    pending = [one for one in context.writes.of_record(record_id) if one.blocks]
    changes = context.history.newest(record_id)
    now = _read_customers(context, record_id) if changes else None
    rows = with_outside(changes, now)
    known = {ref for one in rows for ref in one.before + one.after}
    names = context.customers.read(known | {ref for one in pending for ref in touched_by(one)})
    calls = context.calls.newest(record_id)
    users = context.user_names(
        [
            *(one.user_id for one in pending),
            *(one.user_id for one in changes),
            *(one.user_id for one in calls),
        ]
    )
    who = Names(names, users, context.user_id)
    zone = context.calls.zone() if calls else UTC
    return render(
        "record/history.html",
        rows=with_calls(
            [*(pending_row(one, who) for one in pending), *(history_row(one, who) for one in rows)],
            [call_row(one, who, zone) for one in calls],
        ),
        record_id=record_id,
        seen=None if now is None else keys_of(now),
        closed=context.customers.closed,
    )


@bp.post("/records/<int:record_id>/restore")
def restore(record_id: int) -> Response:
    """Restore the list before a change, as the history shows it.

    Changes between that and the list that was `seen` beside it are overwritten. Only what
    colleagues changed after that is kept.
    """
    context, seen = current_frame().context, read_refs(request.form, "seen")
    change = context.history.find(record_id, read_id(request.form, "change"))
    if change is None:
        raise NotFound
    known = frozenset(change.before)
    outcome = save(context, record_id, Edit(seen, change.before), known=known)
    return answer_save(context, outcome)


def _read_customers(context: UserContext, record_id: int) -> CustomerRefs | None:
    """Read the customers of a record. Returns None if they cannot be read."""
    try:
        return read_record(context.client, record_id).customers
    except (RecordGone, ForeignCustomers, NoAnswer) as error:
        if isinstance(error, NoAnswer) and not error.is_final:
            raise
        return None
