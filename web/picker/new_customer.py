"""Creates a new customer without leaving the record."""

from dataclasses import dataclass, replace

from flask import Response, request

from bitrix24.errors import NotPermitted, PortalError
from waitlist.customers.create import Alike, Creator, Question
from waitlist.customers.draft import LONGEST, Draft
from waitlist.models import Customer, Kind
from waitlist.records.delete_customer import delete_created
from web.error_handlers import create_blueprint
from web.forms import PickerForm, read_customer, read_picker, read_refs
from web.frame import Frame, current_frame
from web.http.i18n import gettext as _
from web.idempotency import new_attempt, read_attempt
from web.presenters.customer_row import customer_row, name_of
from web.presenters.new_customer import DraftView, company_rows, draft_row, draft_view
from web.problems.pages import render
from web.problems.problem import Problem, only_reads, problem_of

bp = create_blueprint("new_customer", __name__)
FIELD = "new_{}"
"""The form's fields are sent together with those of the editor, which has a note of its own."""
ATTEMPT = FIELD.format("attempt")


@bp.post("/customers/new")
@only_reads
def new() -> Response:
    """Show the form, filled with what was typed into the search."""
    picker = read_picker(request.form)
    draft = Draft.of_text(Kind.CONTACT, picker.query)
    companies = tuple(ref.id for ref in picker.chosen if ref.kind is Kind.COMPANY)
    form = NewCustomerForm(
        current_frame(), picker, replace(draft, companies=companies), new_attempt(), despite=False
    )
    return _answer_form(form, draft_view(draft))


@bp.post("/customers/check")
@only_reads
def check() -> Response:
    """Answer with a row for the editor. The customer is created when the record is saved.

    Shows the form again where the customer could not be created, or CRM has similar ones.
    """
    form = _read_form(current_frame())
    if answer := _refuse(form):
        return answer
    try:
        question = None if form.despite else _creator(form.frame).check(form.draft)
    except PortalError as error:
        return _answer_error(form, error)
    if question:
        return _answer_form(form, _ask(form, question))
    row = draft_row(form.draft, form.attempt, despite=form.despite)
    return render("picker/picked.html", picked=[row], hidden=False)


@bp.post("/customers/create")
def create() -> Response:
    """Create the customer, or show the form again: with its faults, or with similar customers."""
    form = replace(_read_form(current_frame()), saving=True)
    if answer := _refuse(form):
        return answer
    anyway = "anyway" in request.form
    try:
        outcome = _creator(form.frame).create(
            form.attempt, form.draft, despite=form.despite, anyway=anyway
        )
    except PortalError as error:
        return _answer_error(form, error)
    if isinstance(outcome, Customer):
        return _answer_created(form, outcome)
    if isinstance(outcome, Alike) and outcome.ours:
        # This attempt has created a customer. Another one needs another attempt.
        form = replace(form, attempt=new_attempt())
    return _answer_form(form, _ask(form, outcome))


@bp.post("/customers/delete")
def delete() -> Response:
    """Delete the customer that this attempt has created, unless it is on a record."""
    context, ref = current_frame().context, read_customer(request.form)
    names = context.customers.read([ref])
    delete_created(context, read_attempt(request.form, ATTEMPT), ref)
    name = name_of(ref, names)
    return render("picker/deleted.html", key=ref.key, name=name)


@dataclass(frozen=True, slots=True)
class NewCustomerForm:
    """What the form sends. `despite` says that similar customers were shown before.

    The record is being saved when the form is shown while `saving`.
    """

    frame: Frame
    picker: PickerForm
    draft: Draft
    attempt: str
    despite: bool
    saving: bool = False


def _read_form(frame: Frame) -> NewCustomerForm:
    form = request.form
    kind = Kind.COMPANY if form.get(FIELD.format("kind")) == Kind.COMPANY else Kind.CONTACT
    draft = Draft.of_fields(kind, {name: form.get(FIELD.format(name), "") for name in LONGEST})
    person_of = FIELD.format("person_of") in form
    companies = read_refs(form, FIELD.format("person_of" if person_of else "company"))
    if kind is Kind.CONTACT:
        known = frame.context.customers.read(companies)
        ids = tuple(one.id for one in companies if known[one].visible)
        draft = replace(draft, companies=ids)
    despite = person_of or FIELD.format("despite") in form
    attempt = read_attempt(form, ATTEMPT)
    return NewCustomerForm(frame, read_picker(form), draft, attempt, despite)


def _creator(frame: Frame) -> Creator:
    return Creator(frame.context.customers, frame.context.attempts)


def _refuse(form: NewCustomerForm) -> Response | None:
    faults = form.draft.faults()
    return _answer_form(form, draft_view(form.draft, faults=faults), 422) if faults else None


def _answer_error(form: NewCustomerForm, error: PortalError) -> Response:
    problem = _describe(error, form.draft.kind)
    return _answer_form(form, draft_view(form.draft, problem=problem), problem.status)


def _ask(form: NewCustomerForm, question: Question) -> DraftView:
    alike = question.customers if isinstance(question, Alike) else ()
    refs = [customer.ref for customer in alike]
    records = form.frame.context.tracker.other_records(refs, form.picker.record_id)
    return draft_view(form.draft, question=question, chosen=form.picker.chosen, records=records)


def _answer_form(form: NewCustomerForm, view: DraftView, status: int = 200) -> Response:
    """Show the form. Contacts may become contact persons of the companies on the record."""
    customers = form.frame.context.customers.cached()
    companies = {one.ref: one for one in customers if one.ref in form.picker.chosen}
    shown = replace(
        view,
        attempt=form.attempt,
        saving=form.saving,
        despite=form.despite,
        companies=company_rows(companies, form.draft),
    )
    return render("picker/new_customer.html", status, draft=shown)


def _answer_created(form: NewCustomerForm, customer: Customer) -> Response:
    """Return the customer as a row for the editor, if this user may see the customer."""
    found = form.frame.context.customers.read([customer.ref])
    visible = found[customer.ref].visible
    picked = [customer_row(customer.ref, found, (), ())] if visible else []
    return render("picker/picked.html", picked=picked, hidden=not visible, attempt=form.attempt)


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
