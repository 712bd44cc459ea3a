"""Lets the main page follow what colleagues do to the list and the open record."""

import time

from flask import Response, request

from waitlist.board.live import RecordNews, read_news
from waitlist.booking.freed import current_mark
from waitlist.context import UserContext
from waitlist.models import Record, same_customers
from waitlist.records.edit import Edit
from waitlist.records.reconcile import reconcile_due
from web.error_handlers import create_blueprint
from web.forms import read_calls_mark, read_edit, read_id
from web.frame import current_frame
from web.http.headers import with_bookings_mark, with_day
from web.presenters.record_row import record_row
from web.problems.pages import render
from web.problems.problem import only_reads
from web.record.answers import show_pending_writes
from web.record.change_texts import changes_since_text
from web.record.latest_calls import read_calls

bp = create_blueprint("board_live", __name__)


@bp.post("/records/news")
@only_reads
def rows() -> Response:
    """Answer with the rows changed since `until`, and a notice on the open record.

    The notice says that the record is not as the form was loaded with. This request gives way to
    people: while the portal is busy it answers 503 and when to come back.
    """
    context, edit = current_frame().in_background().context, read_edit(request.form)
    reconcile_due(context)
    news = read_news(context, read_id(request.form, "until"))
    pending_writes = show_pending_writes(context)
    unchanged = pending_writes.mark == request.args.get("open", "")
    calls_mark = context.calls.mark()
    called = context.calls.changed_since(read_calls_mark(request.args) or calls_mark)
    if not news.records and not news.gone and not called and unchanged:
        return _with_marks(Response(status=204), context)
    names = context.customers.read(ref for record in news.records for ref in record.customers)
    opened = read_id(request.form, "record")
    notice = _notice(news, opened, edit)
    now = {record.id: record for record in news.records}.get(opened) if notice else None
    calls = read_calls(context, called | {record.id for record in news.records})
    answer = render(
        "board/live.html",
        rows=[record_row(record, names, call=calls.get(record.id)) for record in news.records],
        calls={number: calls.get(number) for number in called},
        calls_mark=calls_mark,
        gone=news.gone,
        until=news.until,
        opened=opened,
        pending_writes=pending_writes,
        notice=notice,
        changed=changes_since_text(context, now, edit.base, edit.base_note) if now else "",
        reading="reading" in request.form,
    )
    return _with_marks(answer, context)


def _with_marks(response: Response, context: UserContext) -> Response:
    response = with_day(response, context.today)
    if context.customers.closed:
        # Such a user is told of no times that came free, and a mark would make the page ask.
        return response
    return with_bookings_mark(
        response, current_mark(context.booking_snapshot.last_scan(), int(time.time()))
    )


def _notice(news: RecordNews, opened: int, edit: Edit) -> str | None:
    """Return what to say of the open record. An empty notice removes the one before."""
    if opened in news.gone:
        return "gone"
    for record in news.records:
        if record.id == opened:
            return "" if _was_loaded(record, edit) else "changed"
    return None


def _was_loaded(record: Record, edit: Edit) -> bool:
    """Return whether the editor was loaded with the record as it is now."""
    same = same_customers(record.customers, edit.base) and record.note == edit.base_note
    return same and not record.foreign
