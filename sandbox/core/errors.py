"""The errors of a portal, with the HTTP statuses of its own source.

The public docs print other statuses for some codes: `DOCS_STATUS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DOCS_STATUS = {
    "insufficient_scope": 403,
    "user_access_error": 403,
    "INVALID_CREDENTIALS": 403,
    "INVALID_REQUEST": 400,
    "OVERLOAD_LIMIT": 503,
    "PORTAL_DELETED": 500,
    "allowed_only_intranet_user": 403,
}
_STANDARD = {
    "ERROR_METHOD_NOT_FOUND": ("Method not found!", 404),
    "ERROR_OAUTH": ("Application not installed", 401),
    "NO_AUTH_FOUND": ("Wrong authorization data", 401),
    "OPERATION_TIME_LIMIT": ("Method is blocked due to operation time limit.", 429),
    "OVERLOAD_LIMIT": ("REST API is blocked due to overload.", 401),
    "PAYMENT_REQUIRED": ("Payment required", 401),
    "QUERY_LIMIT_EXCEEDED": ("Too many requests", 503),
    "WRONG_AUTH_TYPE": ("Current authorization type is denied for this method", 403),
    # A reply that JSON cannot hold; its status is not documented.
    "WRONG_ENCODING": ("Wrong request encoding", 200),
    "expired_token": ("The access token provided has expired", 401),
    "insufficient_scope": (
        "The request requires higher privileges than provided by the access token",
        401,
    ),
    "invalid_token": ("Unable to get application by token", 401),
    "user_access_error": ("The user does not have access to the application.", 401),
}


def docs_status(error: RestError) -> int:
    """Return the status of the docs; for ACCESS_DENIED of a tariff it is 403, not 401."""
    if error.code == "ACCESS_DENIED" and error.status == 401:
        return 403
    return DOCS_STATUS.get(error.code, error.status)


class RestError(Exception):
    """An error reply: `{"error": code, "error_description": text, **extra}`."""

    def __init__(self, code: str, description: str, status: int = 400, **extra: Any) -> None:
        super().__init__(f"{code}: {description}")
        self.code = code
        self.description = description
        self.status = status
        self.extra = extra

    def body(self) -> dict[str, Any]:
        return {"error": self.code, "error_description": self.description, **self.extra}


class FieldErrors(RestError):
    """The errors of the fields of one item.

    crm.item.* reports the first, the older methods report all.
    """

    def __init__(self, problems: list[RestError]) -> None:
        super().__init__(problems[0].code, problems[0].description)
        self.texts = ", ".join(problem.description for problem in problems)


def from_options(options: Mapping[str, Any], code: str, status: int) -> RestError:
    """Return the error that a fault describes; `code` and `status` are defaults."""
    given = {"code": code, "description": "", "status": status, **options}
    return RestError(str(given["code"]), str(given["description"]), int(given["status"]))


def standard(code: str) -> RestError:
    """Return an error that has the same text and status everywhere."""
    return RestError(code, *_STANDARD[code])


def access_denied(text: str = "") -> RestError:
    return RestError("ACCESS_DENIED", f"Access denied! {text}".strip(), 403)


def bad_argument(name: str, description: str | None = None) -> RestError:
    text = description or f"Argument '{name}' is null or empty"
    return RestError("ERROR_ARGUMENT", text, 400, argument=name)


def core_error(description: str) -> RestError:
    return RestError("ERROR_CORE", description)


def legacy_error(description: str) -> RestError:
    """An error of the older crm.* methods, whose code is an empty text."""
    return RestError("", description)


def invalid_value(value: str, parameter: str, kind: str) -> RestError:
    text = f"Invalid value {{{value}}} to match with parameter {{{parameter}}}."
    return RestError("100", f"{text} Should be value of type {kind}.")


def required_fields(*fields: str) -> RestError:
    return RestError("0", f"Required fields: {', '.join(fields)}")
