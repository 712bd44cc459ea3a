"""Connections reach public addresses only, whatever a host name resolves to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from bitrix24.errors import NoAnswer
from bitrix24.http.ssrf_guard import is_public
from bitrix24.http.transport import Transport


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "93.184.215.14", "2606:4700::6810:84e5", "::ffff:8.8.8.8", "64:ff9b::808:808"],
)
def test_addresses_on_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",  # noqa: S104
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd12:3456::1",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b:1::7f00:1",
        "64:ff9b:1:ffff::a00:1",
        "64:ff9b:1::808:808",
        "::ffff:0:127.0.0.1",
        "::ffff:0:a00:1",
        "::ffff:0:8.8.8.8",
        "2002:7f00:1::",
        "2002:a00:1::",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
    ],
)
def test_private_and_special_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@dataclass
class Inside:
    """A service inside our own network, which keeps the bytes it receives."""

    port: int
    received: list[bytes] = field(default_factory=list)
    visited: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def inside() -> Iterator[Inside]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        service = Inside(listener.getsockname()[1])

        def listen() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(10)
                service.received.append(connection.recv(1000))
            service.visited.set()

        thread = threading.Thread(target=listen)
        thread.start()
        yield service
        thread.join()


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "portal.example"])
def test_no_byte_reaches_our_own_network(
    inside: Inside, monkeypatch: pytest.MonkeyPatch, scheme: str, host: str
) -> None:
    def resolve(*_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", inside.port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(NoAnswer):
        Transport(5).post_json(f"{scheme}://{host}:{inside.port}/rest/profile", {"auth": "secret"})
    assert inside.visited.wait(60)
    assert inside.received == [b""]
