"""The tab in a deal: puts the people of the deal on a record of the waiting list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from bitrix24.errors import PortalError
from waitlist.board.read import read_board
from waitlist.cards.deal import read_deal, replacing
from waitlist.cards.deal_link import DealLink, require_deal, unlink
from waitlist.errors import OutcomeUnknown, WaitlistError
from waitlist.models import CustomerRefs, Record, parse_id
from waitlist.records.create import create_record
from waitlist.records.edit import Conflict, Edit, Saved
from waitlist.records.save import add_customers, save
from waitlist.records.save import undo as undo_change
from web.cards.tab import open_tab, say_on_tab, tab_page, tab_parts
from web.forms import read_number, read_refs
from web.frame import Frame, current_frame, wants_fragment
from web.http.i18n import gettext as _
from web.idempotency import read_attempt
from web.presenters.deal_card import deal_view
from web.presenters.record_choice import pick_row, pick_rows
from web.presenters.save_result import SavedView, saved_view
from web.problems.problem import Problem, only_reads
from web.record.answers import half_done, taken_back

bp = Blueprint("deal", __name__, url_prefix="/card/deal")
say_on_tab(bp, "deal", lambda frame, problem: _page(frame, _deal_id(), problem=problem))


@bp.route("", methods=["GET", "POST"])
@only_reads
def show() -> Response:
    return open_tab(_page, _deal_id, read_number)


@bp.post("/records")
@only_reads
def records() -> Response:
    """The whole waiting list to choose from; `idle` says that nobody waits for it yet."""
    frame, deal_id = current_frame(), _deal_id()
    if not wants_fragment():
        return _page(frame, deal_id)
    if "idle" in request.form:
        frame = frame.in_background()
    picks = pick_rows(read_board(frame.context), read_refs(request.form, "all"))
    return _parts(frame, deal_id, picks=picks)


@bp.post("/put")
def put() -> Response:
    """First the customers, then the link: an empty record would fill itself from the deal. Two
    HTTP requests for a record that is there, three for a new one."""
    frame, deal_id, people = current_frame(), _deal_id(), read_refs(request.form, "customer")
    if not people:
        problem = Problem(_("Nobody is ticked."), _("Tick at least one customer."), 422)
        return _answer(frame, deal_id, problem=problem)
    # Without script a record is chosen by a button, whose value comes after the field's.
    number = request.form.getlist("record")[-1:]
    record_id = parse_id(number[0]) if number else 0
    link = DealLink(frame.context.client, deal_id)
    outcome = _put(frame, link, record_id, people)
    if isinstance(outcome, Conflict):
        return _clash(frame, deal_id)
    return _linked(frame, deal_id, link, outcome, made=not record_id)


@bp.post("/undo")
def undo() -> Response:
    frame, deal_id = current_frame(), _deal_id()
    record_id, change = (request.form.get(name, 0, parse_id) for name in ("record", "change"))
    require_deal(frame.context.client, deal_id)
    undone = SavedView(_("Undone."), record_id)
    if taken_back(frame, record_id, change):
        return _answer(frame, deal_id, undone)
    if frame.context.history.find(record_id, change) is None:
        raise NotFound
    unlinked = "linked" in request.form
    if unlinked:
        unlink(frame.context.client, record_id, deal_id)
    try:
        outcome = undo_change(frame.context, record_id, change)
    except (PortalError, WaitlistError) as error:
        if not unlinked or isinstance(error, OutcomeUnknown):
            raise
        text = _("The deal is unlinked, but its customers are still on the record.")
        return _answer(frame, deal_id, problem=half_done(frame, error, text))
    if outcome is None or isinstance(outcome, Conflict):
        return _clash(frame, deal_id)
    return _answer(frame, deal_id, undone, outcome.record)


def _put(frame: Frame, link: DealLink, record_id: int, people: CustomerRefs) -> Saved | Conflict:
    context = frame.context
    if not record_id:
        return create_record(context, read_attempt(), people, "", hook=link)
    if "replace" not in request.form:
        return add_customers(context, record_id, people, hook=link)
    base = read_refs(request.form, "base")
    edit = Edit(base, replacing(people, base, context.customers))
    return save(context, record_id, edit, hook=link)


def _linked(frame: Frame, deal_id: int, link: DealLink, outcome: Saved, *, made: bool) -> Response:
    record, linked, problem = outcome.record, False, None
    try:
        # The links of a new record are ours, also where an earlier request has made them.
        linked = link.finish(record.id) or made
    except (PortalError, WaitlistError) as error:
        text = _("The customers are saved, but the deal could not be linked to the record.")
        problem = half_done(frame, error, text)
    text = _("Saved.") if outcome.change or linked else _("They are already on this record.")
    saved = saved_view(text, outcome, made=made)
    return _answer(frame, deal_id, saved, record, linked=linked, problem=problem)


def _clash(frame: Frame, deal_id: int) -> Response:
    problem = Problem(
        _("Somebody else has changed this record since. Nothing was saved."),
        _("Open this tab again to see who is on it."),
        409,
    )
    return _answer(frame, deal_id, problem=problem)


def _answer(
    frame: Frame,
    deal_id: int,
    saved: SavedView | None = None,
    record: Record | None = None,
    *,
    linked: bool = False,
    problem: Problem | None = None,
) -> Response:
    """The record as it is now, or that it is gone; without script the whole tab."""
    if not wants_fragment():
        return _page(frame, deal_id, saved, linked=linked, problem=problem)
    pick = None
    if record:
        names = frame.context.customers.read(record.customers)
        pick = pick_row(record, read_refs(request.form, "all"), names)
    return _parts(frame, deal_id, saved=saved, pick=pick, linked=linked, problem=problem)


def _page(
    frame: Frame,
    deal_id: int,
    saved: SavedView | None = None,
    *,
    linked: bool = False,
    problem: Problem | None = None,
) -> Response:
    """The whole tab: two requests to the portal."""

    def parts() -> Iterator[tuple[str, object]]:
        yield "view", deal_view(read_deal(frame.context, deal_id))

    return tab_page(
        "cards/deal.html",
        frame,
        parts(),
        deal_id=deal_id,
        saved=saved,
        linked=linked,
        problem=problem,
    )


def _parts(frame: Frame, deal_id: int, **parts: Any) -> Response:
    return tab_parts("cards/deal_parts.html", frame, deal_id=deal_id, **parts)


def _deal_id() -> int:
    return read_number(request.form.get("deal", ""))
