"""The addresses that a portal may have, as authorization servers and launches name them."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from bitrix24.http.ssrf_guard import is_public
from settings import LOOPBACK_HOSTS

LONGEST = 255
"""Characters that the column of the database holds."""
SHAPE = re.compile(
    r"https?://(\[::1\]|[0-9A-Za-z.-]{1,253})(:[0-9]{1,5})?(/[0-9A-Za-z._~-]+)*/rest/"
)
"""The address becomes a part of headers, so it holds no sign with a meaning there."""


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


def domain_of(client_endpoint: str) -> str:
    """Return host and port as in DOMAIN of a launch, without the ports 80 and 443."""
    return urlsplit(client_endpoint).netloc.lower().removesuffix(":443").removesuffix(":80")


def _may_be_public(host: str) -> bool:
    """Check that a host is a name or a public address; `ssrf_guard` checks the name's address."""
    try:
        return is_public(host)
    except ValueError:
        return "." in host
