"""The words for each kind of error: what happened, and one next step.

Whoever administers the portal is told what to do, everybody else whom to ask.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from flask import g, request

from bitrix24 import errors as portal
from bitrix24.journal import request_id
from oauth.session import SessionInvalid
from waitlist import errors as waitlist
from web.countdown import countdown
from web.edits import LONGEST_NOTE
from web.i18n import gettext as _

PLANS = "/settings/license_all.php"
"""Where a portal in the cloud shows its plans."""


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


@dataclass(frozen=True, slots=True)
class Problem:
    """`status` is the HTTP status of the answer that says it; `retry` offers *Try again*, and
    `retry_after` is the seconds before that makes sense, 0 where nobody knows. `page` is the page
    of the portal where an administrator can do something about it, and `page_name` what its button
    says. `renew` offers a new record with the editor's customers. `time` and `number` are for
    support."""

    text: str
    step: str
    status: int
    retry: bool = False
    retry_after: int = 0
    page: str = ""
    page_name: str = ""
    renew: bool = False
    time: str = field(default_factory=_now)
    number: str = field(default_factory=request_id.get)

    @property
    def countdown(self) -> tuple[tuple[int, str], ...]:
        """What is said while the page waits to try again by itself; empty where it does not."""
        return countdown(self.retry_after) if self.retry else ()


def _for_administrators(
    problem: Problem, step: str, page: str = "", page_name: str = ""
) -> Problem:
    """The problem, with another next step for somebody who can do something about it."""
    frame = g.get("frame")
    if frame is None or not frame.session.administrator:
        return problem
    return replace(problem, step=step, page=page, page_name=page_name)


def _plans(problem: Problem) -> Problem:
    step = _("Choose a plan that includes it.")
    return _for_administrators(problem, step, PLANS, _("Plans"))


def _session_ended() -> Problem:
    """Our own session or the portal's tokens: to whoever sits there it is the same."""
    return Problem(
        _("The session has ended."),
        _("Log in to Bitrix24 again, then try again."),
        401,
        retry=True,
    )


def _unanswered() -> Problem:
    return Problem(
        _("Bitrix24 did not answer properly."), _("Wait a moment and try again."), 502, retry=True
    )


def _record_gone() -> Problem:
    return Problem(
        _("This waiting-list record no longer exists. It was probably booked or removed."),
        _("Choose another record, or make a new one with these customers.")
        if "base_note" in request.form
        else _("Choose another record."),
        410,
        renew="base_note" in request.form,
    )


