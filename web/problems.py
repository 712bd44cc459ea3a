"""What went wrong, in words for people: one sentence, whether it was saved, one next step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

from bitrix24 import errors as portal
from oauth.session import SessionInvalid
from waitlist import errors as waitlist
from web.i18n import gettext as _
from web.i18n import ngettext


@dataclass(frozen=True, slots=True)
class Problem:
    """`status` is the HTTP status of the answer that says it; `retry` offers *Try again*, and
    `retry_after` is the seconds before that makes sense, 0 where nobody knows."""

    text: str
    step: str
    status: int
    retry: bool = False
    retry_after: int = 0


def problem_of(error: Exception) -> Problem:
    """The words for an error of a portal or of the waiting list."""
    if isinstance(error, portal.Busy) and error.retry_after > 0:
        return _busy(ceil(error.retry_after))
    for kind, words in WORDS.items():
        if isinstance(error, kind):
            return words()
    return Problem(
        _("Something went wrong in the app. Your changes are kept on this page."),
        _("Try again. If it happens again, tell your administrator."),
        500,
        retry=True,
    )


def unknown_customers(names: str) -> Problem:
    """Customers that CRM does not show to this user were to be added."""
    return Problem(
        _("CRM does not show %(names)s to you. Nothing was saved.") % {"names": names},
        _("Remove them from the list, or ask your CRM administrator."),
        422,
    )


def _busy(seconds: int) -> Problem:
    minutes = ceil(seconds / 60)
    if minutes > 1:
        step = ngettext(
            "Try again in %(count)s minute.", "Try again in %(count)s minutes.", minutes
        ) % {"count": minutes}
    else:
        step = ngettext(
            "Try again in %(count)s second.", "Try again in %(count)s seconds.", seconds
        ) % {"count": seconds}
    text = _("Bitrix24 is busy. Your changes are kept on this page.")
    return Problem(text, step, 503, retry=True, retry_after=seconds)


def _session_ended() -> Problem:
    """Our own session or the portal's tokens: to whoever sits there it is the same."""
    return Problem(
        _("The session has ended. Your changes are kept on this page."),
        _("Reload the page."),
        401,
    )


WORDS: dict[type[Exception], Callable[[], Problem]] = {
    SessionInvalid: _session_ended,
    waitlist.RecordGone: lambda: Problem(
        _(
            "This waiting-list record no longer exists. It was probably booked or removed. "
            "Your changes were not saved."
        ),
        _("Choose another record, or make a new one with these customers."),
        410,
    ),
    waitlist.CustomerTypeMissing: lambda: Problem(
        _("Online Booking on this portal does not know this kind of customer yet."),
        _("Open Booking once, make a booking with such a customer, then try again."),
        409,
        retry=True,
    ),
    waitlist.ToolDisabled: lambda: Problem(
        _("Online Booking is switched off on this portal. Nothing was saved."),
        _("Ask your administrator to switch it on: Settings → Tools."),
        409,
        retry=True,
    ),
    waitlist.PlanMissing: lambda: Problem(
        _("Your Bitrix24 plan does not include this part of Online Booking. Nothing was saved."),
        _("Ask your administrator."),
        403,
    ),
    waitlist.SaveFailed: lambda: Problem(
        _("The customers could not be saved, others are changing this record right now."),
        _("Wait a moment and try again."),
        409,
        retry=True,
    ),
    portal.SessionEnded: _session_ended,
    portal.NoAnswer: lambda: Problem(
        _("Bitrix24 did not answer properly. Your changes are kept on this page."),
        _("Try again."),
        502,
        retry=True,
    ),
    portal.Busy: lambda: Problem(
        _("Bitrix24 is busy. Your changes are kept on this page."),
        _("Wait a moment and try again."),
        503,
        retry=True,
    ),
    portal.AppNotAllowed: lambda: Problem(
        _("Your administrator has not opened this app to you."),
        _("Ask your administrator: Market → Installed → Access."),
        403,
    ),
    portal.NotPermitted: lambda: Problem(
        _("You have no right to do this in Bitrix24. Nothing was saved."),
        _("Ask your administrator."),
        403,
    ),
    portal.Blocked: lambda: Problem(
        _("This Bitrix24 does not run apps at the moment: its plan may have ended."),
        _("Ask your administrator."),
        403,
    ),
    portal.MethodMissing: lambda: Problem(
        _("Online Booking on this portal is missing or too old."),
        _("Ask your administrator to update it: Online Booking 25.300.0 or later is needed."),
        501,
    ),
}
