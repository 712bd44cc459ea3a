"""Accepts launches, and answers those that are refused."""

import re
import time
from collections.abc import Callable, Mapping

from flask import Response, request

from oauth.admission import Admission, Visit
from oauth.launch import (
    DOMAIN,
    FORGERIES,
    MEMBER_ID,
    Launch,
    LaunchRefused,
    PostedLaunch,
    Refusal,
    read_launch,
)
from oauth.portal_address import normalize_domain
from web.frame import read_even_expired
from web.http.headers import allow_framing_by
from web.http.i18n import N_, use_language
from web.oauth.throttle import (
    HONEST,
    RETRY_AFTER,
    check_throttle,
    count_refusal,
    is_throttled,
    record_refusal,
)
from web.problems.pages import error_page, message_page, render
from web.services import services

STATUSES = {
    Refusal.MALFORMED: 400,
    Refusal.INCOMPLETE: 400,
    Refusal.EXPIRED: 401,
    Refusal.UNKNOWN_TOKEN: 401,
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
    Refusal.OTHER_ADDRESS: (
        N_("This Bitrix24 has another address"),
        N_("The app doesn't work at the address that you have used."),
        N_("Open Bitrix24 at %(address)s and start the app there."),
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
SECRETS = frozenset({"AUTH_ID", "REFRESH_ID", "APPLICATION_TOKEN"})
UNKNOWN_TOKEN = "unknown token"  # noqa: S105 - a kind of refusal
UNKNOWN_TOKENS_ALLOWED = 120
"""Refused tokens for which one caller may let us ask an authorization server at once. Without one
more question, a good token cannot be told from a forged one."""
LAUNCHES_AGAIN = 2
LAUNCHED_AGAIN_FIELD = "launched_again"
LAUNCHED_AGAIN = re.compile(r"(?P<count>[0-9])\.(?P<time>[0-9]{1,12})")
"""How often and when an expired page has launched itself again."""
LAUNCHED_AGAIN_SECONDS = 5 * 60


def accept_launch() -> Visit:
    """Verify the launch of this request and admit its user. Raises LaunchRefused or PortalError."""
    return admit_user(verify_launch(read_posted()))


def read_posted() -> PostedLaunch:
    """Read the launch of this request, and let the named portal show the answer.

    Raises LaunchRefused.
    """
    fields = _launch_fields()
    allow_known_portal(fields)
    use_language(fields.get("LANG", ""))
    return read_launch(fields)


def verify_launch(posted: PostedLaunch) -> Launch:
    """Verify a launch. Its user is not admitted yet. Raises LaunchRefused or PortalError."""
    before = read_even_expired()
    if before is None or before.member_id != posted.member_id:
        check_throttle(UNKNOWN_TOKEN, posted.member_id, UNKNOWN_TOKENS_ALLOWED)
    launch = services().handshake.accept(posted)
    allow_framing_by(launch.portal)
    return launch


def _launch_fields() -> Mapping[str, str]:
    """Return the fields of the query and the body.

    A portal puts some into the address, and a page that launches itself again puts all into the
    body. Tokens in an address are ignored, because addresses end up in logs and histories.
    """
    query = {name: value for name, value in request.args.items() if name not in SECRETS}
    return {**request.form.to_dict(), **query}


def admit_user(launch: Launch, ask: Callable[[Admission], None] | None = None) -> Visit:
    """Admit the user of a verified launch, and drop the tokens of a refused one.

    Costs an HTTP request, unless `ask` sends the commands of the admission along with its own.
    Raises LaunchRefused or PortalError.
    """
    shared = services()
    shared.lifecycle.confirm(launch)
    member_id, user_id = launch.portal.member_id, launch.user_id
    admission = Admission(launch)
    try:
        with admission.asking():
            if ask:
                ask(admission)
            else:
                client = shared.client(launch.portal, user_id)
                admission.take(client.batch(admission.commands))
        visit = admission.visit
    except LaunchRefused:
        shared.tokens.delete(member_id, user_id)
        raise
    shared.deferred.run(lambda: shared.user_names.save(member_id, user_id, visit.user_name))
    return visit


def refusal_page(refused: LaunchRefused) -> Response:
    """Return the page for a refused launch.

    It tells an attacker nothing: a forged launch gets the same words as an old page.
    """
    member_id, why = refused.member_id, refused.refusal
    forged = why in FORGERIES
    if forged and is_throttled("launch", member_id):
        return error_page(429, RETRY_AFTER)
    kind = "launch" if forged else HONEST + "launch"
    record_refusal(kind, why, member_id, domain=refused.domain)
    if why is Refusal.UNKNOWN_TOKEN or (forged and why is not Refusal.MALFORMED):
        count_refusal(UNKNOWN_TOKEN, member_id)
    status = STATUSES.get(refused.refusal, 403)
    if status == 401:
        fields = {name: request.values[name] for name in RENEWED_FIELDS if name in request.values}
        options = request.form.get("PLACEMENT_OPTIONS", "")
        if options:
            fields["PLACEMENT_OPTIONS"] = options
        return expired_page(request.script_root + request.path, fields)
    title, text, step = map(str, WORDS.get(refused.refusal, OTHER_WORDS))
    return message_page(title, text, step.replace("%(address)s", refused.origin), status)


def expired_page(action_url: str, fields: Mapping[str, str]) -> Response:
    """Return the page that launches itself again with tokens from the portal.

    After two launches within minutes it says instead where to open the app. A later reload of the
    frame posts the same fields, and starts counting again.
    """
    earlier = LAUNCHED_AGAIN.fullmatch(request.form.get(LAUNCHED_AGAIN_FIELD, ""))
    count, now = 0, int(time.time())
    if earlier and abs(now - int(earlier["time"])) < LAUNCHED_AGAIN_SECONDS:
        count = int(earlier["count"])
    return render(
        "pages/expired.html",
        401,
        action_url=action_url,
        fields={**fields, LAUNCHED_AGAIN_FIELD: f"{count + 1}.{now}"},
        final=count >= LAUNCHES_AGAIN,
    )


def allow_known_portal(fields: Mapping[str, str]) -> None:
    """Let a known portal that a launch names show the answer in its frame.

    Answers to launches that are not verified hold no data.
    """
    portals, member_id = services().portals, fields.get("member_id", "")
    domain = normalize_domain(fields.get("DOMAIN", ""))
    named = portals.find(member_id) if MEMBER_ID.fullmatch(member_id) else None
    if named is None and DOMAIN.fullmatch(domain):
        named = portals.find_by_domain(domain)
    if named and domain in {"", named.domain}:
        allow_framing_by(named)
