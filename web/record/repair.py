"""Repairs what happened to a record outside the app.

Customers may have disappeared from it, or the portal has filled an empty record from its deal.
"""

from dataclasses import replace

from flask import Response, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import NotFound

from bitrix24.errors import PortalError
from waitlist.cards import deal_link
from waitlist.context import UserContext
from waitlist.errors import OutcomeUnknown, UnknownCustomers, WaitlistError
from waitlist.records.edit import Edit, Saved, unique
from waitlist.records.missing import accept_missing
from waitlist.records.read import open_record
from waitlist.records.save import save
from web.error_handlers import create_blueprint, describe_half_done
from web.forms import read_id, read_refs
from web.frame import current_frame
from web.http.i18n import gettext as _
from web.presenters.save_result import SavedView
from web.problems.pages import problem_part
from web.record.answers import (
    answer_editor,
    answer_pending_writes,
    answer_save,
    read_for_editor,
    show_in_editor,
)

bp = create_blueprint("repair", __name__)


@bp.post("/records/<int:record_id>/put-back")
def put_back(record_id: int) -> Response:
    """Save the list as the app left it, together with customers added since.

    Customers who are not found in CRM stay away, and the answer names those that are deleted.
    """
    context, seen = current_frame().context, read_refs(request.form, "seen")
    if word := request.form.get("write", ""):
        return _put_back_undone(context, record_id, word)
    change = context.history.find(record_id, read_id(request.form, "change"))
    if change is None:
        raise NotFound
    try:
        outcome, hidden = save(context, record_id, Edit(seen, unique(change.after + seen))), 0
    except UnknownCustomers as error:
        found = tuple(ref for ref in change.after if ref not in error.customers)
        if not set(found) - set(seen) and not error.gone:
            raise
        outcome = save(context, record_id, Edit(seen, unique(found + seen)))
        if isinstance(outcome, Saved) and not outcome.changed:
            # No customer came back, and the next attempt would end in the same way.
            accept_missing(context, record_id, change.id, error.gone)
        outcome = replace(outcome, gone=error.gone) if isinstance(outcome, Saved) else outcome
        hidden = len(error.customers) - len(error.gone)
    return answer_save(context, outcome, hidden=hidden)


def _put_back_undone(context: UserContext, record_id: int, word: str) -> Response:
    """Add the customers that a late write has taken off the record."""
    undone = context.writes.undone_by(record_id, word)
    if not undone:
        raise NotFound
    outcome = save(context, record_id, Edit((), undone), known=frozenset(undone))
    if isinstance(outcome, Saved):
        context.writes.dismiss(record_id, word)
        outcome = replace(outcome, merged=False)
    return answer_pending_writes(context, answer_save(context, outcome))


@bp.post("/records/<int:record_id>/leave")
def leave(record_id: int) -> Response:
    """Stop reporting the customers who had disappeared when the page was shown.

    Only the app knows of this: the portal is only read.
    """
    context, seen = current_frame().context, read_refs(request.form, "seen")
    if word := request.form.get("write", ""):
        context.writes.dismiss(record_id, word)
        return answer_pending_writes(context)
    record = open_record(context, record_id)
    context.customers.require_open()
    # If the portal fails, it has to fail before anything is stored.
    context.customers.read(record.customers)
    change = context.history.find(record_id, read_id(request.form, "change"))
    if change:
        accept_missing(context, record_id, change.id, set(change.after) - set(seen))
    return answer_editor(context, show_in_editor(context, record))


@bp.post("/records/<int:record_id>/unlink-deal")
def unlink_deal(record_id: int) -> Response:
    """Unlink one deal. The customers and the other links stay."""
    context, deal = current_frame().context, read_id(request.form, "deal")
    again = deal_link.unlink(context, record_id, deal)
    saved = SavedView(_("The deal is unlinked."), record_id, deal=deal if again else 0)
    return _answer_relinked(context, saved)


@bp.post("/records/<int:record_id>/link-deal")
def link_deal(record_id: int) -> Response:
    """Link a deal again that was unlinked."""
    context, deal = current_frame().context, read_id(request.form, "deal")
    empty = deal_link.link(context, record_id, deal)
    saved = SavedView(_("Undone."), record_id, deal=deal, undone=True, refilled=empty)
    return _answer_relinked(context, saved)


def _answer_relinked(context: UserContext, saved: SavedView) -> Response:
    try:
        opened = read_for_editor(context, saved.record)
    except (PortalError, WaitlistError, SQLAlchemyError) as error:
        return problem_part(describe_half_done(context, error, saved.text))
    if not opened.editor.rows:
        # A portal fills a record without customers from a deal that it is linked to.
        saved = replace(saved, deal=0, refilled=False)
    return answer_editor(context, replace(opened, saved=saved))


@bp.post("/records/<int:record_id>/unlink")
def unlink(record_id: int) -> Response:
    """Unlink the deal, then remove its customers, which it would otherwise restore."""
    context, seen = current_frame().context, read_refs(request.form, "seen")
    deal_link.unlink_all(context, record_id)
    try:
        outcome = save(context, record_id, Edit(seen, ()))
    except OutcomeUnknown:
        raise
    except (PortalError, WaitlistError) as error:
        text = _("The deal is unlinked, but its customers are still on the record.")
        return problem_part(describe_half_done(context, error, text))
    return answer_save(context, outcome)
