"""Opens the app outside the portal, with the authorization-code flow."""

import secrets
from contextlib import suppress

from flask import Blueprint, Response, make_response, redirect, request

from bitrix24.errors import PortalError
from oauth.admission import Visit
from oauth.launch import DOMAIN, LaunchRefused, PostedLaunch, Refusal
from oauth.portal_address import LONGEST_DOMAIN, normalize_domain
from oauth.server_answers import Grant
from store.oauth_states import LIFETIME
from store.portals import Portal
from web.frame import open_frame
from web.http.i18n import browser_language
from web.http.i18n import gettext as _
from web.oauth.launch import admit_user
from web.oauth.throttle import check_throttle, counted_call, record_refusal
from web.problems.pages import message_page, no_address, open_from_portal, render, unknown_portal
from web.services import services

bp = Blueprint("code_flow", __name__, url_prefix="/oauth")

COOKIE = "waitlist_state"
"""Binds a state to the browser that asked for it. This page is not in a frame, so an ordinary
first-party cookie works. It is deleted at the end of the flow."""
HOST_PREFIX = "__Host-"
"""A browser keeps such a cookie only from this very host and over TLS, so no neighboring site can
plant one. Source: RFC 6265bis, section 4.1.3.2."""


@bp.get("/start")
def start() -> Response:
    """Redirect the browser to its portal, if the app is installed there.

    Otherwise the page asks for another address.
    """
    typed = request.args.get("domain", "").strip()[:LONGEST_DOMAIN]
    if not typed:
        return open_from_portal(404)
    domain = _domain_in(typed)
    if not DOMAIN.fullmatch(domain):
        return no_address(typed)
    portal = services().portals.find_by_domain(domain)
    if portal is None:
        return unknown_portal(typed)
    browser = secrets.token_urlsafe(32)
    state = services().oauth_states.issue(portal.member_id, browser)
    url = services().authorization_server.authorize_url(portal.origin, state)
    response = make_response(redirect(url))
    _set_cookie(response, browser, LIFETIME)
    return response


@bp.get("/callback")
def callback() -> Response:
    """Trade the code that the browser brings back. Verify the result like a launch.

    The answer is a page that posts its session to the main page by itself. It takes the code and
    the state out of the browser's address bar."""
    code, state = request.args.get("code", ""), request.args.get("state", "")
    browser = request.cookies.get(_cookie_name(), "")
    complete = code and state and browser
    member_id = services().oauth_states.consume(state, browser) if complete else None
    portal = services().portals.find(member_id) if member_id else None
    if portal is None:
        check_throttle("callback")
        record_refusal("callback", "state")
        return message_page(
            _("This link no longer works"),
            _("It works only once and for ten minutes."),
            _("Open the app again from your Bitrix24 menu."),
            403,
        )
    with counted_call("callback", portal.member_id):
        visit = _trade(code, portal, request.args.get("server_domain", ""))
    session = open_frame(visit).value
    page = render("pages/signed_in.html", session=session)
    _set_cookie(page, "", 0)
    return page


def _cookie_name() -> str:
    return HOST_PREFIX * services().settings.is_https + COOKIE


def _set_cookie(response: Response, value: str, seconds: int) -> None:
    secure = services().settings.is_https
    response.set_cookie(
        _cookie_name(), value, max_age=seconds, httponly=True, samesite="Lax", secure=secure
    )


def _domain_in(address: str) -> str:
    """Return the host in an address as people copy it."""
    domain = address.lower().removeprefix("https://").removeprefix("http://")
    return normalize_domain(domain.partition("/")[0])


def _request_grant(code: str, portal: Portal, server_domain: str) -> tuple[str, Grant]:
    """Trade the code, and return the server that knew it. Raises the last server's PortalError."""
    server, urls = services().authorization_server, services().handshake.server_urls
    *others, last = urls(portal.member_id, f"https://{server_domain}")
    for oauth_url in others:
        with suppress(PortalError):
            return oauth_url, server.trade_code(oauth_url, code)
    return last, server.trade_code(last, code)


def _trade(code: str, portal: Portal, server_domain: str) -> Visit:
    """Trade the code for tokens and admit their user. Raises LaunchRefused or PortalError."""
    oauth_url, grant = _request_grant(code, portal, server_domain)
    if grant.member_id not in {"", portal.member_id}:
        raise LaunchRefused(Refusal.FOREIGN_PORTAL, portal.member_id, portal.domain)
    launch = services().handshake.accept(
        PostedLaunch(
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
    return admit_user(launch)
