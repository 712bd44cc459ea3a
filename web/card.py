"""The tab in the card of a contact or a company: the records on which this customer waits."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request

from oauth.launch import Launch
from waitlist.models import CustomerRef, Kind
from web.frame import open_frame
from web.i18n import gettext as _
from web.i18n import ngettext
from web.launches import accept_launch
from web.pages import message_page, open_from_portal
from web.views.board import record_row

bp = Blueprint("card", __name__, url_prefix="/card")


@bp.route("/contact", methods=["GET", "POST"])
def contact() -> Response:
    return _tab(Kind.CONTACT)


@bp.route("/company", methods=["GET", "POST"])
def company() -> Response:
    return _tab(Kind.COMPANY)


def _tab(kind: Kind) -> Response:
    if request.method != "POST":
        return open_from_portal()
    launch = accept_launch().launch
    try:
        customer = CustomerRef.parse(f"{kind}:{launch.options.get('ID', '')}")
    except ValueError:
        return message_page(
            _("Waiting list"),
            _("This card has not been saved yet."),
            _("Save it, then open this tab again."),
        )
    return _records(launch, customer)


def _records(launch: Launch, customer: CustomerRef) -> Response:
    frame = open_frame(launch)
    board = frame.read_board()
    rows = [
        record_row(record, board.customers, _, ngettext)
        for record in board.records
        if customer in record.customers
    ]
    return make_response(render_template("card.html", rows=rows, session=frame.value))
