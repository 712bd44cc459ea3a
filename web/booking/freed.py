"""Shows which times came free, and which records fit one of them."""

from contextlib import suppress

from flask import Response, request

from waitlist.booking.fits import read_fits
from waitlist.booking.freed_scan import read_freed
from waitlist.errors import CrmClosed
from web.error_handlers import create_blueprint
from web.frame import current_frame
from web.presenters.booking.freed import fits_view, freed_rows
from web.problems.pages import render
from web.problems.problem import only_reads

bp = create_blueprint("freed", __name__, url_prefix="/bookings/freed")


@bp.post("")
@only_reads
def show() -> Response:
    """Answer with the times that came free. A page that was `opened` just now scans at once.

    It gives way to users: while the portal is busy, the answer is 503 with `Retry-After`.
    """
    context = current_frame().in_background().context
    if not context.customers.closed:
        # Whether CRM is closed may have been forgotten since the page was opened.
        with suppress(CrmClosed):
            context.customers.require_open()
    if context.customers.closed:
        # Such a user cannot book.
        return Response(status=204)
    freed = read_freed(context, opened="opened" in request.form)
    return render("booking/freed.html", rows=freed_rows(freed), mark=freed.mark)


@bp.post("/<int:booking_id>/<int:resource_id>")
@only_reads
def fits(booking_id: int, resource_id: int) -> Response:
    """Answer with the records that fit, if the time is still free."""
    found = read_fits(current_frame().context, booking_id, resource_id)
    return render("booking/fits.html", fits=fits_view(found))
