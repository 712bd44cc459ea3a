"""Puts right what happened to a record past the app: customers who have disappeared from it, and
those whom the portal has put on an empty one from its deal."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from bitrix24.errors import PortalError
from waitlist.cards.deal_link import unlink_all
from waitlist.errors import CrmClosed, OutcomeUnknown, UnknownCustomers, WaitlistError
from waitlist.models import parse_id
from waitlist.records.edit import Edit, unique
from waitlist.records.missing import accept_missing
from waitlist.records.read import open_record
from waitlist.records.save import save
from web.board.render import Parts, answer
from web.forms import read_seen
from web.frame import current_frame
from web.http.i18n import gettext as _
from web.record.answers import half_done, say_failures, shown
from web.record.save_answer import show_outcome

bp = Blueprint("mending", __name__)
say_failures(bp)


@bp.post("/records/<int:record_id>/put-back")
def put_back(record_id: int) -> Response:
    """The list as the app left it, with whoever has come since. Who cannot be found in CRM stays
    away: a portal takes customers off whom somebody has deleted there."""
    frame, (seen, _note) = current_frame(), read_seen(request.form)
    change = frame.context.history.find(record_id, request.form.get("change", 0, parse_id))
    if change is None:
        raise NotFound
    try:
        outcome, hidden = save(frame.context, record_id, Edit(seen, unique(change.after + seen))), 0
    except UnknownCustomers as error:
        found = tuple(ref for ref in change.after if ref not in error.customers)
        if not set(found) - set(seen):
            raise
        outcome = save(frame.context, record_id, Edit(seen, unique(found + seen)))
        hidden = len(error.customers)
    return show_outcome(frame, outcome, hidden=hidden)


@bp.post("/records/<int:record_id>/leave")
def leave(record_id: int) -> Response:
    """Nobody is missed any more of those who had disappeared when the page was shown. That is known
    to the app alone: the portal is only read."""
    frame, (seen, _note) = current_frame(), read_seen(request.form)
    record = open_record(frame.context, record_id)
    if frame.context.customers.closed:
        raise CrmClosed
    # Whatever may fail has to do so before this is written down.
    frame.context.customers.read(record.customers)
    change = request.form.get("change", 0, parse_id)
    accept_missing(frame.context, record_id, change, seen)
    return answer(frame, shown(frame, record))


@bp.post("/records/<int:record_id>/unlink")
def unlink(record_id: int) -> Response:
    """First the deal, then the customers: an empty record would fill itself from the deal again."""
    frame, (seen, _note) = current_frame(), read_seen(request.form)
    unlink_all(frame.context, record_id)
    try:
        outcome = save(frame.context, record_id, Edit(seen, ()))
    except OutcomeUnknown:
        raise
    except (PortalError, WaitlistError) as error:
        text = _("The deal is unlinked, but its customers are still on the record.")
        return answer(frame, Parts(problem=half_done(frame, error, text)))
    return show_outcome(frame, outcome)
