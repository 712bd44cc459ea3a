"""License agreement and privacy policy, which open in any browser."""

from flask import Blueprint, current_app, render_template, request

from installation.manifest import read_manifest
from store.oauth_states import LIFETIME
from store.retention import DAY, UNUSED
from web.http.i18n import use_language

bp = Blueprint("legal", __name__, url_prefix="/legal")


CHANGED = {"license": "2026-11-27", "privacy": "2026-11-27"}
"""The days on which the texts were changed last. Change them with the texts."""


@bp.before_request
def _language() -> None:
    if lang := request.args.get("lang"):
        use_language(lang[:8])


@bp.get("/license")
def license_agreement() -> str:
    return _page("license", app_name=read_manifest().name)


@bp.get("/privacy")
def privacy() -> str:
    return _page(
        "privacy",
        cookie_minutes=LIFETIME // 60,
        log_days=current_app.config["LOG_RETENTION_DAYS"],
        history_days=current_app.config["HISTORY_RETENTION_DAYS"],
        access_days=UNUSED // DAY,
    )


def _page(name: str, **context: object) -> str:
    return render_template(
        f"pages/{name}.html",
        changed=CHANGED[name],
        contact=current_app.config["CONTACT"],
        **context,
    )
