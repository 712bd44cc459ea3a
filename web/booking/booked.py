"""Shows a booking as it is now, and makes a record of it again."""

from flask import Response

from waitlist.booking.back import move_back
from waitlist.booking.read import read_booked
from web.error_handlers import create_blueprint
from web.frame import current_frame
from web.problems.problem import only_reads
from web.record.answers import answer_booked, answer_returned, show_booked

bp = create_blueprint("booked", __name__, url_prefix="/bookings/<int:booking_id>")


@bp.post("")
@only_reads
def show(booking_id: int) -> Response:
    """Show the booking again: others may have booked the same time at the same moment."""
    context = current_frame().context
    return answer_booked(show_booked(context, read_booked(context, booking_id)))


@bp.post("/back")
def return_to_list(booking_id: int) -> Response:
    context = current_frame().context
    return answer_returned(context, move_back(context, booking_id))
