"""The state of an installation, and the events of the portal that change it.

    (no row) ──verified launch──▶ OPENED ──installer done──▶ INSTALLED
                                    ▲                            │
                       verified launch                    ONAPPUNINSTALL
                                    │                            ▼
                                    └────────────────────── UNINSTALLED

Events arrive late, twice and out of order, and any computer can post them. The application_token
authenticates an event. It is learned from an administrator only, because a regular user also has a
valid access token and could post it with any application_token. The real application_token passes
through every user's browser, so an uninstall is believed only when no token of the portal works.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bitrix24.client import PortalClient
from bitrix24.errors import PortalError
from installation.installer import is_administrator
from oauth.handshake import Handshake
from oauth.launch import MEMBER_ID, Launch, LaunchRefused, read_launch
from store.portals import Portal, PortalStore, Status

LONGEST_FIELD = 512
CLOCK_TOLERANCE = 60
"""Seconds by which the clock of a portal may differ from ours."""
TOKEN_EVENTS = frozenset({"ONAPPINSTALL", "ONAPPUPDATE"})
"""The events that may carry a new application_token. They also carry an access token."""


class Verdict(StrEnum):
    """The result of an event."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class Event:
    """An event as posted.

    `name` is in upper case, the keys of `auth` and `data` are without brackets, and `ts` is in
    seconds since 1970, or 0.
    """

    name: str
    ts: int
    data: Mapping[str, str]
    auth: Mapping[str, str] = field(repr=False)

    @property
    def member_id(self) -> str:
        return self.auth.get("member_id", "")


def read_event(form: Mapping[str, str]) -> Event | None:
    """Read an event from form fields such as `auth[member_id]`. Returns None if it is malformed."""
    if any(len(value) > LONGEST_FIELD for value in form.values()):
        return None
    ts = form.get("ts", "0")
    event = Event(
        name=form.get("event", "").upper(),
        ts=int(ts) if ts.isascii() and ts.isdigit() else 0,
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
        key[len(prefix) : -1]: value
        for key, value in form.items()
        if key.startswith(prefix) and key.endswith("]")
    }


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Applies events to the installation. The same event may be applied again."""

    portals: PortalStore
    handshake: Handshake
    client: Callable[[Portal, int], PortalClient]

    def receive(self, event: Event) -> Verdict:
        """Apply an event with a known application_token. `learn` may accept a refused event.

        Only an uninstall costs requests, to the authorization server.
        """
        portal = self.portals.find(event.member_id)
        if portal is None or not _has_token(event, portal.application_token):
            return Verdict.REFUSED
        if event.name == "ONAPPUNINSTALL" and not _is_outdated(portal, event):
            if self.handshake.is_installed(portal):
                return Verdict.REFUSED
            keep_history = event.data.get("CLEAN") != "1"
            self.portals.uninstall(portal.member_id, keep_history=keep_history)
        return Verdict.ACCEPTED

    def learn_token(self, launch: Launch) -> None:
        """Store the application_token of an administrator's launch.

        A portal may change the token with an update and send no event.
        """
        portal, token = launch.portal, launch.application_token
        if token and token != portal.application_token:
            self.portals.save(replace(portal, application_token=token))

    def learn(self, event: Event) -> Verdict:
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
            if not is_administrator(self.client(launch.portal, launch.user_id)):
                return Verdict.REFUSED
        except (LaunchRefused, PortalError):
            return Verdict.REFUSED
        self.learn_token(launch)
        return Verdict.ACCEPTED


def _is_outdated(portal: Portal, event: Event) -> bool:
    """Return whether an uninstall was handled before or is of an earlier installation."""
    earlier = 0 < event.ts < portal.changed_at - CLOCK_TOLERANCE
    return earlier or portal.status is Status.UNINSTALLED


def _has_token(event: Event, expected: str) -> bool:
    given = event.auth["application_token"]
    return bool(expected) and hmac.compare_digest(expected.encode(), given.encode())
