"""Refusals are counted by caller, however a proxy writes the address."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network

import pytest
from flask import Flask

from settings import Settings
from tests.quick_app import quick_app

MANY = 40


def refused(app: Flask, forwarded: str | None, peer: str = "10.0.0.7") -> int:
    """Post a forged launch from this address, and return the status of the answer."""
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    environ = {"REMOTE_ADDR": peer}
    client = app.test_client()
    answer = client.post("/", data={"AUTH_ID": "x"}, headers=headers, environ_base=environ)
    return answer.status_code


@pytest.mark.parametrize(
    ("pattern", "neighbor"),
    [
        ("203.0.113.10:{port}", "203.0.113.11"),
        ("192.0.2.1, 203.0.113.10:{port}", "203.0.113.11:4000"),
        ('"203.0.113.10:{port}"', "203.0.113.11"),
        ("[2001:db8:1:2::7]:{port}", "[2001:db8:1:3::7]:4000"),
        ("2001:db8:1:2::{number:x}", "2001:db8:1:3::1"),
        ("[2001:db8:1:2:{number:x}::9]", "2001:db8:1:3::9"),
        ("[2001:db8:1:2::{number:x}%eth0]:{port}", "[2001:db8:1:3::1%eth0]"),
        ("::ffff:203.0.113.10", "::ffff:203.0.113.11"),
    ],
)
def test_a_caller_is_one_caller_in_every_spelling(app: Flask, pattern: str, neighbor: str) -> None:
    callers = [pattern.format(port=40_000 + n, number=n + 1) for n in range(MANY)]
    assert [refused(app, caller) for caller in callers][-1] == 429
    assert refused(app, neighbor) == 400


@pytest.mark.parametrize(
    "pattern", ["nonsense-{n}", "unknown", "_hidden{n}", "", "999.0.0.{n}", "[::{n}", "x" * 5000]
)
def test_nonsense_counts_as_the_peer(app: Flask, pattern: str) -> None:
    statuses = [refused(app, pattern.format(n=n)) for n in range(MANY)]
    assert statuses[-1] == 429
    assert refused(app, None) == 429
    assert refused(app, "203.0.113.10") == 400


@pytest.mark.parametrize("peer", ["2001:4860:4860::{n:x}", "2001:4860:4860:0:{n:x}::1"])
def test_a_peer_without_a_proxy_is_counted_by_its_network(app: Flask, peer: str) -> None:
    statuses = [refused(app, f"192.0.2.{n}", peer.format(n=n + 1)) for n in range(MANY)]
    assert statuses[-1] == 429
    assert refused(app, None, "2001:4860:4861::1") == 400


@pytest.fixture
def with_proxies(request: pytest.FixtureRequest, config: Settings) -> Flask:
    """The app with this value of TRUSTED_PROXIES."""
    networks = tuple(map(ip_network, request.param.split())) if request.param else ()
    return quick_app(replace(config, trusted_proxies=networks))


@pytest.mark.parametrize(
    ("with_proxies", "peer", "pattern"),
    [
        ("10.0.0.0/8", "10.0.0.7", "192.0.2.{n}, 203.0.113.10, 10.0.0.9"),
        ("198.51.100.7", "198.51.100.7", "192.0.2.{n}, 203.0.113.10"),
        ("198.51.100.7 10.0.0.9", "10.0.0.9", "192.0.2.{n}, 203.0.113.10:80, 198.51.100.7"),
        ("2001:db8::7", "2001:db8::7", "2001:db8:{n}::1, 203.0.113.10"),
        ("10.0.0.0/8", "", "192.0.2.{n}, 203.0.113.10"),
    ],
    indirect=["with_proxies"],
)
def test_trusted_proxies_are_skipped(with_proxies: Flask, peer: str, pattern: str) -> None:
    statuses = [refused(with_proxies, pattern.format(n=n), peer) for n in range(MANY)]
    assert statuses[-1] == 429
    other = pattern.format(n=1).replace("203.0.113.10", "203.0.113.11")
    assert refused(with_proxies, other, peer) == 400


@pytest.mark.parametrize(
    ("with_proxies", "peer"),
    [
        ("", "10.0.0.7"),
        ("", "127.0.0.1"),
        ("10.0.0.0/24", "10.0.1.7"),
        ("2001:db8::7", "2001:db8::8"),
    ],
    indirect=["with_proxies"],
)
def test_other_peers_cannot_name_a_caller(with_proxies: Flask, peer: str) -> None:
    statuses = [refused(with_proxies, f"203.0.113.{n}", peer) for n in range(MANY)]
    assert statuses[-1] == 429
    assert refused(with_proxies, None, peer) == 429


@pytest.mark.parametrize("with_proxies", ["10.0.0.0/8"], indirect=True)
def test_a_header_of_trusted_proxies_only_counts_as_the_peer(with_proxies: Flask) -> None:
    statuses = [refused(with_proxies, f"10.0.1.{n}", "10.0.0.7") for n in range(MANY)]
    assert statuses[-1] == 429
    assert refused(with_proxies, "203.0.113.10", "10.0.0.7") == 400
