"""The errors of a call to a portal, one class for each thing a caller can do next.

A portal's `error_description` is kept for decisions, as code "0" has several meanings. It may hold
database text, so it is never shown and never part of `str(error)`.
"""

from typing import Any, Self

from bitrix24.printable import printable

LONGEST_CODE = 100
LONGEST_DESCRIPTION = 1000
ODD_ANSWER, NO_RESULT = "OddAnswer", "NoResult"
"""Our own codes for an answer of another shape, and for one with neither result nor error."""


class PortalError(Exception):
    """A call failed. `code` is the portal's `error` as text, or "" where it sent none."""

    def __init__(self, code: str = "", description: str = "", status: int = 0) -> None:
        shown = printable(code, LONGEST_CODE) or "-"
        super().__init__(f"{type(self).__name__} {shown} (HTTP {status or '-'})")
        self.code = code
        self.description = description
        self.status = status


class NoAnswer(PortalError):
    """No connection, a timeout or an odd answer. The call may have run: read back first."""

    @property
    def is_final(self) -> bool:
        """Return whether the portal has answered, so that no effect comes later."""
        return self.code in FINAL or (self.code in {ODD_ANSWER, NO_RESULT} and self.status == 200)


class NotSent(NoAnswer):
    """No connection came about, so the call has certainly not run."""


class Unwritable(NoAnswer):
    """The portal could not write its answer: a row holds text that is no JSON."""


class Moved(PortalError):
    """The portal was renamed. Ask the authorization server where to: a redirect is not trusted."""


class ExpiredToken(PortalError):
    """The access token has expired. Renew it and call again, once."""


class SessionEnded(PortalError):
    """The tokens cannot be renewed. The user has to open the app again."""


class AppNotAllowed(PortalError):
    """The portal's administrator has not given this user access to the app."""


class NotPermitted(PortalError):
    """This user may not do this."""


class ScopeMissing(PortalError):
    """The app lacks a scope, or the token is older than the update that asked for it."""


class Busy(PortalError):
    """The portal limits requests and did nothing. `retry_after` is in seconds, 0 if unknown."""

    def __init__(
        self, code: str = "", description: str = "", status: int = 0, retry_after: float = 0.0
    ) -> None:
        super().__init__(code, description, status)
        self.retry_after = retry_after

    def after(self, seconds: float) -> Self:
        """Return the same error with another `retry_after`."""
        return type(self)(self.code, self.description, self.status, seconds)


class Unresponsive(Busy):
    """The portal answers slowly or not at all, so the call was not sent."""


class TimeUsedUp(Busy):
    """The method has used up its run time of ten minutes. The portal refuses it for a while."""


class Blocked(PortalError):
    """The portal does not answer apps, or not this one. Trying again does not help."""


class Overloaded(Blocked):
    """Bitrix24 has blocked the REST API of this portal by hand."""


class PlanWithoutApps(Blocked):
    """Apps need a commercial plan."""


class Unpaid(Blocked):
    """The subscription of the app or of the Market has expired."""


class AppNotInstalled(Blocked):
    """The app is no longer installed on the portal."""


class PortalClosed(Blocked):
    """The portal was deleted or closed."""


class HttpsNeeded(Blocked):
    """The portal accepts calls over https only."""


class AppMisconfigured(PortalError):
    """The authorization server refuses the application's keys. Its operator has to correct them."""


class MethodMissing(PortalError):
    """The portal does not have this method: its module is missing or too old."""


class BookingMissing(MethodMissing):
    """The portal has no Online Booking, or one without this method."""


class CrmMissing(MethodMissing):
    """The portal has no CRM, or one without this method."""


class MalformedCall(PortalError):
    """The portal did not understand the call, which is a mistake of ours. Never send it again."""


class Refused(PortalError):
    """Any other refusal, told apart by `code` and `description`."""


