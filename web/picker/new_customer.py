"""Creates a new customer without leaving the record."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.datastructures import MultiDict

from bitrix24.errors import NotPermitted, PortalError
from waitlist.customers.create import Alike, Creator, Question
from waitlist.customers.draft import LONGEST, Draft
from waitlist.models import Customer, Kind
from web.failures import answer_failures
from web.forms import PickerForm, read_picker
from web.frame import Frame, current_frame
from web.http.i18n import gettext as _
from web.idempotency import new_attempt, read_attempt, same_attempt
from web.picker.search import records_elsewhere
from web.presenters.customer_row import customer_row
from web.presenters.new_customer import DraftView, draft_view
from web.problems.problem import Problem, only_reads, problem_of

bp = Blueprint("new_customer", __name__)
answer_failures(bp)
FIELD = "new_{}"
"""The form's fields are sent together with those of the editor, which has a note of its own."""
ATTEMPT = FIELD.format("attempt")


@bp.post("/customers/new")
@only_reads
def new() -> Response:
    """Show the form, filled with what was typed into the search."""
    current_frame()
    draft = Draft.of_text(Kind.CONTACT, read_picker(request.form).query)
    return _answer_form(same_attempt(request.form, ATTEMPT), draft_view(draft))


@bp.post("/customers/create")
def create() -> Response:
    """Create the customer, or show the form again: with its faults, or with similar customers."""
    frame, form, draft = current_frame(), read_picker(request.form), _read_draft(request.form)
    attempt, anyway = read_attempt(request.form, ATTEMPT), "anyway" in request.form
    if faults := draft.faults():
        return _answer_form(attempt, draft_view(draft, faults=faults), 422)
    try:
        creator = Creator(frame.context.customers, frame.context.attempts)
        outcome = creator.create(attempt, draft, anyway=anyway)
    except PortalError as error:
        problem = _describe(error, draft.kind)
        return _answer_form(attempt, draft_view(draft, problem=problem), problem.status)
    if isinstance(outcome, Customer):
        return _answer_created(frame, outcome)
    if isinstance(outcome, Alike) and outcome.ours:
        # This attempt has created a customer. Another one needs another attempt.
        attempt = new_attempt()
    return _answer_form(attempt, _ask(frame, form, draft, outcome))


def _ask(frame: Frame, form: PickerForm, draft: Draft, question: Question) -> DraftView:
    alike = question.customers if isinstance(question, Alike) else ()
    refs = [customer.ref for customer in alike]
    records = records_elsewhere(frame, refs, form.record_id)
    return draft_view(draft, question=question, chosen=form.chosen, records=records)


def _read_draft(form: MultiDict[str, str]) -> Draft:
    kind = Kind.COMPANY if form.get(FIELD.format("kind")) == Kind.COMPANY else Kind.CONTACT
    return Draft.of_fields(kind, {name: form.get(FIELD.format(name), "") for name in LONGEST})


def _answer_form(attempt: str, view: DraftView, status: int = 200) -> Response:
    body = render_template("picker/new_customer.html", draft=replace(view, attempt=attempt))
    return make_response(body, status)


def _answer_created(frame: Frame, customer: Customer) -> Response:
    """Return the customer as a row for the editor, if this user may see the customer."""
    found = frame.context.customers.read([customer.ref])
    visible = found[customer.ref].visible
    picked = [customer_row(customer.ref, found, (), ())] if visible else []
    return make_response(render_template("picker/picked.html", picked=picked, hidden=not visible))


def _describe(error: PortalError, kind: Kind) -> Problem:
    if not isinstance(error, NotPermitted) or error.code != "ACCESS_DENIED":
        return problem_of(error)
    contact = kind is Kind.CONTACT
    text = (
        _("You don't have permission to create contacts.")
        if contact
        else _("You don't have permission to create companies.")
    )
    return Problem(text, _("Ask your CRM administrator."), 403)
