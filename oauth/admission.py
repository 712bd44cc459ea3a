"""Who may use the app: the portal decides, by its list of users for the app and by who is staff.

Booking's REST methods ask nobody's rights, and the portal's own waiting list admits staff only, so
extranet users are refused here. CRM is what tells them apart without asking for a users' scope.
"""

from __future__ import annotations

from dataclasses import dataclass

from bitrix24.batch import Command, php_map
from bitrix24.client import PortalClient
from bitrix24.errors import (
    AppNotAllowed,
    Busy,
    ExpiredToken,
    NoAnswer,
    PortalError,
    SessionEnded,
)
from oauth.launch import Launch, LaunchRefused, Refusal

EXTRANET = "allowed_only_intranet_user"


@dataclass(frozen=True, slots=True)
class Visit:
    """A launch by a user whom the portal lets in."""

    launch: Launch
    administrator: bool


def admit(launch: Launch, client: PortalClient) -> Visit:
    """One HTTP request. Raises LaunchRefused, or PortalError when the portal does not answer."""
    commands = {
        "profile": Command("profile"),
        "staff": Command("crm.item.list", {"entityTypeId": 3, "select": ["id"], "start": -1}),
    }
    try:
        answer = client.batch(commands)
        profile = php_map(answer.result("profile"))
    except AppNotAllowed:
        raise _refused(launch, Refusal.NOT_ALLOWED) from None
    except (ExpiredToken, SessionEnded):
        raise _refused(launch, Refusal.EXPIRED) from None
    error: PortalError | None = answer.errors.get("staff")
    if error is not None and error.code == EXTRANET:
        raise _refused(launch, Refusal.EXTRANET)
    if isinstance(error, Busy | NoAnswer):
        # Who is staff was not told: a portal looks at its limits before it looks at the user.
        raise error
    return Visit(launch, administrator=profile.get("ADMIN") is True)


def _refused(launch: Launch, refusal: Refusal) -> LaunchRefused:
    return LaunchRefused(refusal, launch.portal.member_id, launch.portal.domain)
