"""Refuses connections into private networks, by the address the socket really reached.

A host name says nothing about where it leads: the name of an attacker's portal may resolve to this
server's own network, and to something else a moment after it was checked.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import ClassVar

from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

from bitrix24.http.deadline import DeadlineAdapter, DeadlineConnection, DeadlineTlsConnection

WRAPPED_IPV4 = tuple(map(ipaddress.IPv6Network, ("::/96", "64:ff9b::/96")))
"""IPv6 whose last 32 bits are an IPv4 address: RFC 4291 2.5.5.1 and RFC 6052 (NAT64)."""


def is_public(address: str) -> bool:
    """Whether an IP address is on the public internet. IPv4 wrapped in IPv6 is looked into."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.is_site_local or ip.teredo:
            return False
        ip = ip.ipv4_mapped or ip.sixtofour or _unwrapped(ip)
    return ip.is_global and not ip.is_multicast


def _unwrapped(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    if any(ip in network for network in WRAPPED_IPV4):
        return ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip


class _PublicConnection(DeadlineConnection):
    def _new_conn(self) -> socket.socket:
        return _checked(self, super()._new_conn())


class _PublicTlsConnection(DeadlineTlsConnection):
    def _new_conn(self) -> socket.socket:
        return _checked(self, super()._new_conn())


class _PublicPool(HTTPConnectionPool):
    ConnectionCls = _PublicConnection


class _PublicTlsPool(HTTPSConnectionPool):
    ConnectionCls = _PublicTlsConnection


class PublicAdapter(DeadlineAdapter):
    """Connects to public addresses only; for everything else no byte is sent."""

    pools: ClassVar[dict[str, type[HTTPConnectionPool]]] = {
        "http": _PublicPool,
        "https": _PublicTlsPool,
    }


def _checked(connection: HTTPConnection, opened: socket.socket) -> socket.socket:
    if not is_public(opened.getpeername()[0]):
        opened.close()
        raise NewConnectionError(connection, "not a public address")
    return opened
