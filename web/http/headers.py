"""Security headers of every response. Only the portal of the request may frame a page."""

import secrets
from datetime import date

from flask import Flask, Response, current_app, g

from store.portals import Portal

HSTS_SECONDS = 365 * 24 * 3600


def allow_framing_by(portal: Portal) -> None:
    """Let only this portal show the page in a frame."""
    g.frame_ancestors = portal.origin


def allow_forms_to_portals() -> None:
    """Let the forms of this page lead on to a portal, whatever its address is.

    Browsers apply the directive to redirects, too. Such a page holds nothing worth stealing.
    """
    g.form_action = "'self' https:" if current_app.config["HSTS"] else "'self' https: http:"


def with_day(response: Response, day: date) -> Response:
    """Tell an open page which day it is at the portal, so that it notices a new one."""
    response.headers["X-Portal-Day"] = day.isoformat()
    return response


def with_bookings_mark(response: Response, mark: str) -> Response:
    """Tell an open page what it remembers if it shows all times that came free."""
    response.headers["X-Bookings"] = mark
    return response


def nonce() -> str:
    """Return the nonce of this response's scripts and styles."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return str(g.nonce)


def init_app(app: Flask, *, is_https: bool) -> None:
    """Add the headers to each response. Over TLS, browsers remember to use nothing else."""
    app.config["HSTS"] = is_https
    app.context_processor(lambda: {"csp_nonce": nonce()})
    app.after_request(_add_headers)


def _add_headers(response: Response) -> Response:
    sources = f"'nonce-{nonce()}'"
    policy = {
        "default-src": "'none'",
        "script-src": sources,
        "style-src": sources,
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "form-action": g.get("form_action", "'self'"),
        "base-uri": "'none'",
        "frame-ancestors": g.get("frame_ancestors", "'none'"),
    }
    headers = response.headers
    headers["Content-Security-Policy"] = "; ".join(
        f"{key} {value}" for key, value in policy.items()
    )
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if current_app.config["HSTS"]:
        headers["Strict-Transport-Security"] = f"max-age={HSTS_SECONDS}"
    if response.mimetype in {"text/html", "application/json"}:
        headers["Cache-Control"] = "no-store"
    return response
