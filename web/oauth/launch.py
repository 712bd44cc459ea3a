"""Takes launches off the request, and answers those that are not believed."""

from __future__ import annotations

from flask import Response, make_response, render_template, request

from oauth.admission import Visit, admit
from oauth.launch import LaunchRefused, PostedLaunch, Refusal, read_launch
from store.portals import Portal
from web.http.headers import allow_framing_by
from web.http.i18n import N_, use_language
from web.oauth.throttle import note_refusal, refuse_the_abusive
from web.problems.pages import message_page
from web.services import services

STATUSES = {
    Refusal.MALFORMED: 400,
    Refusal.EXPIRED: 401,
    Refusal.UNVERIFIED: 503,
}
WORDS = {
    Refusal.NOT_ALLOWED: (
        N_("You cannot use this app yet"),
        N_("Your administrator has not opened this app to you."),
        N_("Ask your administrator: Market → Installed → Access."),
    ),
    Refusal.EXTRANET: (
        N_("This app is for staff"),
        N_("Guests of this Bitrix24 cannot use it."),
        N_("Ask the person who invited you."),
    ),
    Refusal.BLOCKED: (
        N_("This Bitrix24 does not run apps at the moment"),
        N_("The plan or the subscription may have run out."),
        N_("Ask your administrator to look at Market → Installed."),
    ),
    Refusal.UNVERIFIED: (
        N_("Bitrix24 did not answer"),
        N_("We could not check who is opening the app."),
        N_("Wait a moment and open the app again."),
    ),
}
NOT_BELIEVED = (
    N_("This page could not be opened"),
    N_("The app did not get what it needs from Bitrix24."),
    N_("Open the app again from the menu of your Bitrix24."),
)
"""A page's title, what it says, and the next step."""
RENEWED_FIELDS = ("DOMAIN", "PROTOCOL", "LANG", "APP_SID", "member_id", "PLACEMENT")
"""What the page of an expired launch hands back with fresh tokens; never a token itself."""


def accept_launch() -> Visit:
    """The verified launch that this request is, by a user whom the portal lets in. Raises
    LaunchRefused or PortalError. A portal puts some of the fields into the address; a page that
    launches itself again has all of them in the body."""
    refuse_the_abusive("launch", request.values.get("member_id", ""))
    posted = read_launch(request.values)
    use_language(posted.lang)
    try:
        launch = services().handshake.accept(posted)
    except LaunchRefused as refused:
        _allow_known_portal(posted, refused)
        raise
    allow_framing_by(launch.portal)
    return admit(launch, services().client(launch.portal, launch.user_id))


def refusal_page(refused: LaunchRefused) -> Response:
    """A kind page for a launch that is not believed. It tells an attacker nothing: who forged a
    launch sees the same words as who opened an old page."""
    note_refusal("launch", refused.refusal, refused.member_id, domain=refused.domain)
    status = STATUSES.get(refused.refusal, 403)
    if refused.refusal is Refusal.EXPIRED:
        fields = {name: request.values[name] for name in RENEWED_FIELDS if name in request.values}
        options = request.form.get("PLACEMENT_OPTIONS", "")
        if options:
            fields["PLACEMENT_OPTIONS"] = options
        page = render_template("pages/expired.html", action_url=request.path, fields=fields)
        return make_response(page, status)
    title, text, step = map(str, WORDS.get(refused.refusal, NOT_BELIEVED))
    return message_page(title, text, step, status)


def _allow_known_portal(posted: PostedLaunch, refused: LaunchRefused) -> None:
    """Lets a refusal be seen in the frame of a portal that we know and that the launch names. The
    page holds no data, and its frame can only be that portal."""
    known: Portal | None = services().portals.find(refused.member_id)
    if known and known.origin.partition("://")[2] == posted.domain:
        allow_framing_by(known)
