"""The life of an installation, as the portal's events tell it.

    (no row) ──verified launch──▶ OPENED ──installer done──▶ INSTALLED
                                    ▲                            │
                       verified launch                    ONAPPUNINSTALL
                                    │                            ▼
                                    └────────────────────── UNINSTALLED

Events come late, twice and out of order, and anybody can post them. The application_token proves
an event; it is learned from an administrator only, because a regular user holds a good access
token too and could post any application_token beside it. But a portal posts its true one through
every user's browser, so an uninstall is believed only when no token works any more.
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
LATE = 60
"""Seconds by which a portal's clock may differ from ours."""
TEACHING = frozenset({"ONAPPINSTALL", "ONAPPUPDATE"})
"""The events that may bring another application_token; they carry an access token to check."""


class Verdict(StrEnum):
    """What became of an event."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class Event:
    """An event as posted: names in upper case, `auth` and `data` without their brackets, `ts` in
    seconds since 1970 (0 where missing)."""

    name: str
    ts: int
    data: Mapping[str, str]
    auth: Mapping[str, str] = field(repr=False)

    @property
    def member_id(self) -> str:
        return self.auth.get("member_id", "")


def read_event(form: Mapping[str, str]) -> Event | None:
    """An event from its form fields, `auth[member_id]` and so on; None when it is none."""
    if any(len(value) > LONGEST_FIELD for value in form.values()):
        return None
    ts = form.get("ts", "0")
    event = Event(
        name=form.get("event", "").upper(),
        ts=int(ts) if ts.isascii() and ts.isdigit() else 0,
        data=_bracketed(form, "data"),
        auth=_bracketed(form, "auth"),
    )
    sound = (
        event.name.isidentifier()
        and MEMBER_ID.fullmatch(event.member_id)
        and event.auth.get("application_token")
    )
    return event if sound else None


def _bracketed(form: Mapping[str, str], name: str) -> dict[str, str]:
    prefix = f"{name}["
    return {
        key[len(prefix) : -1]: value
        for key, value in form.items()
        if key.startswith(prefix) and key.endswith("]")
    }


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Carries out what events mean. Safe to repeat with the same event."""

    portals: PortalStore
    handshake: Handshake
    client: Callable[[Portal, int], PortalClient]

    def receive(self, event: Event) -> Verdict:
        """What is refused for its application_token, `learn` may still believe. Only an uninstall
        costs requests, to the authorization server."""
        portal = self.portals.find(event.member_id)
        if portal is None or not _same(portal.application_token, event):
            return Verdict.REFUSED
        if event.name == "ONAPPUNINSTALL" and _ends(portal, event):
            if self.handshake.is_installed(portal):
                return Verdict.REFUSED
            keep_history = event.data.get("CLEAN") != "1"
            self.portals.uninstall(portal.member_id, keep_history=keep_history)
        return Verdict.ACCEPTED

    def learn_token(self, launch: Launch) -> None:
        """Takes over the application_token of a launch that an administrator made. A portal may
        change the token with an update and tell no event of it."""
        portal, token = launch.portal, launch.application_token
        if token and token != portal.application_token:
            self.portals.save(replace(portal, application_token=token))

    def learn(self, event: Event) -> Verdict:
        """Believes the unknown application_token of a TEACHING event only with an administrator's
        access token. Costs requests to the authorization server and the portal."""
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


def _ends(portal: Portal, event: Event) -> bool:
    """Not what was done already, nor what tells of an installation before this one."""
    late = 0 < event.ts < portal.changed_at - LATE
    return portal.status is not Status.UNINSTALLED and not late


def _same(expected: str, event: Event) -> bool:
    given = event.auth["application_token"]
    return bool(expected) and hmac.compare_digest(expected.encode(), given.encode())
