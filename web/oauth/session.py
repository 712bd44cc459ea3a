"""Renews frame sessions, and answers requests without a valid one."""

from flask import Blueprint, Flask, Response, jsonify, request, url_for
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import BadRequest, HTTPException, TooManyRequests

from bitrix24.errors import PortalError
from oauth.frame_sessions import SessionExpired, SessionInvalid
from oauth.launch import LaunchRefused
from waitlist.errors import WaitlistError
from web.forms import BadForm
from web.frame import current_frame, open_frame, read_even_expired, wants_fragment
from web.http.headers import allow_framing_by
from web.http.i18n import gettext as _
from web.http.i18n import use_language
from web.oauth.launch import accept_launch, allow_known_portal, expired_page, refusal_page
from web.problems.pages import error_page, message_page, problem_page, problem_part
from web.problems.problem import only_reads, problem_of, was_to_change
from web.services import services

bp = Blueprint("session", __name__)


@bp.post("/session")
@only_reads
def renew() -> Response:
    """Return a new session for fresh tokens from the portal, posted like a launch.

    The page keeps showing the data of its old session, so the user must be the same.
    """
    visit = accept_launch()
    launch = visit.launch
    before = read_even_expired()
    if before and (before.member_id, before.user_id) != (launch.portal.member_id, launch.user_id):
        return message_page(
            _("Someone else has logged in"), _("This page belongs to another user."), status=403
        )
    return jsonify(session=open_frame(visit).value)


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.before_request(_require_session)
    app.register_error_handler(LaunchRefused, refusal_page)
    app.register_error_handler(PortalError, problem_page)
    app.register_error_handler(WaitlistError, problem_page)
    app.register_error_handler(SQLAlchemyError, problem_page)
    app.register_error_handler(SessionInvalid, _no_session)
    app.register_error_handler(BadForm, lambda _: _http_error(BadRequest()))
    app.register_error_handler(HTTPException, _http_error)


def _require_session() -> None:
    """Let nothing be changed without a session, whether or not a route asks for it."""
    if was_to_change():
        current_frame()


def _no_session(error: SessionInvalid) -> Response:
    """Tell the script to renew the session. A whole page with an expired one renews itself."""
    if wants_fragment():
        return problem_part(problem_of(error))
    if not isinstance(error, SessionExpired):
        return problem_page(error)
    portal = services().portals.find(error.session.member_id)
    if portal is None:
        return problem_page(error)
    use_language(error.session.lang)
    allow_framing_by(portal)
    fields = {
        "DOMAIN": portal.domain,
        "PROTOCOL": str(int(portal.origin.startswith("https:"))),
        "LANG": error.session.lang,
        "member_id": portal.member_id,
    }
    return expired_page(url_for("board.index"), fields)


def _http_error(error: HTTPException) -> Response:
    """Return a page for HTTP errors: unknown addresses, wrong methods, errors of the app."""
    status = error.code or 500
    if status < 500:
        allow_known_portal(request.args)
    retry_after = error.retry_after if isinstance(error, TooManyRequests) else 0
    return error_page(status, retry_after if isinstance(retry_after, int) else 0)
