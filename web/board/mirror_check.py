"""Compares rows of the list that the CRM's mirror has painted with the waiting list itself."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request

from waitlist.board.mirror_check import verify
from waitlist.models import CustomerRefs
from web.forms import BadForm, read_number, read_ref
from web.frame import current_frame
from web.presenters.record_row import record_row
from web.problems.problem import only_reads

bp = Blueprint("verify", __name__)
MOST_ROWS = 50
"""As many as one request to the portal tells of."""


@bp.post("/records/verify")
@only_reads
def rows() -> Response:
    """The rows that have to look otherwise, and an empty element for each that has to go. It gives
    way to people: while the portal has much to do it answers 503 and when to come back."""
    frame, shown = current_frame().in_background(), _shown(request.form.getlist("shown"))
    found = verify(frame.context, shown)
    names = frame.context.customers.read(
        ref for record in found.different for ref in record.customers
    )
    changed = [record_row(record, names) for record in found.different]
    return make_response(render_template("board/mirror_check.html", rows=changed, gone=found.gone))


def _shown(lines: list[str]) -> dict[int, CustomerRefs]:
    """`12 CONTACT:5 COMPANY:7` for each record. Raises BadForm for what our page would not send."""
    if not 0 < len(lines) <= MOST_ROWS:
        raise BadForm("no rows or too many")
    shown = {}
    for line in lines:
        word, *keys = line.split()[:1000] or [""]
        shown[read_number(word)] = tuple(map(read_ref, keys))
    return shown
