"""Accepts launches, and answers those that are refused."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping

from flask import Response, make_response, render_template, request

from oauth.admission import Visit, admit
from oauth.launch import Launch, LaunchRefused, PostedLaunch, Refusal, read_launch
from store.portals import Portal
from web.http.headers import allow_framing_by
from web.http.i18n import N_, use_language
from web.oauth.throttle import check_throttle, record_refusal
from web.problems.pages import message_page
from web.services import services

STATUSES = {
    Refusal.MALFORMED: 400,
    Refusal.EXPIRED: 401,
    Refusal.UNVERIFIED: 503,
}
WORDS = {
    Refusal.NOT_ALLOWED: (
        N_("You can't use this app yet"),
        N_("Your administrator hasn't given you access to this app."),
        N_("Ask your administrator: Market → Installed → Access."),
    ),
    Refusal.EXTRANET: (
        N_("This app is for employees"),
        N_("Guests of this Bitrix24 can't use it."),
        N_("Ask the person who invited you."),
    ),
    Refusal.BLOCKED: (
        N_("This Bitrix24 can't run apps at the moment"),
        N_("The plan or the subscription may have expired."),
        N_("Ask your administrator to look at Market → Installed."),
    ),
    Refusal.UNVERIFIED: (
        N_("Bitrix24 did not answer"),
        N_("We couldn't check who is opening the app."),
        N_("Wait a moment and open the app again."),
    ),
}
OTHER_WORDS = (
    N_("This page could not be opened"),
    N_("Bitrix24 didn't send what the app needs."),
    N_("Open the app again from your Bitrix24 menu."),
)
"""The title of a page, its text, and the next step."""
RENEWED_FIELDS = ("DOMAIN", "PROTOCOL", "LANG", "APP_SID", "member_id", "PLACEMENT")
"""Fields of an expired launch that the page posts again, with fresh tokens from the portal."""


LAUNCHES_AGAIN = 2
LAUNCHED_AGAIN_FIELD = "launched_again"
LAUNCHED_AGAIN = re.compile(r"(?P<count>[0-9])\.(?P<time>[0-9]{1,12})")
"""How often and when an expired page has launched itself again."""
LAUNCHED_AGAIN_SECONDS = 5 * 60


def accept_launch(fields: Mapping[str, str]) -> Visit:
    """Verify a launch and admit its user. Raises LaunchRefused or PortalError.

    `fields` are those of the query and the body: a portal puts some into the address, and a page
    that launches itself again puts all into the body.
    """
    check_throttle("launch", fields.get("member_id", ""))
    posted = read_launch(fields)
    use_language(posted.lang)
    try:
        launch = services().handshake.accept(posted)
    except LaunchRefused as refused:
        _allow_known_portal(posted, refused)
        raise
    allow_framing_by(launch.portal)
    return admit_user(launch)


def admit_user(launch: Launch) -> Visit:
    """Admit the user of a verified launch, and drop the tokens of a refused one.

    Raises LaunchRefused or PortalError.
    """
    shared = services()
    shared.lifecycle.confirm(launch)
    try:
        return admit(launch, shared.client(launch.portal, launch.user_id))
    except LaunchRefused:
        shared.tokens.delete(launch.portal.member_id, launch.user_id)
        raise


def refusal_page(refused: LaunchRefused) -> Response:
    """Return the page for a refused launch.

    It tells an attacker nothing: a forged launch gets the same words as an old page.
    """
    record_refusal("launch", refused.refusal, refused.member_id, domain=refused.domain)
    status = STATUSES.get(refused.refusal, 403)
    if refused.refusal is Refusal.EXPIRED:
        fields = {name: request.values[name] for name in RENEWED_FIELDS if name in request.values}
        options = request.form.get("PLACEMENT_OPTIONS", "")
        if options:
            fields["PLACEMENT_OPTIONS"] = options
        return expired_page(request.path, fields)
    title, text, step = map(str, WORDS.get(refused.refusal, OTHER_WORDS))
    return message_page(title, text, step, status)


def expired_page(action_url: str, fields: Mapping[str, str]) -> Response:
    """Return the page that launches itself again with tokens from the portal.

    After two launches within minutes it says instead where to open the app. A later reload of the
    frame posts the same fields, and starts counting again.
    """
    earlier = LAUNCHED_AGAIN.fullmatch(request.form.get(LAUNCHED_AGAIN_FIELD, ""))
    count, now = 0, int(time.time())
    if earlier and abs(now - int(earlier["time"])) < LAUNCHED_AGAIN_SECONDS:
        count = int(earlier["count"])
    page = render_template(
        "pages/expired.html",
        action_url=action_url,
        fields={**fields, LAUNCHED_AGAIN_FIELD: f"{count + 1}.{now}"},
        final=count >= LAUNCHES_AGAIN,
    )
    return make_response(page, 401)


def _allow_known_portal(posted: PostedLaunch, refused: LaunchRefused) -> None:
    """Let a known portal that the launch names show the refusal in its frame.

    The page holds no data.
    """
    known: Portal | None = services().portals.find(refused.member_id)
    if known and known.domain == posted.domain:
        allow_framing_by(known)
