"""Decides which users may use the app. The portal's list of users for the app says so.

Extranet users are refused here: the portal's own waiting list is for employees only, but the REST
methods of Booking check no rights. A call of CRM tells them apart without the `user` scope.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from msgspec import Struct

from bitrix24.batch import BatchAnswer, Command
from bitrix24.errors import AppNotAllowed, Busy, ExpiredToken, NoAnswer, SessionEnded, Unwritable
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
EMPLOYEES_ONLY = Command("crm.item.list", {"entityTypeId": CONTACT, "select": ["id"], "start": -1})
"""A call of CRM, which a portal refuses to extranet users. Contacts are as good as any."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A launch by a user who may use the app."""

    launch: Launch
    administrator: bool
    user_name: str = ""


class Admission:
    """Admits the user of a launch when the portal has answered `commands`."""

    commands: Sequence[Command] = (PROFILE, EMPLOYEES_ONLY)

    def __init__(self, launch: Launch) -> None:
        self._launch = launch
        self._visit: Visit | None = None

    @property
    def pending(self) -> bool:
        """Return whether the portal has not answered yet."""
        return self._visit is None

    @property
    def visit(self) -> Visit:
        """Return the visit of the admitted user. Raises NoAnswer while it is pending."""
        if self._visit is None:
            raise NoAnswer("NotAdmitted")
        return self._visit

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Refuse the launch where the portal refuses the request. Raises LaunchRefused."""
        try:
            yield
        except (AppNotAllowed, ExpiredToken, SessionEnded) as error:
            if not self.pending:
                raise
            not_allowed = isinstance(error, AppNotAllowed)
            refusal = Refusal.NOT_ALLOWED if not_allowed else Refusal.EXPIRED
            raise self._refused(refusal) from None

    def take(self, answer: BatchAnswer) -> None:
        """Read the answers to `commands`. Raises LaunchRefused or PortalError."""
        profile = answer[PROFILE]
        error = answer.errors.get(EMPLOYEES_ONLY)
        if error is not None and error.code == EXTRANET:
            raise self._refused(Refusal.EXTRANET)
        if isinstance(error, Busy | NoAnswer) and not isinstance(error, Unwritable):
            # A portal checks its limits before it checks the user, so this says nothing about them.
            raise error
        self._visit = Visit(self._launch, profile.admin, profile.full_name)

    def _refused(self, refusal: Refusal) -> LaunchRefused:
        portal = self._launch.portal
        return LaunchRefused(refusal, portal.member_id, portal.domain)
