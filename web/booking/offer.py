"""Shows the free times for a record, and makes a booking of it."""

from datetime import date

from flask import Response, request

from waitlist.booking.offer import read_offer
from waitlist.booking.promote import book
from waitlist.booking.read import read_booked
from waitlist.context import UserContext
from waitlist.errors import RecordGone, ResourceGone, TimePassed, TimeTaken
from waitlist.models import Record
from waitlist.sources.bookings import Appointment
from web.error_handlers import create_blueprint
from web.forms import read_appointment, read_booking, read_day
from web.frame import current_frame
from web.http.i18n import gettext as _
from web.presenters.booking.booked import BookedView
from web.presenters.booking.offer import OfferView, offer_view
from web.problems.pages import render
from web.problems.problem import Problem, only_reads, problem_of
from web.record.answers import OpenRecord, answer_booked, follow_record, show_booked

bp = create_blueprint("booking", __name__)


@bp.post("/records/<int:record_id>/booking")
@only_reads
def show(record_id: int) -> Response:
    """Show the free times. A time that came free is chosen already."""
    chosen = read_appointment(request.form) if "from" in request.form else None
    first = read_day(request.form)
    return _answer_offer(current_frame().context, record_id, first, chosen=chosen)


@bp.post("/records/<int:record_id>/book")
def make(record_id: int) -> Response:
    """Make a booking, or show the times again if the record or the time has changed."""
    context, form = current_frame().context, read_booking(request.form)
    try:
        outcome = book(context, Record(record_id, form.note, form.customers), form.appointment)
    except (TimeTaken, TimePassed, ResourceGone) as error:
        return _answer_offer(context, record_id, form.first, problem=problem_of(error))
    if isinstance(outcome, Record):
        changed = Problem(
            _("A colleague has changed this record in the meantime. Nothing was booked."),
            _("Check who is on the record now, then make the booking."),
            409,
        )
        return _answer_offer(
            context, record_id, form.first, problem=changed, chosen=form.appointment
        )
    booked = read_booked(context, outcome) if isinstance(outcome, int) else outcome
    return answer_booked(show_booked(context, booked), just=True)


def offer_or_record(context: UserContext, record_id: int) -> OfferView | OpenRecord | BookedView:
    """Return the free times for a record, or what it has become. Raises as `read_offer` does."""
    try:
        return offer_view(read_offer(context, record_id))
    except RecordGone:
        return follow_record(context, record_id)


def _answer_offer(
    context: UserContext,
    record_id: int,
    first: date | None,
    *,
    problem: Problem | None = None,
    chosen: Appointment | None = None,
) -> Response:
    offer = read_offer(context, record_id, first, chosen)
    if chosen and not problem and not offer.has_free(chosen):
        problem = problem_of(TimeTaken())
    offer_shown = offer_view(offer, chosen)
    return render("booking/offer.html", offer=offer_shown, problem=problem)
