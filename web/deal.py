"""The tab in a deal: puts the people of the deal on a record of the waiting list."""

from __future__ import annotations

from flask import Blueprint, Response, g, make_response, render_template, request
from werkzeug.exceptions import NotFound

from bitrix24.errors import PortalError
from waitlist.deals import Deal, read_deal, replacing
from waitlist.errors import DealNotShown, OutcomeUnknown, WaitlistError
from waitlist.joining import put_on
from waitlist.linking import DealLink, require_deal, unlink
from waitlist.merge import Customers
from waitlist.models import Record, parse_id
from waitlist.save import Conflict, Edit, Saved, Saver
from web.attempts import new_attempt, read_attempt, same_attempt
from web.editing import failed, half_done, said_of, taken_back
from web.edits import BadForm, read_refs
from web.frame import FIELD, Frame, current_frame, open_frame, wants_fragment
from web.i18n import gettext as _
from web.launches import accept_launch
from web.pages import message_page, not_saved_page, open_from_portal, said_when
from web.problems import Problem, only_reads
from web.views.deal import deal_view
from web.views.outcomes import SavedView, saved_view
from web.views.picking import pick_row, pick_rows

bp = Blueprint("deal", __name__, url_prefix="/card/deal")


@bp.route("", methods=["GET", "POST"])
@only_reads
def show() -> Response:
    """A launch opens the tab, or its session opens it again."""
    if request.method != "POST":
        return open_from_portal()
    if FIELD in request.form:
        return _page(current_frame(), _deal_id())
    visit = accept_launch()
    deal_id = parse_id(visit.launch.options.get("ID", ""))
    if not deal_id:
        return not_saved_page()
    return _page(open_frame(visit.launch, visit.administrator), deal_id)


@bp.post("/records")
@only_reads
def records() -> Response:
    """The whole waiting list to choose from; `idle` says that nobody waits for it yet."""
    frame, deal_id = current_frame(), _deal_id()
    if not wants_fragment():
        return _page(frame, deal_id)
    if "idle" in request.form:
        frame = frame.in_background()
    picks = pick_rows(frame.read_board(), read_refs(request.form, "all"))
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
    link = DealLink(frame.client, deal_id)
    outcome = _put(frame, frame.saver.beside(link), record_id, people)
    if isinstance(outcome, Conflict):
        return _clash(frame, deal_id)
    return _linked(frame, deal_id, link, outcome, made=not record_id)


@bp.post("/undo")
def undo() -> Response:
    frame, deal_id, record_id = (
        current_frame(),
        _deal_id(),
        parse_id(request.form.get("record", "")),
    )
    change = request.form.get("change", 0, parse_id)
    require_deal(frame.client, deal_id)
    undone = SavedView(_("Undone."), record_id)
    if taken_back(frame, record_id, change):
        return _answer(frame, deal_id, undone)
    if frame.history.find(record_id, change) is None:
        raise NotFound
    unlinked = "linked" in request.form
    if unlinked:
        unlink(frame.client, record_id, deal_id)
    try:
        outcome = frame.saver.undo(record_id, change)
    except (PortalError, WaitlistError) as error:
        if not unlinked or isinstance(error, OutcomeUnknown):
            raise
        text = _("The deal is unlinked, but its customers are still on the record.")
        return _answer(frame, deal_id, problem=half_done(frame, error, text))
    if outcome is None or isinstance(outcome, Conflict):
        return _clash(frame, deal_id)
    return _answer(frame, deal_id, undone, outcome.record)


@bp.errorhandler(PortalError)
@bp.errorhandler(WaitlistError)
def say(error: Exception) -> Response:
    """Says what went wrong on the tab it belongs to."""
    frame: Frame | None = g.get("frame")
    if frame is None or wants_fragment() or "deal" not in request.form:
        return failed(error)
    return _page(frame, _deal_id(), problem=said_of(frame, error))


def _put(frame: Frame, saver: Saver, record_id: int, people: Customers) -> Saved | Conflict:
    if not record_id:
        return frame.maker(saver).make(read_attempt(), people, "")
    if "replace" not in request.form:
        return put_on(saver, record_id, people)
    base = read_refs(request.form, "base")
    return saver.save(record_id, Edit(base, replacing(people, base, frame.reader)))


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
        names = frame.reader.read(record.customers)
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
    deal: Deal | None = None
    until = frame.tracker.until()
    try:
        deal = read_deal(frame.client, frame.reader, frame.tracker, deal_id, frame.today)
    except DealNotShown as error:
        hidden = said_of(frame, error)
        return message_page(_("Waiting list"), hidden.text, hidden.step, hidden.status)
    except (PortalError, WaitlistError) as error:
        problem = problem or said_of(frame, error)
    page = render_template(
        "deal.html",
        session=frame.value,
        deal_id=deal_id,
        view=deal_view(deal) if deal else None,
        saved=saved,
        linked=linked,
        problem=problem,
        until=until,
        attempt=same_attempt() if problem and not saved else new_attempt(),
    )
    return said_when(make_response(page, problem.status if problem else 200), problem)


def _parts(frame: Frame, deal_id: int, **parts: object) -> Response:
    problem = parts.get("problem")
    body = render_template(
        "deal_parts.html", session=frame.value, deal_id=deal_id, attempt=new_attempt(), **parts
    )
    return make_response(body, problem.status if isinstance(problem, Problem) else 200)


def _deal_id() -> int:
    deal_id = parse_id(request.form.get("deal", ""))
    if not deal_id:
        raise BadForm("not a deal")
    return deal_id
