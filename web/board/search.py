"""Searches CRM for the main page: customers who do not wait yet can be put on the list."""

from flask import Response, request

from waitlist.customers.search import MOST_HITS, Found, search
from web.error_handlers import create_blueprint
from web.forms import read_picker
from web.frame import current_frame
from web.presenters.search_hits import in_crm_view
from web.problems.pages import render
from web.problems.problem import only_reads

bp = create_blueprint("board_search", __name__)
MOST = 5 * MOST_HITS
"""Hits to ask for: customers who wait are known better and come first, and others need room."""


@bp.post("/records/search")
@only_reads
def find() -> Response:
    """Answer with customers in CRM, those who do not wait yet first.

    Costs what `waitlist.customers.search.search` costs, and nothing if CRM is known to be closed.
    """
    frame, query = current_frame(), read_picker(request.form).query
    context = frame.context
    found = Found(closed=True)
    if not context.customers.closed:
        found = search(context.customers, context.quirks, query, most=MOST)
    waiting = context.tracker.other_records([one.ref for one in found.customers], 0)
    view = in_crm_view(found, waiting, query, context.customers.cached())
    return render("board/in_crm.html", found=view, query=query.strip())
