"""Tells researchers where to report a vulnerability, in the form of RFC 9116."""

from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, abort

from web.services import services

bp = Blueprint("security_txt", __name__)

VALID_DAYS = 90
"""RFC 9116 advises less than a year. The file expires this long after it was read."""


@bp.get("/.well-known/security.txt")
def security_txt() -> Response:
    settings = services().settings
    if not settings.security_contact:
        abort(404)
    expires = datetime.now(UTC) + timedelta(days=VALID_DAYS)
    fields = {
        "Contact": settings.security_contact,
        "Expires": f"{expires:%Y-%m-%dT00:00:00Z}",
        "Preferred-Languages": "en",
        "Canonical": f"{settings.app_url}/.well-known/security.txt",
    }
    text = "".join(f"{name}: {value}\n" for name, value in fields.items())
    return Response(text, mimetype="text/plain")
