"""Decides which users may use the app. The portal's list of users for the app says so.

Extranet users are refused here: the portal's own waiting list is for employees only, but the REST
methods of Booking check no rights. A call of CRM tells them apart without the `user` scope.
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
    Unwritable,
)
from bitrix24.ids import CONTACT
from oauth.launch import Launch, LaunchRefused, Refusal

EXTRANET = "allowed_only_intranet_user"
LONGEST_NAME = 100
"""Characters that are kept of a user's name."""


class Profile(Struct, frozen=True, rename="upper"):
    """The answer to `profile`. The name of a user may be anything, or missing."""

    admin: bool = False
    name: str = ""
    last_name: str = ""

    @property
    def full_name(self) -> str:
        """Return the name on one line; "" for a user without one."""
        text = " ".join(f"{self.name} {self.last_name}"[: 2 * LONGEST_NAME].split())
        return "".join(filter(str.isprintable, text))[:LONGEST_NAME]


PROFILE = Command("profile", {}, Profile)
"""The user of the token. Needs no scope."""
STAFF = Command("crm.item.list", {"entityTypeId": CONTACT, "select": ["id"], "start": -1})
"""A call of CRM, which a portal refuses to extranet users. Contacts are as good as any."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A launch by a user who may use the app."""

    launch: Launch
    administrator: bool
    user_name: str = ""


def admit(launch: Launch, client: PortalClient) -> Visit:
    """Check that the user may use the app; one HTTP request. Raises LaunchRefused, PortalError."""
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
    if isinstance(error, Busy | NoAnswer) and not isinstance(error, Unwritable):
        # A portal checks its limits before it checks the user, so this says nothing about the user.
        raise error
    return Visit(launch, administrator=profile.admin, user_name=profile.full_name)


def _refused(launch: Launch, refusal: Refusal) -> LaunchRefused:
    return LaunchRefused(refusal, launch.portal.member_id, launch.portal.domain)
