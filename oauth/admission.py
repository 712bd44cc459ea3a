"""Who may use the app: the portal decides, by its list of users for the app and by who is staff.

Booking's REST methods ask nobody's rights, and the portal's own waiting list admits staff only, so
extranet users are refused here. CRM is what tells them apart without asking for a users' scope.
"""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import Struct

from bitrix24.batch import Command
from bitrix24.client import PortalClient
from bitrix24.errors import (
    AppNotAllowed,
    Busy,
    ExpiredToken,
    NoAnswer,
    SessionEnded,
)
from oauth.launch import Launch, LaunchRefused, Refusal

EXTRANET = "allowed_only_intranet_user"


class Profile(Struct, frozen=True, rename="upper"):
    """The user of a token."""

    admin: bool = False


PROFILE = Command("profile", None, Profile)
"""Needs no scope."""
STAFF = Command("crm.item.list", {"entityTypeId": 3, "select": ["id"], "start": -1})
"""Any call of CRM: a portal refuses it to extranet users."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A launch by a user whom the portal lets in."""

    launch: Launch
    administrator: bool


def admit(launch: Launch, client: PortalClient) -> Visit:
    """One HTTP request. Raises LaunchRefused, or PortalError when the portal does not answer."""
    try:
        answer = client.batch([PROFILE, STAFF])
        profile = answer[PROFILE]
    except AppNotAllowed:
        raise _refused(launch, Refusal.NOT_ALLOWED) from None
    except (ExpiredToken, SessionEnded):
        raise _refused(launch, Refusal.EXPIRED) from None
    error = answer.errors.get(STAFF)
    if error is not None and error.code == EXTRANET:
        raise _refused(launch, Refusal.EXTRANET)
    if isinstance(error, Busy | NoAnswer):
        # Who is staff was not told: a portal looks at its limits before it looks at the user.
        raise error
    return Visit(launch, administrator=profile.admin)


def _refused(launch: Launch, refusal: Refusal) -> LaunchRefused:
    return LaunchRefused(refusal, launch.portal.member_id, launch.portal.domain)
