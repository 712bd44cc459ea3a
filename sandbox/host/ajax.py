"""The calls that the page's script makes for the messages of the frame."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, abort, jsonify, request

from sandbox.host import crm_pages, frames, visitor
from sandbox.portal import lifecycle
from sandbox.portal.launch import auth_fields
from sandbox.portal.portal import Portal


def json_body() -> dict[str, Any]:
    """Read a JSON body, which another site cannot send without permission."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        abort(400)
    return body


def register(app: Flask, portal: Portal) -> None:
    _register_frames(app, portal)
    _register_app_state(app, portal)
    _register_dialogs(app, portal)


def _register_frames(app: Flask, portal: Portal) -> None:
    @app.post("/_portal/frame")
    def frame() -> tuple[Response, int]:
        body = json_body()
        bound = next((r for r in portal.state.placements if r.id == body.get("handler")), None)
        placement = bound.placement if bound else "DEFAULT"
        options = {str(k): _stringify(v) for k, v in dict(body.get("options") or {}).items()}
        handler = bound.handler if bound else None
        lang = str(body.get("lang") or "en")
        user = visitor.current_user(portal)
        try:
            data = frames.open_frame(
                portal, user, placement=placement, options=options, lang=lang, handler=handler
            )
        except frames.FrameRefused as refusal:
            return jsonify(error=str(refusal)), 403
        return jsonify(data), 200

    @app.post("/_portal/auth")
    def auth() -> tuple[Response, int]:
        json_body()
        user = visitor.current_user(portal)
        try:
            frames.check_access(portal, user)
        except frames.FrameRefused as refusal:
            return jsonify(error=str(refusal)), 403
        fields = auth_fields(
            portal.server_endpoint, portal.hub, portal.state, portal.issue_token(user.id)
        )
        return jsonify({key: fields[key] for key in ("AUTH_ID", "AUTH_EXPIRES", "REFRESH_ID")}), 200


def _register_app_state(app: Flask, portal: Portal) -> None:
    @app.post("/_portal/install")
    def install() -> Response:
        """Finish or undo the installation; the result is false for non-administrators."""
        body, user = json_body(), visitor.current_user(portal)
        if body.get("value") is False:
            if user.admin:
                portal.installed = False
            return jsonify(result=user.admin)
        return jsonify(result=lifecycle.finish_install(portal, user.id))

    @app.post("/_portal/first-run")
    def first_run() -> Response:
        json_body()
        done = portal.app.first_run_done
        user = visitor.current_user(portal)
        if user.id not in done:
            done.append(user.id)
            portal.hub.mark_changed()
        return jsonify(result=True)

    @app.post("/_portal/option")
    def option() -> Response:
        body, user = json_body(), visitor.current_user(portal)
        options = portal.app.options
        if body.get("kind") == "user":
            options = portal.app.user_options.setdefault(str(user.id), {})
        elif not user.admin:
            abort(403)
        options[str(body.get("name"))] = body.get("value")
        portal.hub.mark_changed()
        return jsonify(options)


def _register_dialogs(app: Flask, portal: Portal) -> None:
    @app.get("/_portal/choices")
    def choices() -> Response:
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
