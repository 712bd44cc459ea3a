"""The main page: the waiting list."""

from functools import partial

from flask import Blueprint, Response, g, request
from sqlalchemy.exc import SQLAlchemyError

from bitrix24.errors import PortalError
from oauth.admission import Visit
from oauth.launch import Launch, PostedLaunch
from store.portals import Status
from waitlist.errors import WaitlistError
from web.board.stream import ListReading, board_page
from web.booking.offer import offer_or_record
from web.error_handlers import describe_error
from web.forms import read_id
from web.frame import FIELD, Frame, open_frame, posted_frame, user_context
from web.http.skeleton import Page, answer_with_skeleton
from web.installation.page import install_page
from web.oauth.launch import admit_user, read_posted, verify_launch
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
        book = "book" in request.form
        prepare = partial(_read_page, posted_frame(), record_id, book=book)
    else:
        prepare = partial(_read_launched, read_posted())
    return answer_with_skeleton(prepare, "board/page.html")


@bp.errorhandler(PortalError)
@bp.errorhandler(WaitlistError)
@bp.errorhandler(SQLAlchemyError)
def answer_failure(error: Exception) -> Response:
    """Describe an error on the page, or on a page of its own if the user is not known."""
    frame: Frame | None = g.get("frame")
    if frame is None or isinstance(error, SQLAlchemyError):
        return problem_page(error)
    return board_page(frame, problem=describe_error(frame.context, error))


def _read_page(frame: Frame, record_id: int, *, book: bool = False) -> Page:
    """Read the record that a link or a row names, or its free times, for the page."""
    if not record_id:
        return partial(board_page, frame)
    read = offer_or_record if book else follow_record
    opened = read(frame.context, record_id)
    if isinstance(opened, OpenRecord):
        return partial(board_page, frame, opened)
    return partial(board_page, frame, booking=opened)


def _read_launched(posted: PostedLaunch) -> Page:
    """Verify a launch, admit its user, and begin to read what the page shows."""
    launch = verify_launch(posted)
    settled = launch.installed and launch.portal.status is Status.INSTALLED
    record_id, book_id = linked_record(launch), linked_record(launch, "book")
    if settled and not (record_id or book_id):
        return _read_list(launch)
    visit = admit_user(launch)
    frame = open_frame(visit)
    if visit.administrator and not settled:
        # The app was never set up, or its database is gone: this visit repairs it.
        return partial(install_page, frame, launch.application_token)
    _learn_token(visit)
    if not launch.installed:
        return not_set_up_page
    return _read_page(frame, book_id or record_id, book=bool(book_id))


def _read_list(launch: Launch) -> Page:
    """Admit the user in the first request for the list."""
    context = user_context(launch.portal, launch.user_id, launch.lang)
    reading = ListReading(context)
    visit = admit_user(launch, reading.begin)
    _learn_token(visit)
    return partial(board_page, open_frame(visit, context), reading=reading)


def _learn_token(visit: Visit) -> None:
    if visit.administrator:
        services().lifecycle.save_application_token(visit.launch)
