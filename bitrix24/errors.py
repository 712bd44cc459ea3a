"""What can go wrong with a call to a portal, as exceptions told apart by what to do next.

A portal's `error_description` is kept for decisions (code "0" has several meanings) and for the
journal. It may hold database text, so it is never shown and never part of `str(error)`.
"""

from __future__ import annotations

from typing import Any, Self


class PortalError(Exception):
    """A call did not succeed. `code` is the portal's `error` as text, "" where there was none."""

    def __init__(self, code: str = "", description: str = "", status: int = 0) -> None:
        super().__init__(f"{type(self).__name__} {code or '-'} (HTTP {status or '-'})")
        self.code = code
        self.description = description
        self.status = status


class NoAnswer(PortalError):
    """No connection, a timeout, or an answer that is not one. Whether the portal carried out the
    call is unknown: read back before sending again."""


class Moved(PortalError):
    """The portal has been renamed and answers elsewhere. Ask where before calling again: a
    redirect may lead anywhere, and turns a POST into a GET."""


class ExpiredToken(PortalError):
    """The access token has run out. Renew it and call again, once."""


class SessionEnded(PortalError):
    """There is no way to renew the tokens. The user has to open the app again."""


class AppNotAllowed(PortalError):
    """The portal's administrator has not opened the app to this user."""


class NotPermitted(PortalError):
    """This user may not do this."""


class ScopeMissing(PortalError):
    """The app has not been given a scope that it needs. An update or a new installation asks for
    it, and a token of before does not have it yet."""


class Busy(PortalError):
    """The portal limits requests. The call was not carried out. `retry_after` is in how many
    seconds it may be, 0 where nobody knows."""

    def __init__(
        self, code: str = "", description: str = "", status: int = 0, retry_after: float = 0.0
    ) -> None:
        super().__init__(code, description, status)
        self.retry_after = retry_after

    def after(self, seconds: float) -> Self:
        """Return the same error with another `retry_after`."""
        return type(self)(self.code, self.description, self.status, seconds)


class TimeUsedUp(Busy):
    """The method has run so long in the last minutes that the portal refuses it for a while."""


class Blocked(PortalError):
    """The portal answers no app at all, or not this one. Sending again does not help."""


class Overloaded(Blocked):
    """The vendor has blocked this portal's REST by hand."""


class PlanWithoutApps(Blocked):
    """Apps need a commercial plan."""


class Unpaid(Blocked):
    """The subscription of the app or of the Market has run out."""


class AppNotInstalled(Blocked):
    """The portal does not have the app any more."""


class PortalClosed(Blocked):
    """The portal was deleted, or is closed."""


class HttpsNeeded(Blocked):
    """The portal wants to be called over https."""


class AppMisconfigured(PortalError):
    """The authorization server does not take the application's keys: for its operator to mend."""


class MethodMissing(PortalError):
    """The portal does not have this method: the module is absent or too old."""


class MalformedCall(PortalError):
    """The portal did not understand the call: our fault. Never send it again."""


class Refused(PortalError):
    """Any other refusal; `code` and `description` say which."""


KINDS: dict[str, type[PortalError]] = {
    "expired_token": ExpiredToken,
    "NO_AUTH_FOUND": SessionEnded,
    "invalid_token": SessionEnded,
    "invalid_grant": SessionEnded,
    "authorization_error": SessionEnded,
    "user_access_error": AppNotAllowed,
    "insufficient_scope": ScopeMissing,
    "invalid_scope": ScopeMissing,
    "ACCESS_DENIED": NotPermitted,
    "INVALID_CREDENTIALS": NotPermitted,
    "allowed_only_intranet_user": NotPermitted,
    "WRONG_AUTH_TYPE": NotPermitted,
    "METHOD_CONFIRM_WAITING": NotPermitted,
    "METHOD_CONFIRM_DENIED": NotPermitted,
    "QUERY_LIMIT_EXCEEDED": Busy,
    "OPERATION_TIME_LIMIT": TimeUsedUp,
    "OVERLOAD_LIMIT": Overloaded,
    "PAYMENT_REQUIRED": Unpaid,
    "WRONG_LICENSE": PlanWithoutApps,
    "PORTAL_DELETED": PortalClosed,
    "APPLICATION_NOT_FOUND": AppNotInstalled,
    "ERROR_OAUTH": AppNotInstalled,
    "NOT_INSTALLED": AppNotInstalled,
    "INVALID_REQUEST": HttpsNeeded,
    "invalid_client": AppMisconfigured,
    "wrong_client": AppMisconfigured,
    "invalid_request": AppMisconfigured,
    "ERROR_METHOD_NOT_FOUND": MethodMissing,
    "NO_METHOD": MethodMissing,
    "22002": MethodMissing,
    "100": MalformedCall,
    "422": MalformedCall,
    "ERROR_ARGUMENT": MalformedCall,
    "ERROR_BATCH_METHOD_NOT_ALLOWED": MalformedCall,
    "ERROR_BATCH_LENGTH_EXCEEDED": MalformedCall,
    "INTERNAL_SERVER_ERROR": NoAnswer,
    "ERROR_UNEXPECTED_ANSWER": NoAnswer,
    "CONNECTION_ERROR": NoAnswer,
}
SAID: dict[tuple[str, str], type[PortalError]] = {
    ("ACCESS_DENIED", "REST is available only on commercial plans"): PlanWithoutApps,
    ("ERROR_OAUTH", "Subscription has been ended"): Unpaid,
    ("", "Access denied"): NotPermitted,
    ("0", "Required fields"): MalformedCall,
}
"""Codes with several meanings, by how the portal's own English text begins."""


def error_from(body: dict[str, Any], status: int) -> PortalError:
    """The exception for an error body. Numbers and strings are the same code, "" is a code too.

    The HTTP status decides nothing here: docs, source and SDKs disagree on it for eight codes.
    """
    code = str(body.get("error", ""))
    description = str(body.get("error_description", ""))
    kind = next(
        (
            kind
            for (said_code, beginning), kind in SAID.items()
            if said_code == code and description.startswith(beginning)
        ),
        KINDS.get(code, Refused),
    )
    return kind(code, description, status)
