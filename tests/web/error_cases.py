"""Errors that users can meet while they save: how to cause each, and its text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.portal.portal import Portal
from tests.cast import ADMINISTRATOR, REGULAR_USER

SET = "booking.v1.waitlist.client.set"
NOTHING_SAVED = "Nothing was saved. Your changes are kept on this page."
CANNOT_TELL = "We can't tell whether your changes were saved. They are kept on this page."
LOOKS_AGAIN = "The app looks again by itself."
ADMINS = "Ask your administrator"
DETAILS = "send the details to your administrator"
NUMBER = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
"""The request's number, by which support finds it in the log."""
CODES = re.compile(r"\b(1035|1040|ERROR_|SQL|Array|HTTP \d|null)")
"""What a portal says to programs, and people never read."""


@dataclass(frozen=True)
class State:
    """An error and its text. `again` expects *Try again*, `button` another button."""

    name: str
    provoke: Callable[[Portal, int], object]
    text: str
    step: str
    effect: str = NOTHING_SAVED
    again: bool = True
    button: str = ""
    user: int = ADMINISTRATOR

    def __str__(self) -> str:
        return self.name


def fault(kind: str, method: str = SET, **options: Any) -> Callable[[Portal, int], object]:
    return lambda portal, _number: portal.faults.add(kind, method, **options)


def error(code: str, description: str = "", status: int = 400) -> Callable[[Portal, int], object]:
    return fault("error", code=code, description=description, status=status)


def refused(code: str, status: int = 401, description: str = "") -> Callable[[Portal, int], object]:
    return fault("refused", code=code, description=description, status=status)


def tool_off(portal: Portal, _number: int) -> None:
    portal.state.booking_tool = False


def gone(portal: Portal, number: int) -> None:
    portal.state.records[number].deleted = True


def mend(portal: Portal, number: int) -> None:
    """Restore the portal."""
    portal.faults.clear()
    portal.state.booking_tool = True
    portal.state.records[number].deleted = False


NO_ANSWER = "Bitrix24 did not answer properly."
MISTAKE = "Something went wrong in the app."
PLAN = "Your Bitrix24 plan does not include this part of Online Booking."
STATES = [
    State("gone", gone, "no longer exists", "Choose another record or create a new", again=False),
    State("plan", fault("feature_off"), PLAN, "Choose a plan", again=False, button="Plans"),
    State("plan-user", fault("feature_off"), PLAN, ADMINS, again=False, user=REGULAR_USER),
    State("tool", tool_off, "Online Booking is switched off", "Switch it on: Settings → Tools."),
    State("tool-user", tool_off, "is switched off", ADMINS, user=REGULAR_USER),
    State("client-type", fault("no_client_types"), "this kind of customer", "Open Booking once"),
    State("1035", error("1035", "(1062) Dup"), "others are changing this record", "Wait a moment"),
    State("100", error("100", "Could not find value"), MISTAKE, DETAILS, again=False),
    State("422", error("422", "Array's element"), MISTAKE, DETAILS, again=False),
    State("0", error("0", "Required fields: id"), MISTAKE, DETAILS, again=False),
    State("unknown", error("ERROR_CORE", "SQL query error!"), "for an unknown reason", DETAILS),
    State(
        "rights", error("ACCESS_DENIED"), "You don't have permission", "Ask your CRM", again=False
    ),
    State("method", error("ERROR_METHOD_NOT_FOUND"), "too old", "Update it: Online", again=False),
    State("busy", fault("QUERY_LIMIT_EXCEEDED"), "Bitrix24 is busy.", "Try again in"),
    State("run-time", fault("OPERATION_TIME_LIMIT"), "has paused this", "Try again in 10 min"),
    State("overload", fault("OVERLOAD_LIMIT"), "overload", "Write to Bitrix24", again=False),
    State("unpaid", fault("PAYMENT_REQUIRED"), "has expired", "Renew it", again=False),
    State(
        "commercial",
        fault("commercial_plan"),
        "only on commercial",
        "Choose a plan",
        again=False,
        button="Plans",
    ),
    State(
        "access",
        fault("user_access_error"),
        "hasn't given you access to this app",
        ADMINS,
        again=False,
    ),
    State("scope", refused("insufficient_scope"), "permissions", "Update the app", again=False),
    State("closed", refused("PORTAL_DELETED", 403), "closed or deleted", ADMINS, again=False),
    State("https", refused("INVALID_REQUEST"), "over HTTPS", ADMINS, again=False),
    State("credentials", refused("INVALID_CREDENTIALS"), "permission", "Ask your CRM", again=False),
    State("session", refused("NO_AUTH_FOUND"), "The session has ended.", "Log in to Bitrix24"),
    State("token", refused("invalid_token"), "The session has ended.", "Log in to Bitrix24"),
    State("500", fault("server_error"), NO_ANSWER, LOOKS_AGAIN, effect=CANNOT_TELL),
    State("html", fault("html"), NO_ANSWER, LOOKS_AGAIN, effect=CANNOT_TELL),
    State("moved", fault("redirect"), NO_ANSWER, "Wait a moment and try again."),
    State(
        "unknown-outcome",
        lambda portal, _: [
            portal.faults.add("drop_before", SET, count=1),
            portal.faults.add("server_error", "booking.v1.waitlist.get", probability=0.5),
        ],
        NO_ANSWER,
        LOOKS_AGAIN,
        effect=CANNOT_TELL,
    ),
]
ON_A_PAGE = [
    state
    for state in STATES
    if state.name
    in {"gone", "plan", "plan-user", "tool", "busy", "closed", "session", "500", "unknown-outcome"}
]
"""One of each kind: with and without *Try again*, a countdown, a button, an open question."""
