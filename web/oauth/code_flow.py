"""Opens the app outside the portal, in a tab of its own, by the authorization-code flow."""

from __future__ import annotations

import secrets

from flask import Blueprint, Response, redirect, request

from oauth.admission import admit
from oauth.launch import DOMAIN, Posted
from store.oauth_states import LIFETIME
from web.board.render import board_page
from web.frame import open_frame
from web.http.i18n import browser_language
from web.http.i18n import gettext as _
from web.oauth.throttle import note_refusal, refuse_the_abusive
from web.problems.pages import message_page
from web.services import services

bp = Blueprint("outside", __name__, url_prefix="/oauth")

COOKIE = "waitlist_state"
"""Binds a state to the browser that asked for it. The page is not in a frame here, so an ordinary
first-party cookie does; it is gone after the flow."""


@bp.get("/start")
def start() -> Response:
    """Sends the browser to its portal; only to one that has the app, never just anywhere."""
    domain = request.args.get("domain", "").strip().lower()
    domain = domain.removeprefix("https://").removeprefix("http://").partition("/")[0]
    portal = services().portals.find_by_domain(domain) if DOMAIN.fullmatch(domain) else None
    if portal is None:
        return message_page(
            _("We do not know this Bitrix24"),
            _("The app is not installed there, or the address has a typing error."),
            _("Check the address, or ask your administrator to install the app."),
            404,
        )
    browser = secrets.token_urlsafe(32)
    state = services().oauth_states.issue(portal.member_id, browser)
    response = redirect(services().authorization_server.authorize_url(portal.origin, state), 302)
    response.set_cookie(
        COOKIE,
        browser,
        max_age=LIFETIME,
        path="/oauth",
        httponly=True,
        samesite="Lax",
        secure=services().settings.app_url.startswith("https:"),
    )
    return Response(response=response.response, status=response.status, headers=response.headers)


@bp.get("/callback")
def callback() -> Response:
    """The browser comes back with a code: traded at once, verified like any launch."""
    refuse_the_abusive("callback")
    code, state = request.args.get("code", ""), request.args.get("state", "")
    browser = request.cookies.get(COOKIE, "")
    member_id = (
        services().oauth_states.consume(state, browser) if code and state and browser else None
    )
    portal = services().portals.find(member_id) if member_id else None
    if portal is None:
        note_refusal("callback", "state")
        return message_page(
            _("This link does not work any more"),
            _("It works once, for ten minutes."),
            _("Open the app again from the menu of your Bitrix24."),
            403,
        )
    oauth_url = services().authorization_server.choose(
        f"https://{request.args.get('server_domain', '')}"
    )
    grant = services().authorization_server.exchange(oauth_url, code)
    launch = services().handshake.accept(
        Posted(
            access_token=grant.access_token,
            refresh_token=grant.refresh_token,
            application_token="",
            server_endpoint=oauth_url,
            member_id=portal.member_id,
            domain=portal.domain,
            lang=browser_language(),
            placement="DEFAULT",
            options={},
        )
    )
    visit = admit(launch, services().client(launch.portal, launch.user_id))
    page = board_page(open_frame(visit.launch, visit.administrator))
    page.delete_cookie(COOKIE, path="/oauth")
    return page
