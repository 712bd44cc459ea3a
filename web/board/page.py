"""The main page: the waiting list."""

from __future__ import annotations

from flask import Blueprint, Response, g, request
from sqlalchemy.exc import SQLAlchemyError

from bitrix24.errors import PortalError
from oauth.admission import Visit
from store.portals import Status
from waitlist.errors import WaitlistError
from web.board.stream import board_page
from web.booking.offer import offer_or_record
from web.failures import describe_error
from web.forms import read_id
from web.frame import FIELD, Frame, open_frame, posted_frame
from web.installation.page import install_page
from web.oauth.launch import accept_launch
from web.problems.pages import not_set_up_page, open_from_portal, problem_page
from web.problems.problem import only_reads
from web.record.answers import OpenRecord, follow_record
from web.record.link import linked_record
from web.services import services

bp = Blueprint("board", __name__)


@bp.route("/", methods=["GET", "POST"])
@only_reads
def index() -> Response:
    """Open the whole page for a launch, or again for the session of the page."""
    if request.method != "POST":
        return open_from_portal()
    if FIELD in request.form:
        record_id = read_id(request.form, "record") or read_id(request.form, "book")
        return _open(posted_frame(), record_id, book="book" in request.form)
    return _open_launched(accept_launch())


@bp.errorhandler(PortalError)
@bp.errorhandler(WaitlistError)
@bp.errorhandler(SQLAlchemyError)
def answer_failure(error: Exception) -> Response:
    """Describe an error on the page, or on a page of its own if the user is not known."""
    frame: Frame | None = g.get("frame")
    if frame is None or isinstance(error, SQLAlchemyError):
        return problem_page(error)
    return board_page(frame, problem=describe_error(frame.context, error))


def _open(frame: Frame, record_id: int, *, book: bool = False) -> Response:
    """Return the page with the record that a link or a row names, or its free times."""
    if not record_id:
        return board_page(frame)
    read = offer_or_record if book else follow_record
    opened = read(frame.context, record_id)
    if isinstance(opened, OpenRecord):
        return board_page(frame, opened)
    return board_page(frame, beside=opened)


def _open_launched(visit: Visit) -> Response:
    launch = visit.launch
    frame = open_frame(visit)
    settled = launch.installed and launch.portal.status is Status.INSTALLED
    if visit.administrator and not settled:
        # The app was never set up, or its database is gone: this visit repairs it.
        return install_page(frame, launch.application_token)
    if visit.administrator:
        services().lifecycle.learn_token(launch)
    if not launch.installed:
        return not_set_up_page()
    if record_id := linked_record(launch, "book"):
        return _open(frame, record_id, book=True)
    return _open(frame, linked_record(launch))
