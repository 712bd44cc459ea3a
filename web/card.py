"""The tab in the card of a contact or a company: the records on which this customer waits."""

from __future__ import annotations

from flask import Blueprint, Response, g, make_response, render_template, request
from werkzeug.exceptions import NotFound

from bitrix24.errors import PortalError
from waitlist.errors import WaitlistError
from waitlist.joining import put_on, take_off
from waitlist.merge import Customers, unique
from waitlist.models import CustomerRef, Kind, Record, parse_id
from waitlist.reverse import read_waiting
from waitlist.save import Conflict, Saved
from web.attempts import new_attempt, read_attempt, same_attempt
from web.editing import failed, said_of, taken_back
from web.edits import BadForm, read_customer, read_note, read_refs
from web.frame import FIELD, Frame, current_frame, open_frame, wants_fragment
from web.i18n import gettext as _
from web.launches import accept_launch
from web.pages import message_page, not_saved_page, open_from_portal, said_when
from web.problems import Problem, only_reads
from web.views.card import card_view, count_text, waiting_row
from web.views.outcomes import SavedView, saved_view
from web.views.picking import pick_rows

bp = Blueprint("card", __name__, url_prefix="/card")


@bp.route("/contact", methods=["GET", "POST"])
@only_reads
def contact() -> Response:
    return _tab(Kind.CONTACT)


@bp.route("/company", methods=["GET", "POST"])
@only_reads
def company() -> Response:
    return _tab(Kind.COMPANY)


@bp.post("/records")
@only_reads
def records() -> Response:
    """The waiting list to choose a record from."""
    frame, customer = current_frame(), read_customer(request.form)
    if not wants_fragment():
        return _page(frame, customer, panel="add")
    picks = pick_rows(frame.read_board(), [customer])
    return _parts(frame, customer, panel="add", picks=picks)


@bp.post("/new")
@only_reads
def new() -> Response:
    return _page(current_frame(), read_customer(request.form), panel="new")


@bp.post("/add")
def add() -> Response:
    frame, customer = current_frame(), read_customer(request.form)
    return _saved(frame, customer, put_on(frame.saver, _record_id(), _together(customer)))


@bp.post("/create")
def create() -> Response:
    frame, customer = current_frame(), read_customer(request.form)
    people, note = _together(customer), read_note(request.form)
    outcome = frame.maker().make(read_attempt(), people, note)
    if isinstance(outcome, Conflict):
        return _clash(frame, customer)
    return _saved(frame, customer, outcome, made=True)


@bp.post("/remove")
def remove() -> Response:
    frame, customer = current_frame(), read_customer(request.form)
    return _saved(frame, customer, take_off(frame.saver, _record_id(), (customer,)))


@bp.post("/undo")
def undo() -> Response:
    frame, customer, record_id = current_frame(), read_customer(request.form), _record_id()
    change = request.form.get("change", 0, parse_id)
    if taken_back(frame, record_id, change):
        return _answer(frame, customer, Record(record_id), SavedView(_("Undone."), record_id))
    outcome = frame.saver.undo(record_id, change)
    if outcome is None:
        raise NotFound
    if isinstance(outcome, Conflict):
        return _clash(frame, customer)
    return _answer(frame, customer, outcome.record, SavedView(_("Undone."), record_id))


@bp.errorhandler(PortalError)
@bp.errorhandler(WaitlistError)
def say(error: Exception) -> Response:
    """Says what went wrong on the tab it belongs to."""
    frame: Frame | None = g.get("frame")
    if frame is None or wants_fragment() or "customer" not in request.form:
        return failed(error)
    return _page(frame, read_customer(request.form), problem=said_of(frame, error))


def _tab(kind: Kind) -> Response:
    """A launch opens the tab, or its session opens it again."""
    if request.method != "POST":
        return open_from_portal()
    if FIELD in request.form:
        return _page(current_frame(), read_customer(request.form))
    visit = accept_launch()
    try:
        customer = CustomerRef.parse(f"{kind}:{visit.launch.options.get('ID', '')}")
    except ValueError:
        return not_saved_page()
    return _page(open_frame(visit.launch, visit.administrator), customer)


def _page(
    frame: Frame,
    customer: CustomerRef,
    saved: SavedView | None = None,
    *,
    panel: str = "",
    problem: Problem | None = None,
) -> Response:
    """The whole tab: two requests to the portal, and more to choose from the whole list."""
    view, picks, until = None, None, frame.tracker.until()
    try:
        waiting = read_waiting(frame.client, frame.reader, frame.tracker, customer, frame.today)
        if not waiting.customer.visible:
            return message_page(
                _("Waiting list"),
                _("CRM does not show this customer to you."),
                _("Ask your CRM administrator."),
                403,
            )
        view = card_view(waiting)
        if panel == "add":
            picks = pick_rows(frame.read_board(), [customer])
    except (PortalError, WaitlistError) as error:
        problem = problem or said_of(frame, error)
    page = render_template(
        "card.html",
        session=frame.value,
        customer=customer,
        view=view,
        saved=saved,
        panel=panel,
        picks=picks,
        problem=problem,
        until=until,
        attempt=same_attempt() if problem and not saved else new_attempt(),
    )
    return said_when(make_response(page, problem.status if problem else 200), problem)


def _saved(frame: Frame, customer: CustomerRef, outcome: Saved, *, made: bool = False) -> Response:
    text = _("Saved.") if outcome.change else _("Nothing had to be changed.")
    return _answer(frame, customer, outcome.record, saved_view(text, outcome, made=made))


def _answer(frame: Frame, customer: CustomerRef, record: Record, saved: SavedView) -> Response:
    """The record as it is now; for a browser without script the whole tab."""
    if not wants_fragment():
        return _page(frame, customer, saved)
    names = frame.reader.read(record.customers)
    row = waiting_row(record, customer, names)
    shown = set(request.form.getlist("on")) - {str(record.id)}
    count = count_text(len(shown) + row.here)
    return _parts(frame, customer, row=row, count=count, saved=saved)


def _clash(frame: Frame, customer: CustomerRef) -> Response:
    """To go back needs a choice that only the editor can offer."""
    problem = Problem(
        _("Somebody else has changed this record since. Nothing was changed back."),
        _("Open the record and choose what to keep."),
        409,
    )
    if not wants_fragment():
        return _page(frame, customer, problem=problem)
    return _parts(frame, customer, problem=problem)


def _parts(frame: Frame, customer: CustomerRef, **parts: object) -> Response:
    problem = parts.get("problem")
    body = render_template(
        "card_parts.html",
        session=frame.value,
        customer=customer,
        attempt=new_attempt(),
        **parts,
    )
    return make_response(body, problem.status if isinstance(problem, Problem) else 200)


def _together(customer: CustomerRef) -> Customers:
    """The customer with those who were ticked, people before the company they belong to."""
    return unique((*read_refs(request.form, "person"), customer))


def _record_id() -> int:
    record_id = parse_id(request.form.get("record", ""))
    if not record_id:
        raise BadForm("not a record")
    return record_id
