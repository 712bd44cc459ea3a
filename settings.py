"""Reads and checks the environment once. All other modules get a frozen `Settings`."""

import base64
import binascii
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
PATH = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")
"""The path of an address, as browsers and proxies leave it."""
HOST = re.compile(r"[\w.-]+|[0-9a-f.:]+")
SHORTEST_SECRET = 16
FEWEST_CHARACTERS = 6
"""Different characters in a secret. Random ones have more."""
FEWEST_BYTES = 8
"""Different bytes in a key of 32. Random ones have 20 or more."""
Network = IPv4Network | IPv6Network
CONTACT = re.compile(r"(mailto:[^\s@]+@[^\s@]+|https://[^\s/]+[^\s]*)")
OAUTH_URLS = "https://oauth.bitrix.info,https://oauth.bitrix24.tech"
"""Bitrix24 has two authorization servers, one for some regions and one for all others.
Source: AuthorizationServerUrlResolver.php of the portal's rest module."""


class SettingsError(ValueError):
    """A setting is missing or malformed. The text is one line that names it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of the operator. `repr` does not show the secrets."""

    client_id: str
    client_secret: str = field(repr=False)
    app_url: str
    secret_key: str = field(repr=False)
    token_keys: tuple[str, ...] = field(repr=False)
    database_url: str = field(repr=False)
    oauth_urls: tuple[str, ...]
    allow_loopback: bool
    log_dir: Path
    log_retention_days: int
    timeout: float
    history_retention_days: int = 365
    ca_bundle: Path | None = None
    trusted_proxies: tuple[Network, ...] | None = None
    security_contact: str = ""

    @property
    def is_https(self) -> bool:
        """Return whether browsers reach the app over TLS."""
        return self.app_url.startswith("https:")


def load(environ: Mapping[str, str]) -> Settings:
    """Read the settings from environment variables. Raises SettingsError at the first fault."""
    allow_loopback = _flag(environ, "B24_ALLOW_LOOPBACK")
    return Settings(
        client_id=_required(environ, "B24_CLIENT_ID"),
        client_secret=_required(environ, "B24_CLIENT_SECRET"),
        app_url=base_url("APP_URL", _required(environ, "APP_URL"), allow_loopback),
        secret_key=_secret(environ, "SECRET_KEY"),
        token_keys=_token_keys(_required(environ, "TOKEN_KEYS")),
        database_url=environ.get("DATABASE_URL") or f"sqlite:///{ROOT / 'instance' / 'app.db'}",
        oauth_urls=tuple(
            base_url("B24_OAUTH_URLS", url.strip(), allow_loopback)
            for url in (environ.get("B24_OAUTH_URLS") or OAUTH_URLS).split(",")
        ),
        allow_loopback=allow_loopback,
        log_dir=Path(environ.get("LOG_DIR") or ROOT / "instance" / "log"),
        log_retention_days=_number(environ, "LOG_RETENTION_DAYS", default=7, least=3),
        timeout=_number(environ, "B24_TIMEOUT", default=20, least=1),
        history_retention_days=_number(environ, "HISTORY_RETENTION_DAYS", default=365, least=1),
        ca_bundle=_ca_bundle(environ),
        trusted_proxies=_trusted_proxies(environ),
        security_contact=_security_contact(environ),
    )


def _required(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip()
    if not value:
        raise SettingsError(f"{name} is not set; the README says what it is for")
    return value


def _secret(environ: Mapping[str, str], name: str) -> str:
    value = _required(environ, name)
    if len(value) < SHORTEST_SECRET or len(set(value)) < FEWEST_CHARACTERS:
        raise SettingsError(
            f"{name} must have {SHORTEST_SECRET} random characters or more; see docs/operate.md"
        )
    return value


def _flag(environ: Mapping[str, str], name: str) -> bool:
    value = environ.get(name, "").strip().lower()
    if value in {"", "0", "off", "no", "false"}:
        return False
    if value in {"1", "on", "yes", "true"}:
        return True
    raise SettingsError(f"{name} must be on or off")


def _number(environ: Mapping[str, str], name: str, *, default: int, least: int) -> int:
    value = environ.get(name, "").strip() or str(default)
    if not value.isascii() or not value.isdigit() or int(value) < least:
        raise SettingsError(f"{name} must be a whole number, {least} or more")
    return int(value)


def _ca_bundle(environ: Mapping[str, str]) -> Path | None:
    value = environ.get("B24_CA_BUNDLE", "").strip()
    if not value:
        return None
    try:
        ssl.create_default_context(cafile=value)
    except (OSError, ValueError):
        raise SettingsError("B24_CA_BUNDLE must be a file of certificates (PEM)") from None
    return Path(value)


def base_url(name: str, value: str, allow_loopback: bool) -> str:
    """Return an address without query and trailing slash, its host in lower case.

    Raises SettingsError.
    """
    try:
        parts = urlsplit(value)
        port_is_valid = parts.port != 0
    except ValueError:
        raise SettingsError(f"{name} must be a URL such as https://example.com") from None
    is_host = HOST.fullmatch(parts.hostname or "")
    if parts.scheme not in {"http", "https"} or not is_host or not port_is_valid:
        raise SettingsError(f"{name} must be a URL such as https://example.com")
    if parts.query or parts.fragment or parts.username or value.endswith("/"):
        raise SettingsError(f"{name} must be a bare URL without query and trailing slash")
    if not PATH.fullmatch(parts.path):
        raise SettingsError(f"{name} may have only letters, digits and -._~ in its path")
    loopback = allow_loopback and parts.hostname in LOOPBACK_HOSTS
    if parts.scheme == "http" and not loopback:
        raise SettingsError(f"{name} must start with https://")
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path}"


def _trusted_proxies(environ: Mapping[str, str]) -> tuple[Network, ...] | None:
    """Read the networks of our reverse proxies. None stands for every private address."""
    value = environ.get("TRUSTED_PROXIES", "").strip()
    if not value:
        return None
    if value.lower() == "none":
        return ()
    try:
        return tuple(ip_network(network.strip()) for network in value.split(","))
    except ValueError:
        raise SettingsError(
            "TRUSTED_PROXIES must be comma-separated networks such as 10.0.0.0/24, or none"
        ) from None


def _security_contact(environ: Mapping[str, str]) -> str:
    value = environ.get("SECURITY_CONTACT", "").strip()
    if value and not CONTACT.fullmatch(value):
        raise SettingsError(
            "SECURITY_CONTACT must be an address such as mailto:security@example.com or https://…"
        )
    return value


def _token_keys(value: str) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in value.split(","))
    for key in keys:
        try:
            plain = base64.urlsafe_b64decode(key)
        except (binascii.Error, ValueError):
            plain = b""
        if len(plain) != 32:
            raise SettingsError(
                "TOKEN_KEYS must be comma-separated keys of 32 bytes in url-safe base64"
            )
        if len(set(plain)) < FEWEST_BYTES:
            raise SettingsError("TOKEN_KEYS must have random bytes; see docs/operate.md")
    return keys
