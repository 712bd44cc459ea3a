"""The main page: the waiting list."""

from __future__ import annotations

from flask import Blueprint, Response, request

from oauth.admission import Visit
from store.portals import Status
from waitlist.models import parse_id
from web.board.render import board_page
from web.frame import FIELD, Frame, current_frame, open_frame
from web.installation.page import install_page
from web.oauth.launch import accept_launch
from web.problems.pages import not_set_up_page, open_from_portal
from web.problems.problem import only_reads
from web.record.answers import opened, say_failures
from web.record.link import linked_record
from web.services import services

bp = Blueprint("board", __name__)
say_failures(bp)


@bp.route("/", methods=["GET", "POST"])
@only_reads
def index() -> Response:
    """The application's address: a launch opens the whole page, so does its session again."""
    if request.method != "POST":
        return open_from_portal()
    if FIELD in request.form:
        return _chosen(current_frame(), request.form.get("record", 0, parse_id))
    return _launched(accept_launch())


def _chosen(frame: Frame, number: int) -> Response:
    """The page, with the record that was chosen in a list without script, or that a link names."""
    if not number:
        return board_page(frame)
    return board_page(frame, opened(frame, number))


def _launched(visit: Visit) -> Response:
    launch = visit.launch
    frame = open_frame(launch, visit.administrator)
    settled = launch.installed and launch.portal.status is Status.INSTALLED
    if visit.administrator and not settled:
        # Never set up, or set up with a database that is gone: this visit mends it.
        return install_page(frame, launch.application_token)
    if visit.administrator:
        services().lifecycle.learn_token(launch)
    if not launch.installed:
        return not_set_up_page()
    return _chosen(frame, linked_record(launch))
