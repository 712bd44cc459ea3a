"""The logged-in user of the portal's pages: a cookie, which the page can change."""

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from sandbox.core.model import User
from sandbox.host.site import current_portal
from sandbox.portal.portal import Portal

bp = Blueprint("visitor", __name__)


def current_user(portal: Portal) -> User:
    """Return the logged-in user; without a choice it is the administrator."""
    chosen = request.cookies.get(_cookie_name(portal), "")
    user = portal.find_user(int(chosen)) if chosen.isdigit() else None
    return user or portal.administrator


def _cookie_name(portal: Portal) -> str:
    # Cookies are shared between ports, so each portal needs a name of its own.
    return f"portal_user_{portal.port}"


def describe_role(user: User) -> str:
    if user.admin:
        return "administrator"
    if not user.app_access:
        return "no access to the application"
    if not user.crm_read:
        return "no CRM rights"
    return "extranet" if user.extranet else "employee"


def is_own_request() -> bool:
    """Say whether the request comes from the portal's pages, not from another site."""
    return request.headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none")


@bp.app_context_processor
def page_context() -> dict[str, Any]:
    portal = current_portal()
    return {
        "portal": portal,
        "user": current_user(portal),
        "describe_role": describe_role,
        "registration": portal.hub.registration,
        "bare": request.args.get("IFRAME") == "Y",
        "path": request.path,
    }


@bp.post("/_portal/login")
def login() -> Response:
    portal = current_portal()
    back = urlsplit(request.referrer or "/")
    answer = redirect(back.path or "/")
    chosen = request.form.get("user", "")
    if is_own_request() and chosen.isdigit() and portal.find_user(int(chosen)):
        answer.set_cookie(_cookie_name(portal), chosen, httponly=True, samesite="Lax")
    return answer
