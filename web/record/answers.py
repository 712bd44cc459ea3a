"""The open editor in an answer: as the portal has the record, or as a form holds it."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, g, request

from bitrix24.errors import PortalError
from waitlist.errors import SaveFailed, UnknownCustomers, WaitlistError
from waitlist.models import CustomerRef, CustomerRefs, CustomersByRef, Record, parse_id
from waitlist.records.edit import Edit, unique
from waitlist.records.missing import find_missing
from waitlist.records.read import open_record
from waitlist.records.remove import remove_if_untouched
from web.board.render import Parts, answer
from web.forms import read_edit, read_seen
from web.frame import Frame, wants_fragment
from web.idempotency import same_attempt
from web.presenters.customer_row import name_of, names_of
from web.presenters.editor import EditorView, editor_view
from web.presenters.record_row import record_row
from web.problems.pages import problem_page
from web.problems.problem import Problem, problem_of, save_failed, unknown_customers


def opened(frame: Frame, record_id: int) -> Parts:
    """A record as it is right now. Raises PortalError or WaitlistError."""
    return shown(frame, open_record(frame.context, record_id))


def shown(frame: Frame, record: Record) -> Parts:
    """A record as it has just been read. Raises PortalError."""
    names = frame.context.customers.read(record.customers)
    missing = find_missing(frame.context, record)
    # The list may have been read a while ago.
    row = record_row(record, names)
    return Parts(editor=editor_view(record, names), row=row, missing=missing)


def taken_back(frame: Frame, record_id: int, change_id: int) -> Record | None:
    """The new record that this request is to undo, once it is gone again; None where it is to be
    undone like any other save. Raises PortalError or WaitlistError."""
    if "made" not in request.form:
        return None
    _seen, note = read_seen(request.form)
    return remove_if_untouched(frame.context, record_id, change_id, note)


def form_editor(frame: Frame, *added: CustomerRef) -> EditorView:
    """The editor as the form of this request has it, for pages that work without script; `added`
    have just been chosen."""
    edit, number = read_edit(request.form).edit, request.form.get("record", 0, parse_id)
    edit = replace(edit, customers=unique(edit.customers + added))
    loaded = Record(number, edit.base_note, edit.base) if number else None
    return edited(frame, loaded, edit)


def edited(frame: Frame, loaded: Record | None, edit: Edit) -> EditorView:
    """An editor that was loaded with a record, and what has been done to it since."""
    names = _known(frame, edit.base + edit.customers)
    attempt = "" if loaded else same_attempt()
    return editor_view(loaded, names, chosen=edit.customers, note=edit.note, attempt=attempt)


def _known(frame: Frame, refs: CustomerRefs) -> CustomersByRef:
    """Who these are; nobody where the portal does not answer, as there are more urgent news."""
    try:
        return frame.context.customers.read(refs)
    except PortalError:
        return {}


def said_of(frame: Frame, error: Exception) -> Problem:
    """The words for an error, with the names of those whom it is about."""
    if isinstance(error, UnknownCustomers):
        return unknown_customers(", ".join(name_of(ref, {}) for ref in error.customers))
    if isinstance(error, SaveFailed) and error.changed:
        return save_failed(", ".join(names_of(error.now, _known(frame, error.now))))
    return problem_of(error)


def half_done(frame: Frame, error: Exception, text: str) -> Problem:
    """The words for an error that came when a part was done already, as `text` says."""
    problem = said_of(frame, error)
    return Problem(text, problem.step, problem.status)


def say_failures(blueprint: Blueprint) -> None:
    """Has what goes wrong in these routes said on the page they belong to."""
    for kind in (PortalError, WaitlistError):
        blueprint.register_error_handler(kind, failed)


def failed(error: Exception) -> Response:
    """Says what went wrong; what was typed stays on the page, or comes back with it."""
    frame: Frame | None = g.get("frame")
    if frame is None:
        return problem_page(error)
    problem = said_of(frame, error)
    editor = None
    if not wants_fragment() and "base_note" in request.form:
        editor = form_editor(frame)
    return answer(frame, Parts(problem=problem, editor=editor, status=problem.status))
