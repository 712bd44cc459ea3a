"""The words for each kind of error: what happened, and one next step."""

from dataclasses import replace

from sqlalchemy.exc import SQLAlchemyError

from bitrix24 import errors as portal
from oauth.frame_sessions import SessionInvalid
from waitlist import errors as waitlist
from waitlist.records.to_do import NoCustomer
from web.http.i18n import N_
from web.http.request_quota import QuotaExceeded
from web.problems.booking_words import BOOKING_WORDS
from web.problems.phrases import (
    ASK_ADMINISTRATOR,
    ASK_CRM_ADMINISTRATOR,
    TRY_AGAIN,
    WAIT,
    Words,
    not_in_plan,
)

# For the user it makes no difference whether the app's session or the portal's tokens ended.
SESSION_ENDED = Words(
    N_("The session has ended."), N_("Log in to Bitrix24 again, then try again."), 401, retry=True
)
UNANSWERED = Words(N_("Bitrix24 did not answer properly."), WAIT, 502, retry=True)
MISTAKE = Words(
    N_("Something went wrong in the app."),
    N_("Reload the page. If it happens again, send the details to your administrator."),
    500,
)
REFUSED = Words(
    N_("Bitrix24 refused this for an unknown reason."),
    N_("Try again. If it happens again, send the details to your administrator."),
    502,
    retry=True,
)

OUTDATED = Words(
    N_("This Bitrix24 is too old for the app."),
    N_("Ask your administrator to update it."),
    501,
    administrator=N_("Update it."),
)

