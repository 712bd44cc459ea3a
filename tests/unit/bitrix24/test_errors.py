"""Every known error of a portal becomes the class that tells what to do next."""

from __future__ import annotations

import pytest

from bitrix24 import errors
from bitrix24.errors import PortalError, error_from

PLANS = "REST is available only on commercial plans."

# The portal's errors in the order of its own checks, with the status of its source. Statuses of
# other sources follow: they must not matter.
ROWS = [
    ("NO_AUTH_FOUND", "Wrong authorization data", (401,), errors.SessionEnded),
    ("expired_token", "The access token provided has expired", (401,), errors.ExpiredToken),
    ("invalid_token", "Unable to get application by token", (401,), errors.SessionEnded),
    (
        "insufficient_scope",
        "The request requires higher privileges",
        (401, 403),
        errors.ScopeMissing,
    ),
    ("invalid_scope", "", (400,), errors.ScopeMissing),
    ("INVALID_SCOPE", "", (403,), errors.ScopeMissing),
    ("user_access_error", "The user does not have access", (401, 403), errors.AppNotAllowed),
    ("authorization_error", "Unable to authorize user", (401,), errors.SessionEnded),
    ("APPLICATION_NOT_FOUND", "Application not found", (401,), errors.AppNotInstalled),
    ("ERROR_OAUTH", "Application not installed", (401,), errors.AppNotInstalled),
    ("ERROR_OAUTH", "Subscription has been ended", (401,), errors.Unpaid),
    ("PAYMENT_REQUIRED", "Subscription has been ended", (401,), errors.Unpaid),
    ("ACCESS_DENIED", PLANS, (401, 403), errors.PlanWithoutApps),
    (
        "ACCESS_DENIED",
        "Access denied! Application context required",
        (403, 400),
        errors.NotPermitted,
    ),
    ("WRONG_AUTH_TYPE", "Current authorization type is denied", (403,), errors.NotPermitted),
    ("WRONG_LICENSE", "", (403,), errors.PlanWithoutApps),
    ("INVALID_CREDENTIALS", "Invalid request credentials", (401, 403), errors.NotPermitted),
    ("INVALID_REQUEST", "Https required.", (401, 400), errors.HttpsNeeded),
    ("OVERLOAD_LIMIT", "REST API is blocked due to overload.", (401, 503), errors.Overloaded),
    ("CONNECTION_ERROR", "", (401,), errors.NoAnswer),
    ("ERROR_METHOD_NOT_FOUND", "Method not found!", (404,), errors.MethodMissing),
    ("22002", "Could not find description of foo", (400,), errors.MethodMissing),
    ("OPERATION_TIME_LIMIT", "Method is blocked", (429,), errors.TimeUsedUp),
    ("QUERY_LIMIT_EXCEEDED", "Too many requests", (503,), errors.Busy),
    ("PORTAL_DELETED", "Portal was deleted", (403, 410, 500), errors.PortalClosed),
    ("ERROR_ARGUMENT", "Argument 'id' is null or empty", (400,), errors.MalformedCall),
    ("ERROR_CORE", "SQL query error!", (500, 400), errors.Refused),
    ("METHOD_CONFIRM_WAITING", "", (401,), errors.NotPermitted),
    ("METHOD_CONFIRM_DENIED", "", (403,), errors.NotPermitted),
    ("ERROR_BATCH_METHOD_NOT_ALLOWED", "", (200, 405), errors.MalformedCall),
    ("ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded", (200, 400), errors.MalformedCall),
    ("0", "Required fields: id, type", (400,), errors.MalformedCall),
    ("0", "Feature is not available", (400,), errors.Refused),
    ("100", "Could not find value for parameter {id}", (400,), errors.MalformedCall),
    ("422", "", (400,), errors.MalformedCall),
    ("1040", "Wait list item not found", (400,), errors.Refused),
    ("", "Access denied.", (400,), errors.NotPermitted),
    ("", "Not found.", (400,), errors.Refused),
    ("INTERNAL_SERVER_ERROR", "", (500,), errors.NoAnswer),
    ("ERROR_UNEXPECTED_ANSWER", "", (500,), errors.NoAnswer),
    ("invalid_grant", "", (400,), errors.SessionEnded),
    ("bad_verification_code", "", (400,), errors.SessionEnded),
    ("NOT_INSTALLED", "Application not installed", (401,), errors.AppNotInstalled),
    ("invalid_client", "", (401,), errors.AppMisconfigured),
    ("wrong_client", "", (200,), errors.AppMisconfigured),
    ("invalid_request", "", (400,), errors.AppMisconfigured),
    ("NO_METHOD", "", (404,), errors.MethodMissing),
    ("SOMETHING_NEW", "", (400,), errors.Refused),
]
CASES = [
    (code, description, status, kind)
    for code, description, statuses, kind in ROWS
    for status in (*statuses, 200)
]


@pytest.mark.parametrize(("code", "description", "status", "kind"), CASES)
def test_the_class_of_an_error_does_not_depend_on_its_status(
    code: str, description: str, status: int, kind: type[PortalError]
) -> None:
    error = error_from({"error": code, "error_description": description}, status)
    assert type(error) is kind
    assert (error.code, error.description, error.status) == (code, description, status)


@pytest.mark.parametrize("code", [0, 100, 422, 1040, 22002])
def test_a_code_may_be_a_number_or_its_text(code: int) -> None:
    assert type(error_from({"error": code}, 400)) is type(error_from({"error": str(code)}, 400))


def test_the_text_of_an_error_never_repeats_the_description() -> None:
    error = error_from({"error": "ERROR_CORE", "error_description": "SELECT secret FROM t"}, 500)
    assert str(error) == "Refused ERROR_CORE (HTTP 500)"
    assert "secret" not in repr(error)


@pytest.mark.parametrize(
    "code", ["A\nB", "A\r\x1b[1mB", "A\u2028\u202eB", "\x85\x9b\x7f", "A" * 5000]
)
def test_the_text_of_an_error_is_one_short_line(code: str) -> None:
    for error in (error_from({"error": code}, 400), PortalError(code)):
        assert str(error).isascii()
        assert str(error).isprintable()
        assert len(str(error)) < 200


@pytest.mark.parametrize("value", [{"code": "A"}, ["A"], None])
def test_an_error_that_is_no_text_has_no_code(value: object) -> None:
    assert error_from({"error": value, "error_description": value}, 400).code == ""