_CODES: dict[type[PortalError], str] = {
    ExpiredToken: "expired_token",
    SessionEnded: "NO_AUTH_FOUND invalid_token invalid_grant authorization_error "
    "bad_verification_code",
    AppNotAllowed: "user_access_error",
    ScopeMissing: "insufficient_scope invalid_scope INVALID_SCOPE",
    NotPermitted: "ACCESS_DENIED INVALID_CREDENTIALS allowed_only_intranet_user WRONG_AUTH_TYPE "
    "METHOD_CONFIRM_WAITING METHOD_CONFIRM_DENIED",
    Busy: "QUERY_LIMIT_EXCEEDED",
    TimeUsedUp: "OPERATION_TIME_LIMIT",
    Overloaded: "OVERLOAD_LIMIT",
    Unpaid: "PAYMENT_REQUIRED",
    PlanWithoutApps: "WRONG_LICENSE",
    PortalClosed: "PORTAL_DELETED",
    AppNotInstalled: "APPLICATION_NOT_FOUND ERROR_OAUTH NOT_INSTALLED",
    HttpsNeeded: "INVALID_REQUEST",
    AppMisconfigured: "invalid_client wrong_client invalid_request",
    MethodMissing: "ERROR_METHOD_NOT_FOUND NO_METHOD 22002",
    MalformedCall: "100 422 ERROR_ARGUMENT ERROR_BATCH_METHOD_NOT_ALLOWED "
    "ERROR_BATCH_LENGTH_EXCEEDED",
    NoAnswer: "INTERNAL_SERVER_ERROR ERROR_UNEXPECTED_ANSWER CONNECTION_ERROR",
    Unwritable: "WRONG_ENCODING",
    Refused: "ERROR_CORE",
}
FINAL = frozenset(f"{_CODES[NoAnswer]} {_CODES[Unwritable]}".split())
"""A portal's own words for what went wrong, at the end of a call."""
KINDS = {code: kind for kind, codes in _CODES.items() for code in codes.split()}
KINDS_BY_TEXT: dict[tuple[str, str], type[PortalError]] = {
    ("ACCESS_DENIED", "REST is available only on commercial plans"): PlanWithoutApps,
    ("ERROR_OAUTH", "Subscription has been ended"): Unpaid,
    ("", "Access denied"): NotPermitted,
    ("0", "Required fields"): MalformedCall,
}
"""The meanings of ambiguous codes, by the beginning of the portal's description (English)."""
SERVER_ERROR, MAYBE_DONE = 500, 503
"""Some proxies answer MAYBE_DONE to a call that they have passed on."""
KINDS_BY_STATUS: dict[int, type[PortalError]] = {
    **dict.fromkeys((401, 402, 403, 404, 407, 451), Blocked),
    410: PortalClosed,
    **dict.fromkeys((429, MAYBE_DONE), Busy),
}
"""What an HTTP status means where the body tells nothing. A firewall, a web server or a page about
the plan answers so; only an administrator can change that, but being busy passes."""
KINDS_BY_MODULE = {"booking": BookingMissing, "crm": CrmMissing}
_OUR_CODES = """
    BadCertificate BrokenOff ChunkedEncodingError ConnectTimeout ConnectionError
    ConnectionResetError DecodeError IncompleteRead InvalidURL Moved NameNotFound NoResult NoRoom
    NotJson OddAnswer OddEncoding ProtocolError ReadTimeout ReadTimeoutError Redirected SSLError
    TimeoutError TooDeep TooLong TooManyValues
    """
OUR_CODES = frozenset(_OUR_CODES.split())
"""Codes that the app gives to what it could not read. The journal keeps them as they are."""


def unreadable_answer() -> NoAnswer:
    """Return the error for an answer that is whole, but not of the shape expected."""
    return NoAnswer(ODD_ANSWER, status=200)


def error_from(body: dict[str, Any], status: int) -> PortalError:
    """Return the exception for an error body.

    The HTTP status tells nothing of known codes, as sources disagree. With another code, a server's
    error leaves open what came of the call.
    """
    code = _text(body.get("error"), LONGEST_CODE)
    description = _text(body.get("error_description"), LONGEST_DESCRIPTION)
    for (ambiguous, beginning), kind in KINDS_BY_TEXT.items():
        if ambiguous == code and description.startswith(beginning):
            return kind(code, description, status)
    known = KINDS.get(code)
    if known is None and status >= SERVER_ERROR:
        # A gateway may answer in JSON, too.
        known = NoAnswer
    elif known is None and KINDS_BY_STATUS.get(status) is Busy:
        known = Busy
    return (known or Refused)(code, description, status)


def error_by_status(error: NoAnswer, retry_after: float, *, only_reads: bool) -> PortalError:
    """Return the error that an HTTP status stands for where the body tells nothing.

    A call that writes may have been carried out in spite of a 503.
    """
    kind = KINDS_BY_STATUS.get(error.status)
    if kind is None or (error.status == MAYBE_DONE and not only_reads):
        return error
    found = kind(error.code, status=error.status)
    return found.after(retry_after) if isinstance(found, Busy) else found


def error_of_method(method: str, error: PortalError) -> PortalError:
    """Return the error with the module named that a missing method belongs to."""
    kind = KINDS_BY_MODULE.get(method.partition(".")[0].lower())
    if type(error) is not MethodMissing or kind is None:
        return error
    return kind(error.code, error.description, error.status)


def _text(value: Any, longest: int) -> str:
    """Return text or a number as text of limited length; a list or a map as ""."""
    return str(value)[:longest] if isinstance(value, str | int | float) else ""
