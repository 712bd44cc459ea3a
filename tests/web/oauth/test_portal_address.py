"""The address of a portal is plain, because it becomes a part of headers."""

from __future__ import annotations

import pytest
from flask import Flask

from oauth.portal_address import allowed_address
from store.portals import Portal
from waitlist.sources.bookings import ResourceRow
from web.frame import user_context

ODD = [
    "https://a.example;script-src */rest/",
    "https://a.example'none'/rest/",
    "https://a.example\n/rest/",
    "https://a.exa\tmple/rest/",
    "https://a.example, b.example/rest/",
    "https://a.example\\b.example/rest/",
    "https://*.example/rest/",
    "https://ä.example/rest/",
    "https://a.example:99999/rest/",
    "https://a.example:0/rest/",
    "https://a.example:\u0663/rest/",
    "https://user@a.example/rest/",
    "https://a.example/rest/?x",
    "https://a.example/rest/#x",
    "https://a.example/x y/rest/",
    "https://a.example/" + "x" * 240 + "/rest/",
    "https:///rest/",
    " https://a.example/rest/",
    "HTTPS://a.example;x/rest/",
]


@pytest.mark.parametrize("address", ODD)
def test_an_odd_address_is_refused(address: str) -> None:
    assert not allowed_address(address, allow_loopback=False)
    assert not allowed_address(address.replace("a.example", "127.0.0.1"), allow_loopback=True)


@pytest.mark.parametrize(
    "address",
    [
        "https://portal.example/rest/",
        "https://PORTAL.example:443/rest/",
        "https://portal.example:8443/rest/",
        "https://portal.example/sub/folder/rest/",
    ],
)
def test_a_plain_address_is_allowed(address: str) -> None:
    assert allowed_address(address, allow_loopback=False)


@pytest.mark.parametrize("host", ["127.0.0.1:5000", "localhost", "[::1]:5000"])
def test_loopback_is_allowed_in_development(host: str) -> None:
    assert allowed_address(f"http://{host}/rest/", allow_loopback=True)
    assert not allowed_address(f"http://{host}/rest/", allow_loopback=False)


@pytest.mark.parametrize(
    "addresses",
    [
        ("https://crm.example.de/one/rest/", "https://crm.example.de/other/rest/"),
        ("https://crm.example.de/rest/", "https://crm.example.de/other/rest/"),
        ("https://crm.example.de:8443/a/b/rest/", "https://crm.example.de:8443/a/rest/"),
    ],
)
def test_portals_on_one_host_are_told_apart_by_their_paths(
    app: Flask, addresses: tuple[str, str]
) -> None:
    with app.test_request_context():
        portals = [Portal(f"member{at}", address) for at, address in enumerate(addresses)]
        one, other = (user_context(portal, 1, "en") for portal in portals)
    one.resources.note([ResourceRow(1, "Room 1")])
    one.quirks.dates.put(one.client.portal, "%m/%d/%Y", 60)
    assert one.resources.known() == {1: "Room 1"}
    assert other.resources.known() == {}
    assert other.quirks.dates.get(other.client.portal) is None
    assert one.customers.country == other.customers.country == "DE"
