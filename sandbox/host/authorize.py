"""/oauth/authorize/ of a portal: sends the user to the application with a code."""

from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from sandbox.host import frames, visitor
from sandbox.host.site import current_portal

bp = Blueprint("authorize", __name__)


@bp.get("/oauth/authorize/")
def authorize() -> Response | tuple[str, int]:
    """Redirect with a code; a refusal is shown here, unknown to the application."""
    portal = current_portal()
    if request.args.get("client_id") != portal.hub.tokens.state.client_id:
        return render_template("refused.html", text="Application not found.", present=True), 404
    user = visitor.current_user(portal)
    try:
        frames.check_access(portal, user)
    except frames.FrameRefused as refusal:
        return render_template("refused.html", text=str(refusal), present=True), 403
    query = {
        "code": portal.hub.tokens.issue_code(portal.member_id, user.id),
        "state": request.args.get("state", ""),
        "domain": portal.domain,
        "member_id": portal.member_id,
        "scope": portal.hub.registration.scope,
        "server_domain": portal.oauth_url.partition("://")[2],
    }
    portal.hub.mark_changed()
    return redirect(f"{portal.hub.registration.redirect_url}?{urlencode(query)}")