WORDS: dict[type, Callable[[], Problem]] = {
    SessionInvalid: _session_ended,
    waitlist.RecordGone: _record_gone,
    waitlist.NoteTooLong: lambda: Problem(
        _("The note is too long."),
        _("Shorten it to %(count)s characters at most.") % {"count": LONGEST_NOTE},
        422,
    ),
    waitlist.ForeignCustomers: lambda: Problem(
        _("This record has customers the app does not know, so it cannot be changed here."),
        _("Edit it in Bitrix24."),
        409,
    ),
    waitlist.CrmClosed: lambda: Problem(
        _("You can only read the waiting list, because CRM shows you no customers."),
        _("Ask your CRM administrator for access."),
        403,
    ),
    waitlist.CustomerNotShown: lambda: Problem(
        _("CRM does not show this customer to you."), _("Ask your CRM administrator."), 403
    ),
    waitlist.DealNotShown: lambda: Problem(
        _("CRM does not show this deal to you."), _("Ask your CRM administrator."), 403
    ),
    waitlist.CustomerTypeMissing: lambda: Problem(
        _("Online Booking in this Bitrix24 does not know this kind of customer yet."),
        _("Open Booking once, make a booking with such a customer, then try again."),
        409,
        retry=True,
    ),
    waitlist.ToolDisabled: lambda: _for_administrators(
        Problem(
            _("Online Booking is switched off in this Bitrix24."),
            _("Ask your administrator to switch it on: Settings → Tools."),
            409,
            retry=True,
        ),
        _("Switch it on: Settings → Tools."),
    ),
    waitlist.PlanMissing: lambda: _plans(
        Problem(
            _("Your Bitrix24 plan does not include this part of Online Booking."),
            _("Ask your administrator."),
            403,
        )
    ),
    waitlist.NewRecordsNotInPlan: lambda: _plans(
        Problem(
            _("New waiting-list records need a plan with the waiting list.")
            + " "
            + _("You can still change the customers of existing records."),
            _("Ask your administrator."),
            403,
        )
    ),
    waitlist.SaveFailed: lambda: Problem(
        _("The customers could not be saved: others are changing this record right now."),
        _("Wait a moment and try again."),
        409,
        retry=True,
    ),
    waitlist.NotCreated: lambda: Problem(
        _("The record could not be created."), _("Try again."), 409, retry=True
    ),
    waitlist.PerhapsCreated: lambda: Problem(
        _("Bitrix24 did not answer properly. The record may be there already."),
        _("Try again: the app looks first, so nothing is created twice."),
        502,
        retry=True,
    ),
    waitlist.UnderWay: lambda: Problem(
        _("Your first try is still under way."), _("Wait a moment and try again."), 409, retry=True
    ),
    waitlist.LeftEmpty: lambda: Problem(
        _("The record was created, but its customers could not be saved."),
        _("Add them to the new record, or remove it."),
        409,
    ),
    waitlist.NotRemoved: lambda: Problem(
        _("The record could not be removed."), _("Try again."), 409, retry=True
    ),
    waitlist.OutcomeUnknown: _unanswered,
    portal.SessionEnded: _session_ended,
    portal.ExpiredToken: _session_ended,
    portal.NoAnswer: _unanswered,
    portal.Moved: lambda: Problem(
        _("This Bitrix24 has moved to another address."),
        _("Open the app again from the menu of your Bitrix24."),
        502,
    ),
    portal.Busy: lambda: Problem(
        _("Bitrix24 is busy."), _("Wait a moment and try again."), 503, retry=True
    ),
    portal.TimeUsedUp: lambda: Problem(
        _("Bitrix24 has limited this for a while, because it took too much time."),
        _("Wait a few minutes and try again."),
        503,
        retry=True,
    ),
    portal.AppNotAllowed: lambda: Problem(
        _("Your administrator has not opened this app to you."),
        _("Ask your administrator: Market → Installed → Access."),
        403,
    ),
    portal.NotPermitted: lambda: Problem(
        _("You have no right to do this in Bitrix24."), _("Ask your CRM administrator."), 403
    ),
    portal.ScopeMissing: lambda: _for_administrators(
        Problem(
            _("The app has not been given all the permissions it needs."),
            _("Ask your administrator to update the app: Market → Installed."),
            403,
        ),
        _("Update the app, or install it again: Market → Installed."),
    ),
    portal.Overloaded: lambda: _for_administrators(
        Problem(
            _("Bitrix24 has blocked all apps here because of overload."),
            _("Ask your administrator to write to Bitrix24 support."),
            503,
        ),
        _("Write to Bitrix24 support."),
    ),
    portal.PlanWithoutApps: lambda: _plans(
        Problem(
            _("Apps work only on commercial Bitrix24 plans."), _("Ask your administrator."), 403
        )
    ),
    portal.Unpaid: lambda: _for_administrators(
        Problem(
            _("The subscription of the app or of the Market has run out."),
            _("Ask your administrator."),
            402,
        ),
        _("Renew it in the Market."),
    ),
    portal.AppNotInstalled: lambda: _for_administrators(
        Problem(
            _("The app is not installed on this Bitrix24 any more."),
            _("Ask your administrator to install it again."),
            403,
        ),
        _("Install it again from the Market."),
    ),
    portal.PortalClosed: lambda: Problem(
        _("This Bitrix24 is closed or deleted."), _("Ask your administrator."), 410
    ),
    portal.HttpsNeeded: lambda: Problem(
        _("This Bitrix24 must be opened over HTTPS."), _("Ask your administrator."), 403
    ),
    portal.Blocked: lambda: Problem(
        _("This Bitrix24 does not run apps at the moment: its plan may have ended."),
        _("Ask your administrator."),
        403,
    ),
    portal.AppMisconfigured: lambda: Problem(
        _("The app is set up wrongly. Its operator finds this in the log."),
        _("Send the details to your administrator."),
        500,
    ),
    portal.MalformedCall: lambda: Problem(
        _("The app made a mistake."),
        _("Reload the page. If it happens again, send the details to your administrator."),
        500,
    ),
    portal.MethodMissing: lambda: _for_administrators(
        Problem(
            _("Online Booking in this Bitrix24 is missing or too old."),
            _("Ask your administrator to update it: Online Booking 25.300.0 or later is needed."),
            501,
        ),
        _("Update it: Online Booking 25.300.0 or later is needed."),
    ),
}
