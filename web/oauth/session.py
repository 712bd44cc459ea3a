"""Renews frame sessions, and answers requests that come without a good one."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, jsonify, make_response, render_template, request
from werkzeug.exceptions import BadRequest, HTTPException

from bitrix24.errors import PortalError
from oauth.frame_sessions import FrameSession, SessionExpired, SessionInvalid
from oauth.launch import LaunchRefused
from waitlist.errors import WaitlistError
from web.forms import BadForm
from web.frame import HEADER, open_frame, wants_fragment
from web.http.headers import allow_framing_by
from web.http.i18n import gettext as _
from web.http.i18n import use_language
from web.oauth.launch import accept_launch, refusal_page
from web.problems.pages import message_page, problem_page, problem_part
from web.problems.problem import only_reads, problem_of
from web.services import services

bp = Blueprint("session", __name__)


@bp.post("/session")
@only_reads
def renew() -> Response:
    """A new session for fresh tokens that the portal gave the page: fields as in a launch, all in
    the body. The page keeps showing its old user's data, so it must be the same user."""
    visit = accept_launch()
    launch = visit.launch
    before = _session_before()
    if before and (before.member_id, before.user_id) != (launch.portal.member_id, launch.user_id):
        return message_page(
            _("Somebody else has logged in"), _("This page belongs to another user."), status=403
        )
    return jsonify(session=open_frame(launch, visit.administrator).value)


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.register_error_handler(LaunchRefused, refusal_page)
    app.register_error_handler(PortalError, problem_page)
    app.register_error_handler(WaitlistError, problem_page)
    app.register_error_handler(SessionInvalid, _no_session)
    app.register_error_handler(BadForm, _bad_form)
    app.register_error_handler(HTTPException, _http_error)


def _session_before() -> FrameSession | None:
    try:
        return services().sessions.read(request.headers.get(HEADER, ""))
    except SessionExpired as expired:
        return expired.session
    except SessionInvalid:
        return None


def _no_session(error: SessionInvalid) -> Response:
    """Tells the script to renew; a whole page renews itself where its old session says whose."""
    if wants_fragment():
        return problem_part(problem_of(error))
    if not isinstance(error, SessionExpired):
        return problem_page(error)
    portal = services().portals.find(error.session.member_id)
    if portal is None:
        return problem_page(error)
    use_language(error.session.lang)
    allow_framing_by(portal)
    scheme, _sep, domain = portal.origin.partition("://")
    fields = {
        "DOMAIN": domain,
        "PROTOCOL": str(int(scheme == "https")),
        "LANG": error.session.lang,
        "member_id": portal.member_id,
    }
    return make_response(render_template("pages/expired.html", action_url="/", fields=fields), 401)


def _bad_form(_error: BadForm) -> Response:
    return _http_error(BadRequest())


def _http_error(error: HTTPException) -> Response:
    """Unknown addresses, wrong verbs, oversized bodies and our own faults, in plain words."""
    status = error.code or 500
    text = _("There is no such page.") if status == 404 else _("The app could not do that.")
    return message_page(
        _("That did not work"),
        text,
        _("Open the app again from the menu of your Bitrix24."),
        status,
    )