WORDS: dict[type, Words] = {
    **BOOKING_WORDS,
    Exception: replace(REFUSED, status=500),
    portal.PortalError: REFUSED,
    SessionInvalid: SESSION_ENDED,
    waitlist.RecordGone: Words(
        N_("This waiting-list record no longer exists. It was probably booked or removed."),
        N_("Choose another record."),
        410,
    ),
    NoCustomer: Words(
        N_("The record has no customer for the to-do."),
        N_("Add a customer, then choose Call back again."),
        422,
    ),
    waitlist.NoteTooLong: Words(
        N_("The note is too long."), N_("Shorten it to %(count)s characters at most."), 422
    ),
    waitlist.ForeignCustomers: Words(
        N_("This record has customers the app doesn't know, so it can't be changed here."),
        N_("Edit it in Bitrix24."),
        409,
    ),
    waitlist.CrmClosed: Words(
        N_(
            "You can only read the waiting list, "
            "because you have no access to contacts or companies in CRM."
        ),
        N_("Ask your CRM administrator for access."),
        403,
    ),
    waitlist.CustomerNotShown: Words(
        N_("You don't have access to this customer in CRM."), ASK_CRM_ADMINISTRATOR, 403
    ),
    waitlist.DealNotShown: Words(
        N_("You don't have access to this deal in CRM."), ASK_CRM_ADMINISTRATOR, 403
    ),
    waitlist.CustomerTypeMissing: Words(
        N_("Online Booking in this Bitrix24 does not know this kind of customer yet."),
        N_("Open Booking once, make a booking with such a customer, then try again."),
        409,
        retry=True,
    ),
    waitlist.ToolDisabled: Words(
        N_("Online Booking is switched off in this Bitrix24."),
        N_("Ask your administrator to switch it on: Settings → Tools."),
        409,
        retry=True,
        administrator=N_("Switch it on: Settings → Tools."),
    ),
    waitlist.PlanMissing: not_in_plan(
        N_("Your Bitrix24 plan does not include this part of Online Booking.")
    ),
    waitlist.NewRecordsNotInPlan: not_in_plan(
        N_("New waiting-list records need a plan with the waiting list.")
    ),
    waitlist.SaveFailed: Words(
        N_("The customers could not be saved, because others are changing this record right now."),
        WAIT,
        409,
        retry=True,
    ),
    waitlist.NotCreated: Words(N_("The record could not be created."), TRY_AGAIN, 409, retry=True),
    waitlist.PerhapsCreated: Words(
        N_("Bitrix24 did not answer properly. The record may be there already."),
        N_("Try again. The app checks first, so nothing is created twice."),
        502,
        retry=True,
    ),
    waitlist.InProgress: Words(N_("Your first attempt is still running."), WAIT, 409, retry=True),
    waitlist.LeftEmpty: Words(
        N_("The record was created, but its customers could not be saved."),
        N_("Add them to the new record or remove it."),
        409,
    ),
    waitlist.NotRemoved: Words(N_("The record could not be removed."), TRY_AGAIN, 409, retry=True),
    waitlist.CustomerInUse: Words(
        N_("This customer is on a waiting-list record."), N_("Remove them there first."), 409
    ),
    waitlist.WrongAttempt: replace(MISTAKE, status=400),
    waitlist.OutcomeUnknown: replace(UNANSWERED, step=N_("The app looks again by itself.")),
    waitlist.EarlierOutcomeUnknown: Words(
        N_("Bitrix24 has not answered an earlier change of this record yet."),
        N_("The app tries again by itself."),
        409,
        retry=True,
    ),
    SQLAlchemyError: Words(N_("The app can't reach its database."), WAIT, 503, retry=True),
    portal.SessionEnded: SESSION_ENDED,
    portal.ExpiredToken: SESSION_ENDED,
    portal.NoAnswer: UNANSWERED,
    portal.Moved: Words(
        N_("This Bitrix24 has moved to another address."),
        N_("Open the app again from your Bitrix24 menu."),
        502,
    ),
    portal.Busy: Words(N_("Bitrix24 is busy."), WAIT, 503, retry=True),
    QuotaExceeded: Words(
        N_("Your Bitrix24 sends this app too many requests."), WAIT, 429, retry=True
    ),
    portal.Unresponsive: Words(N_("Bitrix24 is answering slowly."), WAIT, 503, retry=True),
    portal.TimeUsedUp: Words(
        N_("Bitrix24 has paused this for a while, because it took too much time."),
        N_("Wait a few minutes and try again."),
        503,
        retry=True,
    ),
    portal.AppNotAllowed: Words(
        N_("Your administrator hasn't given you access to this app."),
        N_("Ask your administrator: Market → Installed → Access."),
        403,
    ),
    portal.NotPermitted: Words(
        N_("You don't have permission to do this in Bitrix24."), ASK_CRM_ADMINISTRATOR, 403
    ),
    portal.ScopeMissing: Words(
        N_("The app doesn't have all the permissions it needs."),
        N_("Ask your administrator to update the app: Market → Installed."),
        403,
        administrator=N_("Update the app or install it again: Market → Installed."),
    ),
    portal.Overloaded: Words(
        N_("Bitrix24 has blocked all apps here because of overload."),
        N_("Ask your administrator to write to Bitrix24 support."),
        503,
        administrator=N_("Write to Bitrix24 support."),
    ),
    portal.PlanWithoutApps: not_in_plan(N_("Apps work only on commercial Bitrix24 plans.")),
    portal.Unpaid: Words(
        N_("The subscription for the app or the Market has expired."),
        ASK_ADMINISTRATOR,
        402,
        administrator=N_("Renew it in the Market."),
    ),
    portal.AppNotInstalled: Words(
        N_("The app is no longer installed on this Bitrix24."),
        N_("Ask your administrator to install it again."),
        403,
        administrator=N_("Install it again from the Market."),
    ),
    portal.PortalClosed: Words(N_("This Bitrix24 is closed or deleted."), ASK_ADMINISTRATOR, 410),
    portal.HttpsNeeded: Words(
        N_("This Bitrix24 must be opened over HTTPS."), ASK_ADMINISTRATOR, 403
    ),
    portal.Blocked: Words(
        N_("This Bitrix24 can't run apps at the moment. Its plan may have expired."),
        ASK_ADMINISTRATOR,
        403,
    ),
    portal.AppMisconfigured: Words(
        N_("The app isn't configured correctly. The server log has the details."),
        N_("Send the details to your administrator."),
        500,
    ),
    portal.MalformedCall: MISTAKE,
    portal.MethodMissing: OUTDATED,
    portal.CrmMissing: replace(OUTDATED, text=N_("CRM in this Bitrix24 is missing or too old.")),
    portal.BookingMissing: Words(
        N_("Online Booking in this Bitrix24 is missing or too old."),
        N_("Ask your administrator to update it: Online Booking 25.300.0 or later is needed."),
        501,
        administrator=N_("Update it: Online Booking 25.300.0 or later is needed."),
    ),
}
