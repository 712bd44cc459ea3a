"""What all portals of one sandbox share: the registered application, the OAuth store, time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import RLock

from sandbox.core.clock import Clock
from sandbox.core.faults import OAUTH_KINDS, Faults
from sandbox.core.recording import OAuthRecord, keep_recent
from sandbox.core.tokens import TokenStore
from sandbox.net import tls
from sandbox.net.delivery import EventQueue


@dataclass(frozen=True)
class Registration:
    """The application as its developer registered it with the vendor."""

    title: str
    url: str
    install_path: str | None
    scope: str

    @property
    def main_url(self) -> str:
        return f"{self.url}/"

    @property
    def install_url(self) -> str | None:
        return f"{self.url}{self.install_path}" if self.install_path else None

    @property
    def redirect_url(self) -> str:
        return f"{self.url}/oauth/callback"

    @property
    def scopes(self) -> frozenset[str]:
        return frozenset(part.strip() for part in self.scope.split(",") if part.strip())


@dataclass
class Switches:
    """Behaviour a developer turns on and off while the sandbox runs."""

    limits: bool = False
    operating: bool = False
    latency: float = 0.0
    docs_statuses: bool = False
    shuffle: bool = False
    token_cache: bool = False
    # Whether CRM lists may be filtered by `searchContent`, which finds parts of phone numbers.
    search_content: bool = True
    # How the CRM's mirror of the waiting list behaves; the words are in `crm_mirror.py`.
    mirror: str = "true"


@dataclass
class Hub:
    registration: Registration
    tokens: TokenStore
    clock: Clock
    switches: Switches
    events: EventQueue
    changed: Callable[[], None]
    lock: RLock = field(default_factory=RLock)
    plain_oauth_url: str = ""
    tls_oauth_url: str = ""
    oauth_requests: list[OAuthRecord] = field(default_factory=list)
    oauth_faults: Faults = field(default_factory=lambda: Faults(OAUTH_KINDS))

    @property
    def oauth_url(self) -> str:
        return self.tls_oauth_url if tls.spoken() else self.plain_oauth_url

    @property
    def server_endpoint(self) -> str:
        return f"{self.oauth_url}/rest/"

    def environment(self) -> dict[str, str]:
        """What an application needs to run against this sandbox."""
        return {
            "B24_CLIENT_ID": self.tokens.state.client_id,
            "B24_CLIENT_SECRET": self.tokens.state.client_secret,
            "APP_URL": self.registration.url,
            "B24_OAUTH_URLS": self.oauth_url,
            "B24_ALLOW_LOOPBACK": "1",
        }

    def record_oauth(self, record: OAuthRecord) -> None:
        self.oauth_requests.append(record)
        keep_recent(self.oauth_requests)
