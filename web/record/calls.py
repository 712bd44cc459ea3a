"""Notes calls to the customers of a record: that one has begun, and its result."""

from contextlib import suppress
from dataclasses import replace

from flask import Response, request
from sqlalchemy.exc import SQLAlchemyError

from bitrix24.errors import PortalError
from store.calls.log import Call, Result
from waitlist.context import UserContext
from waitlist.errors import OutcomeUnknown, WaitlistError
from waitlist.records.read import read_record
from waitlist.records.to_do import ToDo, make_to_do, was_made
from web.error_handlers import create_blueprint, describe_error
from web.forms import read_call, read_id
from web.frame import current_frame
from web.http.i18n import gettext as _
from web.problems.pages import render
from web.problems.problem import Problem, words_of
from web.record.latest_calls import calls_of

bp = create_blueprint("calls", __name__)


@bp.post("/records/<int:record_id>/call")
def note(record_id: int) -> Response:
    """Note a call, and make a to-do of a call back if the user wants one.

    Costs no HTTP request except for the to-do, unless the app has never seen the record.
    """
    context, form = current_frame().context, read_call(request.values)
    context.customers.require_open()
    if not context.tracker.has_seen(record_id):
        read_record(context.client, record_id)
    # The answer needs the zone. Where it is not known, nothing is noted.
    context.calls.zone()
    due = context.calls.next_time(*form.time) if form.time else 0
    context.calls.add(record_id, context.user_id, form.result, due)
    if not form.to_do:
        return _answer(context, record_id)
    to_do = ToDo(
        record_id,
        due,
        title=_("Call back"),
        text=_("Waiting list, record #%(id)s") % {"id": record_id},
    )
    try:
        make_to_do(context, to_do)
    except (PortalError, WaitlistError, SQLAlchemyError) as error:
        return _answer(context, record_id, problem=_half_done(context, error))
    return _answer(context, record_id, said=_("The to-do is in CRM."))


@bp.post("/records/<int:record_id>/call/undo")
def undo(record_id: int) -> Response:
    """Undo a call of the user. No HTTP request."""
    context = current_frame().context
    context.customers.require_open()
    call = context.calls.undo(record_id, context.user_id, read_id(request.form, "call"))
    said = _("Undone.") if call else ""
    # The call is taken back, and has to be told even if the database is away now.
    with suppress(SQLAlchemyError):
        if call and _has_to_do(context, call):
            said = _("Undone. The to-do stays in CRM.")
    return _answer(context, record_id, said=said)


def _has_to_do(context: UserContext, call: Call) -> bool:
    is_one = call.result is Result.CALL_BACK
    return is_one and was_made(context, call.record_id, call.callback_at)


def _half_done(context: UserContext, error: Exception) -> Problem:
    if isinstance(error, OutcomeUnknown):
        text = _("The call back is noted. It is not known yet whether the to-do is in CRM.")
        return replace(words_of(error), text=text)
    problem = describe_error(context, error)
    noted = _("The call back is noted, but there is no to-do in CRM.")
    return replace(problem, text=f"{noted} {words_of(error).text}")


def _answer(
    context: UserContext, record_id: int, *, said: str = "", problem: Problem | None = None
) -> Response:
    calls = calls_of(context, record_id)
    return render(
        "record/call_part.html", problem=problem, record_id=record_id, calls=calls, said=said
    )
