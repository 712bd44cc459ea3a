"""Answers when customers come next, to pages that show them already."""

from flask import Response, request

from waitlist.booking.next import MOST, read_next
from web.error_handlers import create_blueprint
from web.forms import BadForm, read_refs
from web.frame import current_frame
from web.presenters.booking.next_bookings import next_views
from web.problems.pages import render
from web.problems.problem import only_reads

bp = create_blueprint("next_bookings", __name__)


@bp.post("/bookings/next")
@only_reads
def show() -> Response:
    """Answer with a part for each customer; at most one HTTP request.

    It gives way to users: while the portal is busy, the answer is 503 with `Retry-After`.
    """
    context = current_frame().in_background().context
    customers, anew = (read_refs(request.form, name) for name in ("customer", "anew"))
    if not 0 < len(customers) <= MOST:
        raise BadForm("no customers or too many")
    found = read_next(context, customers, anew=anew)
    views = next_views(found, context.client.zone())
    return render("booking/next.html", views=views)
