"""Who looks at the portal's pages: a cookie per portal, switched on the page itself."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Flask, redirect, request
from werkzeug.wrappers import Response

from sandbox.core.model import User
from sandbox.portal.portal import Portal


def current(portal: Portal) -> User:
    """The logged-in user; whoever has not chosen is the administrator."""
    chosen = request.cookies.get(_cookie(portal), "")
    user = portal.find_user(int(chosen)) if chosen.isdigit() else None
    return user or portal.administrator


def _cookie(portal: Portal) -> str:
    # Cookies know no ports, so each portal's has its own name.
    return f"portal_user_{portal.port}"


def role(user: User) -> str:
    if user.admin:
        return "administrator"
    if not user.app_access:
        return "no access to the app"
    if not user.crm_read:
        return "no CRM rights"
    return "extranet" if user.extranet else "employee"


def own_request() -> bool:
    """Changes come from the portal's own pages only, never from a form on another site."""
    return request.headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none")


def register(app: Flask, portal: Portal) -> None:
    @app.context_processor
    def common() -> dict[str, Any]:
        return {
            "portal": portal,
            "user": current(portal),
            "role": role,
            "registration": portal.hub.registration,
            "bare": request.args.get("IFRAME") == "Y",
            "path": request.path,
        }

    @app.post("/_portal/login")
    def login() -> Response:
        back = urlsplit(request.referrer or "/")
        answer = redirect(back.path or "/")
        chosen = request.form.get("user", "")
        if own_request() and chosen.isdigit() and portal.find_user(int(chosen)):
            answer.set_cookie(_cookie(portal), chosen, httponly=True, samesite="Lax")
        return answer
