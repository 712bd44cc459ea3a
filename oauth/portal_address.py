"""A portal's addresses, as authorization servers and launches name them."""

import re
from urllib.parse import urlsplit

from requests import PreparedRequest
from requests.exceptions import InvalidURL

from bitrix24.http.ssrf_guard import is_public
from settings import LOOPBACK_HOSTS

LONGEST = 255
"""Characters that the column of the database holds."""
SHAPE = re.compile(
    r"https?://(\[::1\]|[0-9A-Za-z._-]{1,253})(:[0-9]{1,5})?(/[0-9A-Za-z._~-]+)*/rest/"
)
"""The address becomes a part of headers, so it holds no sign with a meaning there."""
LONGEST_DOMAIN = 300
DEFAULT_PORT_OF = {"http": "80", "https": "443"}
DEFAULT_PORTS = frozenset({"", *DEFAULT_PORT_OF.values()})


def allowed_address(client_endpoint: str, allow_loopback: bool) -> bool:
    """Check whether a portal may have this address. http and loopback are for development only."""
    if len(client_endpoint) > LONGEST or not SHAPE.fullmatch(client_endpoint):
        return False
    try:
        parts = urlsplit(client_endpoint)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if port == 0:
        return False
    if host in LOOPBACK_HOSTS:
        return allow_loopback and parts.scheme in {"http", "https"}
    return parts.scheme == "https" and _may_be_public(host)


def normalize_domain(domain: str) -> str:
    """Return one spelling of a host with an optional port.

    Lower case, IDNA in ASCII, without a final dot and without the ports 80 and 443. A text that is
    no host is returned as it is.
    """
    host, colon, port = domain.strip()[:LONGEST_DOMAIN].lower().partition(":")
    host = host.removesuffix(".")
    if not host.isascii():
        address = PreparedRequest()
        try:
            # The same spelling to which requests sends the calls.
            address.prepare_url(f"https://{host}/", None)
        except (InvalidURL, ValueError):
            return domain
        host = urlsplit(address.url or "").netloc
    return host if port in DEFAULT_PORTS else f"{host}{colon}{port}"


def normalize_endpoint(client_endpoint: str) -> str:
    """Return a portal's REST address with the one spelling of its host."""
    try:
        parts = urlsplit(client_endpoint)
    except ValueError:
        return client_endpoint
    plain = parts.netloc and not {"@", "["} & set(parts.netloc) and parts.netloc.count(":") < 2
    head = f"{parts.scheme}://{parts.netloc}"
    if not plain or not client_endpoint.startswith(head):
        return client_endpoint
    default = DEFAULT_PORT_OF.get(parts.scheme, "")
    host, _, port = parts.netloc.partition(":")
    name = normalize_domain(host)
    name = name if port in {"", default} else f"{name}:{port}"
    return f"{parts.scheme}://{name}{client_endpoint[len(head) :]}"


def _may_be_public(host: str) -> bool:
    """Check that a host is a name or a public address. `ssrf_guard` checks the name's address."""
    try:
        return is_public(host)
    except ValueError:
        return "." in host
