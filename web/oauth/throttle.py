"""Throttles callers that post forged launches and events, and logs the refusals.

Only forgeries count, so the users of an office behind one address do not slow each other down. A
throttled caller with good tokens still passes. Refusals are counted per portal, because many
portals share the addresses of Bitrix24's cloud. The log contains no token, and what it quotes from
a request is shortened and escaped.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from flask import request
from werkzeug.exceptions import TooManyRequests

from bitrix24.errors import NoAnswer, PortalError, Unresponsive
from bitrix24.http.ssrf_guard import is_public
from oauth.launch import MEMBER_ID, LaunchRefused
from settings import Network
from web.services import FORGIVEN_AFTER, REFUSALS_ALLOWED, services

Address = IPv4Address | IPv6Address
MOST_PROXIES = 10
"""Addresses of X-Forwarded-For that are read."""
RETRY_AFTER = int(FORGIVEN_AFTER) + 1
HONEST = "honest "
"""Begins the kind of refusals that are counted only to limit the log."""
WITH_PORT = re.compile(r"(?:\[(?P<v6>[^\]]*)\]|(?P<v4>[0-9.]+))(?::[0-9]*)?")


def is_throttled(what: str, member_id: str = "", allowed: int = REFUSALS_ALLOWED) -> bool:
    """Return whether this caller has had too many such refusals for this portal."""
    return services().refusals.is_full(_source(what, member_id), allowed)


def check_throttle(what: str, member_id: str = "", allowed: int = REFUSALS_ALLOWED) -> None:
    """Raise TooManyRequests for a throttled caller."""
    if is_throttled(what, member_id, allowed):
        raise TooManyRequests(retry_after=RETRY_AFTER)


def count_refusal(what: str, member_id: str = "") -> None:
    """Count a refusal without a line in the log."""
    services().refusals.add(_source(what, member_id))


def record_refusal(what: str, why: str, member_id: str = "", **claims: str) -> None:
    """Count a refusal and log it, unless the caller is throttled.

    `member_id` and `claims` are what the request says of itself.
    """
    if is_throttled(what, member_id):
        return
    count_refusal(what, member_id)
    _log(what, why, claims | {"member_id": member_id})


def _log(what: str, why: str, claims: Mapping[str, str]) -> None:
    line = {"refused": what.removeprefix(HONEST), "why": str(why), "from": _address()}
    services().security_log.write(line | {name: value[:64] for name, value in claims.items()})


def may_call(what: str, member_id: str) -> bool:
    """Return whether a call for this portal may be sent, and count it."""
    return services().refusals.try_add((what, "", member_id))


@contextmanager
def counted_call(what: str, member_id: str) -> Iterator[None]:
    """Count a call for this address and portal before it is sent. Forgive a success.

    Logs a failure. A server that does not answer is forgiven, too. Raises TooManyRequests after
    many failures.
    """
    refusals = services().refusals
    sources = [(what, _address(), ""), (what, "", member_id)]
    if any(map(refusals.is_full, sources)):
        raise TooManyRequests(retry_after=RETRY_AFTER)
    for source in sources:
        refusals.add(source)
    try:
        yield
    except (LaunchRefused, PortalError) as error:
        if isinstance(error, NoAnswer | Unresponsive):
            for source in sources:
                refusals.take_back(source)
        _log(what, type(error).__name__, {"member_id": member_id})
        raise
    for source in sources:
        refusals.take_back(source)


def _source(what: str, member_id: str) -> tuple[str, ...]:
    """Return the key to count a refusal under.

    All unknown portals share one: a caller can invent another name for each request.
    """
    known = MEMBER_ID.fullmatch(member_id) and services().portals.is_known(member_id)
    return (what, _address(), member_id if known else "")


def _address() -> str:
    """Return the caller's address, or the network of an IPv6 address.

    Each of our reverse proxies appends the address of its caller to X-Forwarded-For. So the first
    address from the right that is not of such a proxy is the caller's; what precedes it may be
    forged. A peer at a socket file ("") is always our proxy.
    """
    peer = request.remote_addr or ""
    address, trusted = _read_address(peer), services().settings.trusted_proxies
    if not peer or (address and _is_proxy(address, trusted)):
        entries = request.headers.get("X-Forwarded-For", "").rsplit(",", MOST_PROXIES)
        for entry in reversed(entries):
            forwarded = _read_address(entry)
            if forwarded is None:
                break
            if trusted is None or not _is_proxy(forwarded, trusted):
                return _network(forwarded)
    return _network(address) if address else peer[:64]


def _is_proxy(address: Address, trusted: tuple[Network, ...] | None) -> bool:
    """Tell whether this is one of TRUSTED_PROXIES. Without the setting, any private address is."""
    if trusted is None:
        return not is_public(str(address))
    return any(address in network for network in trusted)


def _read_address(text: str) -> Address | None:
    """Read an address. Some proxies add a port, and brackets to an IPv6 address."""
    text = text.strip().strip('"')[:64]
    if found := WITH_PORT.fullmatch(text):
        text = found["v6"] or found["v4"]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _network(address: Address) -> str:
    """Return an IPv4 address, or the /64 of an IPv6 address: one subscriber has all of it."""
    if isinstance(address, IPv4Address):
        return str(address)
    return str(ip_network((int(address), 64), strict=False))
