"""Settings come from the environment. A wrong one stops the start with a line that names it."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from settings import OAUTH_URLS, SettingsError, load

KEY = base64.urlsafe_b64encode(bytes(range(32))).decode()
WEAK = [
    base64.urlsafe_b64encode(key).decode()
    for key in (bytes(32), b"k" * 32, b"\xff" * 32, b"secret" * 5 + b"se")
]
SOUND = {
    "B24_CLIENT_ID": "app.1",
    "B24_CLIENT_SECRET": "top-secret",
    "APP_URL": "https://app.example.com",
    "SECRET_KEY": "signs-the-sessions-of-these-tests",
    "TOKEN_KEYS": KEY,
}


def test_defaults_are_those_of_production() -> None:
    settings = load(SOUND)
    assert settings.oauth_urls == tuple(OAUTH_URLS.split(","))
    assert settings.allow_loopback is False
    assert settings.timeout == 20
    assert settings.log_retention_days == 7
    assert settings.history_retention_days == 365
    assert settings.trusted_proxies is None
    assert settings.security_contact == ""
    assert settings.log_dir == Path(__file__).parents[2] / "instance" / "log"
    assert settings.database_url.startswith("sqlite:///")


@pytest.mark.parametrize("name", SOUND)
@pytest.mark.parametrize("value", ["", "  "])
def test_a_missing_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} "):
        load({**SOUND, name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("APP_URL", "app.example.com"),
        ("APP_URL", "http://app.example.com"),
        ("APP_URL", "https://app.example.com/"),
        ("APP_URL", "https://app.example.com?x=1"),
        ("APP_URL", "https://app.example.com:port"),
        ("APP_URL", "https://app .example.com"),
        ("APP_URL", "https://app.example.com,www.example.com"),
        ("B24_OAUTH_URLS", "https://oauth.example.com https://other.example.com"),
        ("APP_URL", "https://app.example.com//waiting"),
        ("APP_URL", "https://app.example.com/../waiting"),
        ("APP_URL", "https://app.example.com/warteliste ü"),
        ("APP_URL", "https://app.example.com/a%2Fb"),
        ("SECRET_KEY", "changeme"),
        ("SECRET_KEY", "correct horse"),
        ("SECRET_KEY", "a" * 64),
        ("SECRET_KEY", "secret" * 8),
        ("SECRET_KEY", "   changeme" + " " * 40),
        ("TOKEN_KEYS", "short"),
        ("TOKEN_KEYS", f"{KEY},"),
        ("TOKEN_KEYS", "ä"),
        ("TOKEN_KEYS", WEAK[0]),
        ("TOKEN_KEYS", WEAK[1]),
        ("TOKEN_KEYS", f"{KEY},{WEAK[2]}"),
        ("TOKEN_KEYS", WEAK[3]),
        ("TRUSTED_PROXIES", "10.0.0.0/33"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("TRUSTED_PROXIES", "10.0.0.1,"),
        ("TRUSTED_PROXIES", "proxy.example.com"),
        ("SECURITY_CONTACT", "security@example.com"),
        ("SECURITY_CONTACT", "mailto:security"),
        ("SECURITY_CONTACT", "http://example.com/report"),
        ("SECURITY_CONTACT", "https://example.com\nExpires: never"),
        ("HISTORY_RETENTION_DAYS", "0"),
        ("HISTORY_RETENTION_DAYS", "a year"),
        ("B24_OAUTH_URLS", "http://oauth.example.com"),
        ("B24_OAUTH_URLS", "https://oauth.example.com,"),
        ("B24_ALLOW_LOOPBACK", "perhaps"),
        ("B24_TIMEOUT", "0"),
        ("B24_TIMEOUT", "soon"),
        ("LOG_RETENTION_DAYS", "2"),
    ],
)
def test_a_malformed_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} "):
        load({**SOUND, name: value})


@pytest.mark.parametrize(
    "url", ["HTTPS://app.example", "https://App.Example", "HttpS://APP.example"]
)
def test_an_address_in_capitals_is_the_same(url: str) -> None:
    settings = load({**SOUND, "APP_URL": f"{url}/Waiting", "B24_OAUTH_URLS": url})
    assert settings.app_url == "https://app.example/Waiting"
    assert settings.oauth_urls == ("https://app.example",)
    assert settings.is_https


def test_http_is_accepted_for_loopback_in_development_only() -> None:
    local = {**SOUND, "APP_URL": "http://127.0.0.1:5000"}
    with pytest.raises(SettingsError, match="APP_URL"):
        load(local)
    assert load({**local, "B24_ALLOW_LOOPBACK": "1"}).app_url == "http://127.0.0.1:5000"


def test_repr_shows_no_secret() -> None:
    shown = repr(load(SOUND))
    assert "top-secret" not in shown
    assert "signing-key" not in shown
    assert KEY not in shown


def test_a_bundle_of_certificate_authorities_is_read() -> None:
    assert load(SOUND).ca_bundle is None
    assert load({**SOUND, "B24_CA_BUNDLE": " "}).ca_bundle is None
    bundle = str(DEFAULT_CA_BUNDLE_PATH)
    assert load({**SOUND, "B24_CA_BUNDLE": bundle}).ca_bundle == Path(bundle)


@pytest.mark.parametrize("content", [None, "", "no certificate", "-----BEGIN CERTIFICATE-----\nx"])
def test_a_bundle_without_certificates_stops_the_start(tmp_path: Path, content: str | None) -> None:
    bundle = tmp_path / "authorities.pem"
    if content is not None:
        bundle.write_text(content)
    with pytest.raises(SettingsError, match=r"^B24_CA_BUNDLE must be a file") as caught:
        load({**SOUND, "B24_CA_BUNDLE": str(bundle)})
    assert "\n" not in str(caught.value)
