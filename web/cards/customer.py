"""The tab in the card of a contact or a company: the records of this customer."""

from dataclasses import dataclass

from flask import Response, request
from werkzeug.exceptions import NotFound

from bitrix24.ids import parse_id
from waitlist.board.read import read_board
from waitlist.booking.back import move_back
from waitlist.cards.customer import read_card
from waitlist.context import UserContext
from waitlist.models import CustomerRef, CustomerRefs, Kind, Record
from waitlist.records.create import create_record
from waitlist.records.edit import Conflict, Saved, unique
from waitlist.records.read import read_record
from waitlist.records.remove import remove_if_untouched
from waitlist.records.save import add_customers, remove_customers
from waitlist.records.save import undo as undo_change
from web.cards.tab import open_tab, tab_page, tab_parts
from web.error_handlers import create_blueprint
from web.forms import read_customer, read_note, read_number, read_refs, read_undo
from web.frame import Frame, current_frame
from web.http.i18n import gettext as _
from web.http.skeleton import Page
from web.idempotency import read_attempt
from web.presenters.booking.words import returned_text
from web.presenters.customer_card import Count, card_view, waiting_row
from web.presenters.customer_row import name_of
from web.presenters.record_picks import pick_rows
from web.presenters.save_result import SavedView, saved_view, with_remarks
from web.problems.pages import problem_part
from web.problems.problem import Problem, only_reads

bp = create_blueprint("card", __name__, url_prefix="/card")
TEMPLATE = "cards/customer.html"


@dataclass(frozen=True, slots=True)
class CustomerTabForm:
    """What the tab's script sends with every change: the customer, and the records `shown`."""

    customer: CustomerRef
    shown: frozenset[int]


@bp.route("/contact", methods=["GET", "POST"])
@only_reads
def contact() -> Response:
    return _open(Kind.CONTACT)


@bp.route("/company", methods=["GET", "POST"])
@only_reads
def company() -> Response:
    return _open(Kind.COMPANY)


@bp.post("/records")
@only_reads
def records() -> Response:
    """Show the waiting list to choose a record from."""
    context, customer = current_frame().context, read_customer(request.form)
    board = read_board(context)
    picks = pick_rows(board, [customer])
    return tab_parts("cards/customer_picks.html", picks=picks, unread=board.unread)


@bp.post("/add")
def add() -> Response:
    context, form = current_frame().context, _read_form()
    outcome = add_customers(context, _read_record_id(), _read_people(form.customer))
    return _answer_save(context, form, outcome)


@bp.post("/create")
def create() -> Response:
    context, form = current_frame().context, _read_form()
    people, note = _read_people(form.customer), read_note(request.form)
    attempt, anyway = read_attempt(request.form), "anyway" in request.form
    outcome = create_record(context, attempt, people, note, anyway=anyway)
    if isinstance(outcome, Conflict):
        return _answer_conflict()
    return _answer_save(context, form, outcome, made=True)


@bp.post("/remove")
def remove() -> Response:
    context, form = current_frame().context, _read_form()
    outcome = remove_customers(context, _read_record_id(), (form.customer,))
    return _answer_save(context, form, outcome)


@bp.post("/undo")
def undo() -> Response:
    context, form, record_id = current_frame().context, _read_form(), _read_record_id()
    undoing = read_undo(request.form)
    if undoing.made and remove_if_untouched(context, record_id, undoing.change, undoing.seen_note):
        return _answer(context, form, Record(record_id), SavedView(_("Undone."), record_id))
    outcome = undo_change(context, record_id, undoing.change)
    if outcome is None:
        raise NotFound
    if isinstance(outcome, Conflict):
        return _answer_conflict()
    undone = with_remarks(_("Undone."), outcome)
    return _answer(context, form, outcome.record, SavedView(undone, record_id))


@bp.post("/back")
def back() -> Response:
    """Make a record of a coming booking again."""
    context, form = current_frame().context, _read_form()
    booking_id = read_number(request.form.get("booking", ""))
    record = read_record(context.client, move_back(context, booking_id))
    saved = SavedView(returned_text(record.id), record.id)
    return _answer(context, form, record, saved, left=booking_id)


def _open(kind: Kind) -> Response:
    return open_tab(
        TEMPLATE,
        _page,
        lambda: read_customer(request.form),
        lambda number: CustomerRef.parse(f"{kind}:{number}"),
    )


def _page(frame: Frame, customer: CustomerRef) -> Page:
    """Return the whole tab. Two HTTP requests."""
    return tab_page(
        TEMPLATE,
        frame,
        lambda: card_view(read_card(frame.context, customer), frame.context.client.zone()),
        customer=customer,
    )


def _answer_save(
    context: UserContext, form: CustomerTabForm, outcome: Saved, *, made: bool = False
) -> Response:
    text = _("Saved.") if outcome.changed else _("Nothing to change.")
    text = with_remarks(text, outcome)
    return _answer(context, form, outcome.record, saved_view(text, outcome, made=made))


def _answer(
    context: UserContext, form: CustomerTabForm, record: Record, saved: SavedView, *, left: int = 0
) -> Response:
    """Show the record as it is now, and how many records the customer is on.

    `left` is the booking that it was before.
    """
    names = context.customers.read((*record.customers, form.customer))
    row = waiting_row(record, form.customer, names)
    here = len(form.shown - {record.id}) + row.here
    return tab_parts(
        "cards/customer_parts.html",
        customer=form.customer,
        row=row,
        count=Count(name_of(form.customer, names), here),
        saved=saved,
        left=left,
    )


def _answer_conflict() -> Response:
    """Say that an undo needs a choice, which only the editor offers."""
    return problem_part(
        Problem(
            _("Someone else has changed this record since then. Nothing was undone."),
            _("Open the record and choose what to keep."),
            409,
        )
    )


def _read_form() -> CustomerTabForm:
    shown = frozenset(map(parse_id, request.form.getlist("on")))
    return CustomerTabForm(read_customer(request.form), shown)


def _read_people(customer: CustomerRef) -> CustomerRefs:
    """Read the selected contacts, followed by the company or contact they belong to."""
    return unique((*read_refs(request.form, "person"), customer))


def _read_record_id() -> int:
    return read_number(request.form.get("record", ""))
