"""Licence agreement and privacy policy, to be opened in a browser by anybody."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request

from web.http.i18n import use_language

bp = Blueprint("legal", __name__, url_prefix="/legal")


@bp.before_request
def _language() -> None:
    if lang := request.args.get("lang"):
        use_language(lang[:8])


@bp.get("/license")
def license_agreement() -> Response:
    return make_response(render_template("pages/license.html"))


@bp.get("/privacy")
def privacy() -> Response:
    return make_response(render_template("pages/privacy.html"))
