"""Compares rows that come from the CRM mirror with the waiting list itself."""

from flask import Response, request

from waitlist.board.live import check_rows
from waitlist.models import CustomerRefs
from web.error_handlers import create_blueprint
from web.forms import BadForm, read_number, read_ref
from web.frame import current_frame
from web.problems.pages import render
from web.problems.problem import only_reads
from web.record.latest_calls import rows_with_calls

bp = create_blueprint("mirror_check", __name__)
MOST_ROWS = 50
"""As many as one HTTP request to the portal can compare."""


@bp.post("/records/verify")
@only_reads
def rows() -> Response:
    """Answer with the rows that differ. A row that has to go becomes an empty element.

    This request gives way to people: while the portal is busy it answers 503 and when to come back.
    """
    context = current_frame().in_background().context
    shown = _read_shown(request.form.getlist("shown"))
    different, gone = check_rows(context, shown)
    names = context.customers.read(ref for record in different for ref in record.customers)
    changed = rows_with_calls(context, different, names)
    return render("board/mirror_check.html", rows=changed, gone=gone)


def _read_shown(lines: list[str]) -> dict[int, CustomerRefs]:
    """Read the rows that the page shows: `12 CONTACT:5 COMPANY:7` for each. Raises BadForm."""
    if not 0 < len(lines) <= MOST_ROWS:
        raise BadForm("no rows or too many")
    shown = {}
    for line in lines:
        word, *keys = line.split()[:1000] or [""]
        shown[read_number(word)] = tuple(map(read_ref, keys))
    return shown
