"""Finds customers for the editor."""

from __future__ import annotations

from flask import Blueprint, Response, request

from waitlist.search import SHOWN, search
from web.editing import form_editor, say_failures
from web.edits import read_customers
from web.frame import current_frame, wants_fragment
from web.i18n import gettext as _
from web.i18n import ngettext
from web.render import Parts, answer
from web.views.search import hits_view

bp = Blueprint("customers", __name__)
say_failures(bp)
LONGEST_QUERY = 100
"""Characters; nobody's name is longer, and a portal would search for all of it."""


@bp.post("/customers/search")
def find() -> Response:
    frame, query = current_frame(), request.form.get("q", "")[:LONGEST_QUERY]
    found = search(frame.client, frame.reader, query)
    chosen = read_customers(request.form)
    hits = hits_view(found[:SHOWN], chosen, query, _, ngettext, limited=len(found) > SHOWN)
    editor = None if wants_fragment() else form_editor(frame)
    record = request.form.get("record", "new")
    return answer(frame, Parts(hits=hits, query=query, record=record, editor=editor))
