"""The tab in a deal: puts the customers of the deal on a record of the waiting list."""

from dataclasses import dataclass, replace

from flask import Response, request
from werkzeug.exceptions import NotFound

from bitrix24.errors import PortalError
from waitlist.board.read import read_board
from waitlist.cards.deal import read_deal, replace_visible
from waitlist.cards.deal_link import DealLink, require_deal, unlink
from waitlist.context import UserContext
from waitlist.errors import OutcomeUnknown, WaitlistError
from waitlist.models import CustomerRefs, Record
from waitlist.records.create import create_record
from waitlist.records.edit import Conflict, Edit, Saved
from waitlist.records.remove import remove_if_untouched
from waitlist.records.save import add_customers, save
from waitlist.records.save import undo as undo_change
from web.cards.tab import open_tab, tab_page, tab_parts
from web.error_handlers import create_blueprint, describe_half_done
from web.forms import read_id, read_note, read_number, read_refs, read_undo
from web.frame import Frame, current_frame
from web.http.i18n import gettext as _
from web.http.skeleton import Page
from web.idempotency import read_attempt
from web.presenters.deal_card import deal_view
from web.presenters.record_picks import pick_row, pick_rows
from web.presenters.save_result import SavedView, saved_view, with_remarks
from web.problems.pages import problem_part
from web.problems.problem import Problem, only_reads

bp = create_blueprint("deal", __name__, url_prefix="/card/deal")
TEMPLATE = "cards/deal.html"


@dataclass(frozen=True, slots=True)
class DealTabForm:
    """What the tab's script sends with every change.

    The deal, the record that is chosen (0 for a new one), the customers of the deal that this user
    may see, and whether to link the deal to the record.
    """

    deal_id: int
    record_id: int
    people: CustomerRefs
    link: bool


@bp.route("", methods=["GET", "POST"])
@only_reads
def show() -> Response:
    return open_tab(TEMPLATE, _page, _read_deal_id, read_number)


@bp.post("/records")
@only_reads
def records() -> Response:
    """Show the whole waiting list to choose from. `idle` says that no user waits for it yet."""
    frame = current_frame()
    if "idle" in request.form:
        frame = frame.in_background()
    board = read_board(frame.context)
    picks = pick_rows(board, read_refs(request.form, "all"))
    return tab_parts("cards/deal_picks.html", picks=picks, unread=board.unread)


@bp.post("/put")
def put() -> Response:
    """Save the selected customers, then link the deal if the user wants that.

    The other way round, an empty record would be filled from the deal. Costs two HTTP requests for
    an existing record, three for a new one.
    """
    context, form = current_frame().context, _read_form()
    selected = read_refs(request.form, "customer")
    if not selected:
        problem = Problem(_("No one is selected."), _("Select at least one customer."), 422)
        return problem_part(problem)
    link = DealLink(context, form.deal_id) if form.link else None
    outcome: Saved | Conflict
    if not form.record_id:
        note, attempt = read_note(request.form), read_attempt(request.form)
        anyway = "anyway" in request.form
        outcome = create_record(context, attempt, selected, note, hook=link, anyway=anyway)
    elif "replace" in request.form:
        base = read_refs(request.form, "base")
        wanted = replace_visible(context.customers, base, selected)
        outcome = save(context, form.record_id, Edit(base, wanted), hook=link)
    else:
        outcome = add_customers(context, form.record_id, selected, hook=link)
    if isinstance(outcome, Conflict):
        return _answer_conflict()
    return _finish_link(context, form, link, outcome)


@bp.post("/undo")
def undo() -> Response:
    context, form, undoing = current_frame().context, _read_form(), read_undo(request.form)
    require_deal(context, form.deal_id)
    undone = SavedView(_("Undone."), form.record_id)
    if undoing.made and remove_if_untouched(
        context, form.record_id, undoing.change, undoing.seen_note
    ):
        return _answer(context, form, undone)
    if context.history.find(form.record_id, undoing.change) is None:
        raise NotFound
    unlinked = "linked" in request.form
    if unlinked:
        unlink(context, form.record_id, form.deal_id)
    try:
        outcome = undo_change(context, form.record_id, undoing.change)
    except (PortalError, WaitlistError) as error:
        if not unlinked or isinstance(error, OutcomeUnknown):
            raise
        text = _("The deal is unlinked, but its customers are still on the record.")
        return problem_part(describe_half_done(context, error, text))
    if outcome is None or isinstance(outcome, Conflict):
        return _answer_conflict()
    undone = replace(undone, text=with_remarks(undone.text, outcome))
    return _answer(context, form, undone, outcome.record)


def _page(frame: Frame, deal_id: int) -> Page:
    """Return the whole tab. Two HTTP requests."""
    return tab_page(
        TEMPLATE, frame, lambda: deal_view(read_deal(frame.context, deal_id)), deal_id=deal_id
    )


def _finish_link(
    context: UserContext, form: DealTabForm, link: DealLink | None, outcome: Saved
) -> Response:
    """Link the deal unless that is done already, and answer with what was saved."""
    record, made = outcome.record, not form.record_id
    linked, problem = False, None
    try:
        # An earlier request may have linked the new record. *Undo* has to unlink it all the same.
        linked = link is not None and (link.finish(record.id) or made)
    except (PortalError, WaitlistError) as error:
        text = _("The customers are saved, but the deal could not be linked to the record.")
        if isinstance(error, OutcomeUnknown):
            text = _(
                "The customers are saved, but we can't tell yet whether the deal is linked to the "
                "record."
            )
        problem = describe_half_done(context, error, text)
    text = _("Saved.") if outcome.changed or linked else _("They are already on this record.")
    saved = saved_view(with_remarks(text, outcome), outcome, made=made)
    return _answer(context, form, saved, record, linked=linked, problem=problem)


def _answer(
    context: UserContext,
    form: DealTabForm,
    saved: SavedView,
    record: Record | None = None,
    *,
    linked: bool = False,
    problem: Problem | None = None,
) -> Response:
    """Show the record as it is now, or that it is gone."""
    pick = record and pick_row(record, form.people, context.customers.read(record.customers))
    return tab_parts(
        "cards/deal_parts.html",
        deal_id=form.deal_id,
        saved=saved,
        pick=pick,
        linked=linked,
        problem=problem,
    )


def _answer_conflict() -> Response:
    return problem_part(
        Problem(
            _("Someone else has changed this record since then. Nothing was saved."),
            _("Open this tab again to see the current customers."),
            409,
        )
    )


def _read_form() -> DealTabForm:
    people = read_refs(request.form, "all")
    link = "link" in request.form
    return DealTabForm(_read_deal_id(), read_id(request.form, "record"), people, link)


def _read_deal_id() -> int:
    return read_number(request.form.get("deal", ""))
