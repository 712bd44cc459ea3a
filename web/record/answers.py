"""Answers of the record's routes: the editor and what belongs to it, as parts of the page."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from flask import Response
from sqlalchemy.exc import SQLAlchemyError

from waitlist.booking.read import BookedRecord, read_booked
from waitlist.context import UserContext
from waitlist.errors import BookingGone, RecordGone
from waitlist.models import CustomersByRef, Record
from waitlist.records.edit import Conflict, Edit, Saved
from waitlist.records.missing import find_missing
from waitlist.records.read import open_record
from waitlist.sources.history import PastChange
from web.error_handlers import read_names
from web.idempotency import new_attempt
from web.presenters.booking.booked import BookedView, booked_view
from web.presenters.booking.words import returned_text
from web.presenters.editor import EditorView, editor_view
from web.presenters.history import Names, last_change_text
from web.presenters.missing import MissingView, missing_view
from web.presenters.pending_writes import (
    PendingWritesView,
    pending_writes_view,
    shown_to,
    undone_by,
)
from web.presenters.record_row import RecordRow, record_row
from web.presenters.save_result import SavedView, conflict_view, saved_text, saved_view
from web.problems.pages import render
from web.record.change_texts import changes_since_text, own_changes_text
from web.record.latest_calls import CallsOfRecord, calls_of


@dataclass(frozen=True, slots=True)
class OpenRecord:
    """A record in the editor, with its row in the list and what is said about it."""

    editor: EditorView
    row: RecordRow | None = None
    missing: MissingView | None = None
    saved: SavedView | None = None
    calls: CallsOfRecord | None = None


def read_for_editor(context: UserContext, record_id: int) -> OpenRecord:
    """Read a record as it is now. Raises PortalError or WaitlistError."""
    return show_in_editor(context, open_record(context, record_id))


def follow_record(context: UserContext, record_id: int) -> OpenRecord | BookedView:
    """Read a record, its booking, or the record that came back from it.

    Raises PortalError or WaitlistError.
    """
    try:
        return read_for_editor(context, record_id)
    except RecordGone:
        made = context.bookings.of_record(record_id)
        if made is None:
            raise
        if made.back_record:
            return follow_record(context, made.back_record)
        with suppress(BookingGone):
            return show_booked(context, read_booked(context, made.booking_id))
        raise


def show_in_editor(context: UserContext, record: Record) -> OpenRecord:
    """Show a record that has just been read. Raises PortalError."""
    latest = context.history.latest(record.id)
    names = context.customers.read({*record.customers, *(latest.touched if latest else ())})
    missing = missing_view(find_missing(context, record, latest))
    shown = _show(context, record, names, last_change_of(context, latest, names))
    return replace(shown, missing=missing)


def _show(
    context: UserContext, record: Record, names: CustomersByRef, changed: str = ""
) -> OpenRecord:
    """Show a record with its row: that in the list may be older than the record."""
    editor = editor_view(record, names, changed=changed, resources=context.resources.known())
    calls = calls_of(context, record.id)
    return OpenRecord(editor, record_row(record, names, call=calls.latest), calls=calls)


def last_change_of(
    context: UserContext, latest: PastChange | None, customers: CustomersByRef
) -> str:
    """Say what the last change with the app was. Returns "" if a name in it is not known.

    Costs no HTTP request: names are among `customers` or those that CRM has just shown the user.
    """
    customers = {one.ref: one for one in context.customers.cached()} | dict(customers)
    if latest is None or not latest.touched <= customers.keys():
        return ""
    users = context.user_names([latest.user_id])
    now = datetime.now(context.client.zone() or UTC)
    return last_change_text(latest, Names(customers, users, context.user_id), now)


def show_edit(context: UserContext, loaded: Record | None, edit: Edit) -> EditorView:
    """Show an edit of a loaded record, or of a new one, in the editor."""
    names = read_names(context, edit.base + edit.customers)
    attempt = "" if loaded else new_attempt()
    return editor_view(
        loaded,
        names,
        chosen=edit.customers,
        note=edit.note,
        attempt=attempt,
        resources=context.resources.known(),
    )


def show_booked(context: UserContext, booked: BookedRecord) -> BookedView:
    """Show a booking that was made of a record; without names if the portal is silent."""
    return booked_view(booked, read_names(context, booked.customers), context.client.zone())


def answer_booked(booked: BookedView, *, just: bool = False) -> Response:
    """Answer with a booking, in place of the editor. One `just` made is looked at again."""
    return render("booking/booked_part.html", booked=booked, just=just)


def answer_returned(context: UserContext, record_id: int) -> Response:
    """Answer with the record that a booking has become."""
    opened = follow_record(context, record_id)
    if isinstance(opened, BookedView):
        return answer_booked(opened)
    saved = SavedView(returned_text(record_id), record_id)
    return answer_editor(context, replace(opened, saved=saved))


def answer_editor(context: UserContext, opened: OpenRecord | BookedView) -> Response:
    """Answer with the editor and its row, or with what the record has become."""
    if isinstance(opened, BookedView):
        return answer_booked(opened)
    return render("record/answer.html", closed=context.customers.closed, opened=opened)


def answer_save(
    context: UserContext,
    outcome: Saved | Conflict,
    *,
    undone: bool = False,
    made: bool = False,
    hidden: int = 0,
) -> Response:
    """Answer with the saved record, or with the question that a conflict asks.

    `hidden` customers were to be put back, but this user has no access to them in CRM.
    """
    if isinstance(outcome, Conflict):
        names = context.customers.read(outcome.edit.customers + outcome.theirs.customers)
        edit, theirs = outcome.edit, outcome.theirs
        they_did = changes_since_text(context, theirs, edit.base, edit.base_note)
        view = conflict_view(outcome, names, they_did, own_changes_text(context, edit))
        return render("record/conflict.html", 409, conflict=view)
    record = outcome.record
    names = context.customers.read(record.customers)
    text = saved_text(outcome, undone=undone, hidden=hidden)
    saved = saved_view(text, outcome, made=made, undone=undone)
    changed = ""
    # The save is done, and has to be told even if the database is away.
    with suppress(SQLAlchemyError):
        changed = last_change_of(context, context.history.latest(record.id), names)
    return answer_editor(context, replace(_show(context, record, names, changed), saved=saved))


def show_pending_writes(context: UserContext) -> PendingWritesView:
    """Show the open changes of this user; without names if the portal is silent."""
    writes = shown_to(context.user_id, context.writes.of_portal())
    return pending_writes_view(writes, read_names(context, undone_by(writes)))


def answer_pending_writes(context: UserContext, answer: Response | None = None) -> Response:
    """Answer with the open changes, after another answer."""
    part = render("board/pending_writes_part.html", pending_writes=show_pending_writes(context))
    if answer is None:
        return part
    answer.set_data(answer.get_data() + part.get_data())
    return answer


def answer_removed(removed: Record) -> Response:
    """Answer in place of a record that it is gone. A new one can start with what it had."""
    return render("record/removed.html", removed=removed)
