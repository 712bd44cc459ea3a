"""Refusals are counted by caller, however a proxy writes the address."""

from __future__ import annotations

import pytest
from flask import Flask

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
