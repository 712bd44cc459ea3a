"""The state of an installation, and the events of the portal that change it.

    (no row) ──verified launch──▶ OPENED ──installer done──▶ INSTALLED
                                    ▲                            │
                       verified launch                    ONAPPUNINSTALL
                                    │                            ▼
                                    └────────────────────── UNINSTALLED

Events arrive late, twice and out of order, and any computer can post them. The application_token
authenticates an event. It is learned from an administrator only, because a regular user also has a
valid access token and could post it with any application_token. The real application_token passes
through every user's browser, so an uninstall is believed only when every token of the portal is
refused. Even then the history stays for a grace period, in which a launch keeps it: the refused
tokens may be those of dismissed users.
"""

import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bitrix24.client import PortalClient
from bitrix24.errors import PortalError
from installation.installer import is_administrator
from oauth.authorization_server import Report
from oauth.handshake import Handshake, Presence
from oauth.launch import MEMBER_ID, Launch, LaunchRefused, read_launch
from store.changes import ChangeStore
from store.portals import Portal, PortalStore, Status
from store.uninstalls import Uninstall, UninstallStore

LONGEST_FIELD = 512
GRACE_PERIOD = 7 * 24 * 3600
"""Seconds for which the history is kept after an uninstall, and until the next try to prove one."""
TOKEN_EVENTS = frozenset({"ONAPPINSTALL", "ONAPPUPDATE"})
"""The events that may carry a new application_token. They also carry an access token."""


HINTS = "ONBOOKING"
"""Events of the booking module begin with it. They may come twice, late, or joined with others."""


class Verdict(StrEnum):
    ACCEPTED = "accepted"
    POSTPONED = "postponed"
    REFUSED = "refused"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class Event:
    """An event: its `name` in upper case, its keys without brackets.

    The portal's own time `ts` is not read: its clock may differ from ours, so it proves nothing.
    """

    name: str
    data: Mapping[str, str]
    auth: Mapping[str, str] = field(repr=False)

    @property
    def member_id(self) -> str:
        return self.auth.get("member_id", "")

    @property
    def is_hint(self) -> bool:
        """Return whether it only says what to read again, such as a record."""
        return self.name.startswith(HINTS)


def read_event(form: Mapping[str, str]) -> Event | None:
    """Read an event from form fields such as `auth[member_id]`. Returns None if it is malformed.

    A longer field is cut: the list of scopes is long where an app has many of them.
    """
    event = Event(
        name=form.get("event", "")[:LONGEST_FIELD].upper(),
        data=_bracketed(form, "data"),
        auth=_bracketed(form, "auth"),
    )
    valid = (
        event.name.isidentifier()
        and MEMBER_ID.fullmatch(event.member_id)
        and event.auth.get("application_token")
    )
    return event if valid else None


