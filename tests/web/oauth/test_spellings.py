"""A portal is the same portal in every spelling of its host."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from bitrix24.http.transport import HttpAnswer, Transport
from oauth.launch import LaunchRefused, Refusal, read_launch
from settings import Settings
from tests.cast import Cast
from web.services import services_of

MEMBER_ID = "e" * 32


def accept(app: Flask, monkeypatch: pytest.MonkeyPatch, endpoint: str, domain: str) -> str:
    """Verify a launch with this DOMAIN of a portal at `endpoint`. Return the portal's origin."""
    services = services_of(app)
    install = {"member_id": MEMBER_ID, "client_endpoint": endpoint, "installed": True}
    client_id = services.settings.client_id
    info: dict[str, Any] = {"client_id": client_id, "user_id": 7, "install": install}

    def answer(_transport: Transport, _url: str, _fields: object) -> HttpAnswer:
        return HttpAnswer(200, {"result": info})

    monkeypatch.setattr(Transport, "post_form", answer)
    fields = {"AUTH_ID": "a" * 70, "REFRESH_ID": "r" * 70, "member_id": MEMBER_ID, "DOMAIN": domain}
    return services.handshake.accept(read_launch(fields)).portal.origin


@pytest.mark.parametrize(
    ("endpoint", "domain", "origin"),
    [
        ("https://crm.example/rest/", "crm.example:443", "https://crm.example"),
        ("https://crm.example/rest/", "crm.example.", "https://crm.example"),
        ("https://crm.example/rest/", "CRM.Example.:443", "https://crm.example"),
        ("https://crm.example:443/rest/", "crm.example", "https://crm.example"),
        ("https://crm.example./rest/", "crm.example", "https://crm.example"),
        ("https://crm.example:8443/rest/", "crm.example.:8443", "https://crm.example:8443"),
        ("https://my_crm.example/rest/", "my_crm.example", "https://my_crm.example"),
        ("https://my_crm.example/rest/", "MY_CRM.example:443", "https://my_crm.example"),
        (
            "https://xn--80akn5b.example/rest/",
            "\u043a\u0430\u0444\u0435.example",
            "https://xn--80akn5b.example",
        ),
        (
            "https://\u043a\u0430\u0444\u0435.example/rest/",
            "\u041a\u0430\u0444\u0435.example",
            "",
        ),
        ("https://b\u00fccher.example/rest/", "xn--bcher-kva.example", ""),
        ("http://[::1]:8024/rest/", "[::1]:8024", "http://[::1]:8024"),
        ("http://[::1]/rest/", "[::1]", "http://[::1]"),
        ("http://[::1]:8024/sub/rest/", "[::1]:8024", "http://[::1]:8024"),
    ],
)
def test_spellings_of_a_portal_are_one_portal(
    app: Flask, monkeypatch: pytest.MonkeyPatch, endpoint: str, domain: str, origin: str
) -> None:
    accepted = accept(app, monkeypatch, endpoint, domain)
    assert accepted.isascii()
    assert accepted == origin or not origin


@pytest.mark.parametrize(
    "domain",
    ["crm.example:8443", "other.example", "crm.example.evil.example", "_crm.example"],
)
def test_another_host_or_port_is_refused(
    app: Flask, monkeypatch: pytest.MonkeyPatch, domain: str
) -> None:
    with pytest.raises(LaunchRefused) as refused:
        accept(app, monkeypatch, "https://crm.example/rest/", domain)
    assert refused.value.refusal is Refusal.OTHER_ADDRESS
    assert refused.value.origin == "https://crm.example"


@pytest.mark.parametrize("path", ["/", "/install", "/session", "/card/contact"])
@pytest.mark.parametrize("domain", ["intranet.example", "10.0.0.5:8443", "host"])
def test_a_refusal_names_the_address_at_which_the_portal_is(
    installed: Cast, config: Settings, path: str, domain: str
) -> None:
    user, origin = installed.regular_user, installed.portal.url.rstrip("/")
    fields = {**user.launch().body, "DOMAIN": domain, "LANG": "de"}
    for _ in range(40):
        answer = user.client.post(path, data=fields)
        assert (answer.status_code, f"unter {origin} und" in answer.text) == (403, True)
        assert 'name="session"' not in answer.text
    (log,) = config.log_dir.glob("security-*.jsonl")
    assert '"why":"other_address"' in log.read_text()
    assert user.open().status_code == 200


def test_a_launch_of_another_portal_is_told_no_address(
    installed: Cast, installed_elsewhere: Cast
) -> None:
    user = installed.regular_user
    elsewhere = installed_elsewhere.portal
    answer = user.post_launch(user.launch(), member_id=elsewhere.member_id)
    assert answer.status_code == 403
    assert elsewhere.domain not in answer.text
    assert installed.portal.domain not in answer.text


@pytest.mark.parametrize(
    "domain",
    [
        "crm..example",
        "a@crm.example",
        "\u0430@crm.example",
        "\u0430/crm.example",
        "crm.example/x",
        "\u0661" * 90_000,
        "\ud800.example",
    ],
)
def test_a_domain_that_is_no_host_is_refused(
    app: Flask, monkeypatch: pytest.MonkeyPatch, domain: str
) -> None:
    with pytest.raises(LaunchRefused):
        accept(app, monkeypatch, "https://crm.example/rest/", domain)


def test_a_host_is_spelled_as_it_is_called(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The codec of Python would send the calls to strasse.example instead."""
    domain = "stra\u00dfe.example"
    origin = accept(app, monkeypatch, f"https://{domain}/rest/", domain)
    assert origin == "https://xn--strae-oqa.example"


def test_a_final_dot_opens_the_portal_and_may_be_framed(installed: Cast) -> None:
    host, _, port = installed.portal.domain.partition(":")
    fields = {**installed.regular_user.launch().body, "DOMAIN": f"{host}.:{port}"}
    answer = installed.regular_user.client.post("/", data=fields)
    assert (answer.status_code, bool(answer.text)) == (200, True)
    assert installed.portal.url.rstrip("/") in answer.headers["Content-Security-Policy"]
