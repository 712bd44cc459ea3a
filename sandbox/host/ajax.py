"""The calls that the page's script makes for the messages of the frame."""

from typing import Any

from flask import Blueprint, Response, abort, jsonify, request

from sandbox.host import crm_pages, frames, visitor
from sandbox.host.site import current_portal
from sandbox.portal import lifecycle

bp = Blueprint("ajax", __name__)


def json_body() -> dict[str, Any]:
    """Read a JSON body, which another site cannot send without permission."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        abort(400)
    return body


@bp.errorhandler(frames.FrameRefused)
def refuse(refusal: frames.FrameRefused) -> tuple[Response, int]:
    return jsonify(error=str(refusal)), 403


@bp.post("/_portal/frame")
def frame() -> Response:
    portal = current_portal()
    body = json_body()
    bound = next((r for r in portal.state.placements if r.id == body.get("handler")), None)
    options = {str(k): _stringify(v) for k, v in dict(body.get("options") or {}).items()}
    lang = str(body.get("lang") or "en")
    user = visitor.current_user(portal)
    return jsonify(frames.open_frame(portal, user, bound, options, lang))


@bp.post("/_portal/auth")
def auth() -> Response:
    portal = current_portal()
    json_body()
    user = visitor.current_user(portal)
    frames.check_access(portal, user)
    return jsonify(frames.tokens_in(portal.auth_fields(user.id)))


@bp.post("/_portal/install")
def install() -> Response:
    """Finish or undo the installation; the result is false for non-administrators."""
    portal = current_portal()
    body, user = json_body(), visitor.current_user(portal)
    if body.get("value") is False:
        if user.admin:
            portal.installed = False
        return jsonify(result=user.admin)
    return jsonify(result=lifecycle.finish_install(portal, user.id))


@bp.post("/_portal/first-run")
def first_run() -> Response:
    portal = current_portal()
    json_body()
    done = portal.app.first_run_done
    user = visitor.current_user(portal)
    if user.id not in done:
        done.append(user.id)
        portal.hub.mark_changed()
    return jsonify(result=True)


@bp.post("/_portal/option")
def option() -> Response:
    portal = current_portal()
    body, user = json_body(), visitor.current_user(portal)
    options = portal.app.options
    if body.get("kind") == "user":
        options = portal.app.user_options.setdefault(str(user.id), {})
    elif not user.admin:
        abort(403)
    options[str(body.get("name"))] = body.get("value")
    portal.hub.mark_changed()
    return jsonify(options)


@bp.get("/_portal/choices")
def choices() -> Response:
    portal = current_portal()
    wanted = request.args.get("q", "").casefold()
    kinds = request.args.get("kinds", "").split(",")
    if kinds == ["user"]:
        return jsonify(
            [_serialize_user(row) for row in portal.users if wanted in row.full_name.casefold()]
        )
    return jsonify(crm_pages.dialog_rows(portal, kinds, wanted))


def _serialize_user(user: Any) -> dict[str, Any]:
    return {
        "id": str(user.id),
        "name": user.full_name,
        "photo": "",
        "position": user.position,
        "url": f"/company/personal/user/{user.id}/",
        "sub": False,
        "sup": False,
    }


def _stringify(value: Any) -> Any:
    """Turn numbers into texts, as a portal does with placement options."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value