def _bracketed(form: Mapping[str, str], name: str) -> dict[str, str]:
    prefix = f"{name}["
    return {
        key[len(prefix) : -1]: value[:LONGEST_FIELD]
        for key, value in form.items()
        if key.startswith(prefix) and key.endswith("]")
    }


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Applies events to the installation. The same event may be applied again."""

    portals: PortalStore
    handshake: Handshake
    uninstalls: UninstallStore
    changes: ChangeStore
    client: Callable[[Portal, int], PortalClient]
    report: Report

    def receive(self, event: Event, may_ask: Callable[[str], bool] = lambda _: True) -> Verdict:
        """Apply an event. Only an uninstall costs requests.

        `accept_token_event` may accept one that is refused here.
        """
        portal = self.portals.find(event.member_id)
        if portal is None or not _has_token(event, portal.application_token):
            return Verdict.REFUSED
        if event.is_hint and portal.status is Status.UNINSTALLED:
            return Verdict.REFUSED
        if event.name != "ONAPPUNINSTALL":
            return Verdict.ACCEPTED
        delete_history = event.data.get("CLEAN") == "1"
        if may_ask(portal.member_id):
            return self._uninstall(portal, delete_history=delete_history)
        return self._postpone(portal.member_id, delete_history=delete_history)

    def _uninstall(self, portal: Portal, *, delete_history: bool) -> Verdict:
        """Apply an uninstall as far as it is proven, and note what has to be done later.

        The late event of an earlier installation is refused, because tokens work again.
        """
        member_id = portal.member_id
        presence = self.handshake.find_presence(portal)
        if presence is Presence.INSTALLED:
            self.uninstalls.remove(member_id)
            return Verdict.REFUSED
        if presence is Presence.UNKNOWN:
            return self._postpone(member_id, delete_history=delete_history)
        known = self.uninstalls.find(member_id)
        if portal.status is Status.UNINSTALLED and (known.proven if known else not delete_history):
            # The same event came before.
            return Verdict.ACCEPTED
        self.portals.uninstall(member_id)
        if delete_history:
            self.uninstalls.save(
                Uninstall(member_id, _end_of_grace(), delete_history=True, proven=True)
            )
        self.report(
            {"accepted": "uninstall", "member_id": member_id, "delete_history": delete_history}
        )
        return Verdict.ACCEPTED

    def _postpone(self, member_id: str, *, delete_history: bool) -> Verdict:
        """Ask again after the grace period. Events that repeat this change and log nothing."""
        now, known = time.time(), self.uninstalls.find(member_id)
        if known and known.due_at > now and known.delete_history >= delete_history:
            return Verdict.POSTPONED
        self.uninstalls.save(Uninstall(member_id, _end_of_grace(), delete_history, proven=False))
        self.report({"accepted": "unproven uninstall", "member_id": member_id})
        return Verdict.POSTPONED

    def confirm(self, launch: Launch) -> None:
        """Forget an unfinished uninstall. A verified launch shows that the app is there.

        If the portal is installing the app again, a proven uninstall was real and is finished.
        """
        member_id = launch.portal.member_id
        uninstall = self.uninstalls.find(member_id)
        if uninstall is None:
            return
        if uninstall.proven and not launch.installed:
            self._delete_history(member_id)
        self.uninstalls.remove(member_id)
        self.report({"accepted": "launch after an uninstall", "member_id": member_id})

    def finish_uninstalls(self, *, may_ask: bool) -> None:
        """Delete the history of portals whose grace period is over.

        If `may_ask`, also try again to prove an uninstall, which costs requests to the
        authorization server, see `Handshake.find_presence`.
        """
        for uninstall in self.uninstalls.find_due(time.time()):
            portal = self.portals.find(uninstall.member_id)
            if portal is None:
                continue
            if uninstall.proven:
                self._delete_history(uninstall.member_id)
                self.uninstalls.remove(uninstall.member_id)
            elif may_ask:
                self._uninstall(portal, delete_history=uninstall.delete_history)

    def _delete_history(self, member_id: str) -> None:
        self.changes.delete(member_id)
        self.report({"accepted": "deletion of the history", "member_id": member_id})

    def save_application_token(self, launch: Launch) -> None:
        """Store an administrator's application_token: an update may change it without an event."""
        portal, token = launch.portal, launch.application_token
        if not token or token == portal.application_token:
            return
        if self.portals.save_application_token(portal, token):
            self.report({"accepted": "application token", "member_id": portal.member_id})

    def accept_token_event(self, event: Event) -> Verdict:
        """Accept one of the TOKEN_EVENTS with an unknown application_token.

        Its access token must be an administrator's. Costs a request to the authorization server and
        one to the portal.
        """
        fields = {
            "AUTH_ID": event.auth.get("access_token", ""),
            "REFRESH_ID": event.auth.get("refresh_token", ""),
            "APPLICATION_TOKEN": event.auth["application_token"],
            "SERVER_ENDPOINT": event.auth.get("server_endpoint", ""),
            "member_id": event.member_id,
            "DOMAIN": event.auth.get("domain", ""),
        }
        try:
            posted = read_launch(fields)
            launch = self.handshake.accept(posted)
            self.confirm(launch)
            if not is_administrator(self.client(launch.portal, launch.user_id)):
                return Verdict.REFUSED
        except (LaunchRefused, PortalError):
            return Verdict.REFUSED
        self.save_application_token(launch)
        return Verdict.ACCEPTED


def _end_of_grace() -> int:
    return int(time.time()) + GRACE_PERIOD


def _has_token(event: Event, expected: str) -> bool:
    given = event.auth["application_token"]
    return bool(expected) and hmac.compare_digest(expected.encode(), given.encode())
