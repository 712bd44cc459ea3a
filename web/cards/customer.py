"""The tab in the card of a contact or a company: the records on which this customer waits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from waitlist.board.read import read_board
from waitlist.cards.customer import read_waiting
from waitlist.models import CustomerRef, CustomerRefs, Kind, Record, parse_id
from waitlist.records.create import create_record
from waitlist.records.edit import Conflict, Saved, unique
from waitlist.records.save import add_customers, remove_customers
from waitlist.records.save import undo as undo_change
from web.cards.tab import open_tab, say_on_tab, tab_page, tab_parts
from web.forms import read_customer, read_note, read_number, read_refs
from web.frame import Frame, current_frame, wants_fragment
from web.http.i18n import gettext as _
from web.idempotency import read_attempt
from web.presenters.customer_card import card_view, count_text, waiting_row
from web.presenters.record_choice import pick_rows
from web.presenters.save_result import SavedView, saved_view
from web.problems.problem import Problem, only_reads
from web.record.answers import taken_back

bp = Blueprint("card", __name__, url_prefix="/card")
say_on_tab(bp, "customer", lambda frame, problem: _page(frame, _customer(), problem=problem))


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
    frame, customer = current_frame(), _customer()
    if not wants_fragment():
        return _page(frame, customer, panel="add")
    picks = pick_rows(read_board(frame.context), [customer])
    return _parts(frame, customer, panel="add", picks=picks)


@bp.post("/new")
@only_reads
def new() -> Response:
    return _page(current_frame(), _customer(), panel="new")


@bp.post("/add")
def add() -> Response:
    frame, customer = current_frame(), _customer()
    outcome = add_customers(frame.context, _record_id(), _together(customer))
    return _saved(frame, customer, outcome)


@bp.post("/create")
def create() -> Response:
    frame, customer = current_frame(), _customer()
    people, note = _together(customer), read_note(request.form)
    outcome = create_record(frame.context, read_attempt(), people, note)
    if isinstance(outcome, Conflict):
        return _clash(frame, customer)
    return _saved(frame, customer, outcome, made=True)


@bp.post("/remove")
def remove() -> Response:
    frame, customer = current_frame(), _customer()
    outcome = remove_customers(frame.context, _record_id(), (customer,))
    return _saved(frame, customer, outcome)


@bp.post("/undo")
def undo() -> Response:
    frame, customer, record_id = current_frame(), _customer(), _record_id()
    change = request.form.get("change", 0, parse_id)
    if taken_back(frame, record_id, change):
        return _answer(frame, customer, Record(record_id), SavedView(_("Undone."), record_id))
    outcome = undo_change(frame.context, record_id, change)
    if outcome is None:
        raise NotFound
    if isinstance(outcome, Conflict):
        return _clash(frame, customer)
    return _answer(frame, customer, outcome.record, SavedView(_("Undone."), record_id))


def _tab(kind: Kind) -> Response:
    return open_tab(_page, _customer, lambda number: CustomerRef.parse(f"{kind}:{number}"))


def _page(
    frame: Frame,
    customer: CustomerRef,
    saved: SavedView | None = None,
    *,
    panel: str = "",
    problem: Problem | None = None,
) -> Response:
    """The whole tab: two requests to the portal, and more to choose from the whole list."""

    def parts() -> Iterator[tuple[str, object]]:
        yield "view", card_view(read_waiting(frame.context, customer))
        if panel == "add":
            yield "picks", pick_rows(read_board(frame.context), [customer])

    return tab_page(
        "cards/customer.html",
        frame,
        parts(),
        customer=customer,
        saved=saved,
        panel=panel,
        problem=problem,
    )


def _saved(frame: Frame, customer: CustomerRef, outcome: Saved, *, made: bool = False) -> Response:
    text = _("Saved.") if outcome.change else _("Nothing had to be changed.")
    return _answer(frame, customer, outcome.record, saved_view(text, outcome, made=made))


def _answer(frame: Frame, customer: CustomerRef, record: Record, saved: SavedView) -> Response:
    """The record as it is now; for a browser without script the whole tab."""
    if not wants_fragment():
        return _page(frame, customer, saved)
    names = frame.context.customers.read(record.customers)
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


def _parts(frame: Frame, customer: CustomerRef, **parts: Any) -> Response:
    return tab_parts("cards/customer_parts.html", frame, customer=customer, **parts)


def _customer() -> CustomerRef:
    return read_customer(request.form)


def _together(customer: CustomerRef) -> CustomerRefs:
    """The customer with those who were ticked, people before the company they belong to."""
    return unique((*read_refs(request.form, "person"), customer))


def _record_id() -> int:
    return read_number(request.form.get("record", ""))
