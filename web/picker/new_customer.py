"""Makes a new customer without leaving the record."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, make_response, render_template, request

from bitrix24.errors import NotPermitted, PortalError
from waitlist.customers.create import Alike, Created, Creator, Question
from waitlist.customers.draft import LONGEST, Draft
from waitlist.models import CustomerRef, Kind
from web.board.render import Parts, answer
from web.forms import read_customers, read_ref
from web.frame import Frame, current_frame, wants_fragment
from web.http.i18n import gettext as _
from web.idempotency import new_attempt, read_attempt, same_attempt
from web.picker.search import records_elsewhere, typed
from web.presenters.customer_row import customer_row
from web.presenters.new_customer import DraftView, draft_view
from web.problems.problem import Problem, only_reads, problem_of
from web.record.answers import form_editor, say_failures

bp = Blueprint("creation", __name__)
say_failures(bp)
FIELD = "new_{}"
"""The form's fields stand among those of the editor, which has a note and customers of its own."""
ATTEMPT = FIELD.format("attempt")


@bp.post("/customers/new")
@only_reads
def new() -> Response:
    """The form, with what was typed into the search where it belongs."""
    frame, draft = current_frame(), Draft.of_text(Kind.CONTACT, typed())
    return _form(frame, draft_view(draft))


@bp.post("/customers/create")
def create() -> Response:
    """Creates the customer, or says why not, or who is there already."""
    frame = current_frame()
    if taken := request.form.get("take"):
        return _picked(frame, read_ref(taken))
    draft = _draft()
    if faults := draft.faults():
        return _form(frame, draft_view(draft, faults=faults), 422)
    try:
        creator = Creator(frame.context.customers, frame.context.attempts)
        anyway = "anyway" in request.form
        outcome = creator.create(read_attempt(ATTEMPT), draft, anyway=anyway)
    except PortalError as error:
        problem = _problem(error, draft.kind)
        view = draft_view(draft, problem=problem)
        return _form(frame, view, problem.status)
    if isinstance(outcome, Created):
        return _picked(frame, outcome.customer.ref)
    spent = isinstance(outcome, Alike) and outcome.ours
    return _form(frame, _asked(frame, draft, outcome), spent=spent)


def _asked(frame: Frame, draft: Draft, question: Question) -> DraftView:
    alike = question.customers if isinstance(question, Alike) else ()
    return draft_view(
        draft,
        question=question,
        chosen=read_customers(request.form),
        records=records_elsewhere(frame, alike),
    )


def _draft() -> Draft:
    kind = Kind.COMPANY if request.form.get(FIELD.format("kind")) == Kind.COMPANY else Kind.CONTACT
    texts = {name: request.form.get(FIELD.format(name), "") for name in LONGEST}
    return Draft(kind, {name: " ".join(text.split()) for name, text in texts.items()})


def _form(frame: Frame, view: DraftView, status: int = 200, *, spent: bool = False) -> Response:
    """The form, which goes on with its attempt unless that is `spent`: somebody was created."""
    attempt = new_attempt() if spent else same_attempt(ATTEMPT)
    view = replace(view, attempt=attempt)
    editor = None if wants_fragment() else form_editor(frame)
    return answer(frame, Parts(draft=view, query=typed(), editor=editor, status=status))


def _picked(frame: Frame, ref: CustomerRef) -> Response:
    """The customer as a row for the script, else the page with them among the others."""
    if wants_fragment():
        found = frame.context.customers.read([ref])
        picked = [customer_row(ref, found, (), ())] if found[ref].visible else []
        return make_response(
            render_template("picker/picked.html", picked=picked, hidden=not picked)
        )
    return answer(frame, Parts(editor=form_editor(frame, ref)))


def _problem(error: PortalError, kind: Kind) -> Problem:
    if not isinstance(error, NotPermitted) or error.code != "ACCESS_DENIED":
        return problem_of(error)
    contact = kind is Kind.CONTACT
    text = (
        _("You have no right to create contacts.")
        if contact
        else _("You have no right to create companies.")
    )
    return Problem(text, _("Ask your CRM administrator."), 403)
