"""Refuses connections into private networks, by the address that was reached.

A host name does not say where it leads: the name of an attacker's portal may resolve to this
server's own network, and to another address a moment after it was checked. So the peer of the open
socket is checked, before any byte is sent.

This overrides `_new_conn` of urllib3's connections, which is no public interface. So urllib3 is
pinned, and tests/unit/bitrix24/test_ssrf_guard.py fails when an upgrade goes around the check. The
package requests-hardened connects to the name's first address after checking it; it rewrites URL,
Host header and TLS name for that, and has no time limit for a whole answer (deadline.py has).
"""

import ipaddress
import socket

from urllib3.exceptions import NewConnectionError

from bitrix24.http.deadline import (
    DeadlineAdapter,
    DeadlineConnection,
    DeadlineTlsConnection,
    pools_of,
)

WRAPPED_IPV4 = tuple(map(ipaddress.IPv6Network, ("::/96", "64:ff9b::/96")))
"""IPv6 networks whose last 32 bits are an IPv4 address: RFC 4291 2.5.5.1, RFC 6052 (NAT64)."""

TRANSLATED = tuple(map(ipaddress.IPv6Network, ("64:ff9b:1::/48", "::ffff:0:0:0/96")))
"""IPv6 networks that lead to IPv4 as each operator chooses: RFC 8215, RFC 2765 (SIIT)."""


def is_public(address: str) -> bool:
    """Tell whether an IP address is on the public internet, also IPv4 wrapped in IPv6."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.is_site_local or ip.teredo or any(ip in network for network in TRANSLATED):
            return False
        ip = ip.ipv4_mapped or ip.sixtofour or _unwrapped(ip)
    return ip.is_global and not ip.is_multicast


def _unwrapped(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    if any(ip in network for network in WRAPPED_IPV4):
        return ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip


class _PublicConnection(DeadlineConnection):
    def _new_conn(self) -> socket.socket:
        opened = super()._new_conn()
        if not is_public(opened.getpeername()[0]):
            opened.close()
            raise NewConnectionError(self, "not a public address")
        return opened


class _PublicTlsConnection(_PublicConnection, DeadlineTlsConnection):
    """The same over TLS."""


class PublicAdapter(DeadlineAdapter):
    """Connects to public addresses only, and raises ConnectionError for any other."""

    pools = pools_of(_PublicConnection, _PublicTlsConnection)
