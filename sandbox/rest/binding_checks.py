"""What binding an event and binding a placement check alike."""

from urllib.parse import urlsplit

from sandbox.core import errors
from sandbox.core.errors import RestError
from sandbox.rest.call import Call


def require_app(call: Call) -> None:
    if call.auth.kind != "oauth":
        raise errors.standard("WRONG_AUTH_TYPE")


def check_handler_url(url: str) -> None:
    """Refuse addresses that are not http(s), and hosts without a dot (`localhost`)."""
    wrong = RestError("ERROR_WRONG_HANDLER_URL", "Wrong handler URL")
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna")
        parts.port  # noqa: B018 - raises ValueError for a bad port
    except ValueError:
        raise wrong from None
    if parts.scheme not in ("http", "https"):
        raise RestError("ERROR_UNSUPPORTED_PROTOCOL", "Unsupported event handler protocol")
    if b"." not in host:
        raise wrong
