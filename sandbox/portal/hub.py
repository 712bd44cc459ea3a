"""What the portals of a sandbox share: application, tokens, clock, switches."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import RLock
from typing import Annotated, Literal

from msgspec import Meta

from sandbox.core.clock import Clock
from sandbox.core.faults import OAUTH_KINDS, Faults
from sandbox.core.recording import RecordedOAuthRequest, drop_oldest
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


Seconds = Annotated[float, Meta(ge=0, le=86_400)]


@dataclass
class Switches:
    """Behavior that can be switched while the sandbox runs."""

    limits: bool = False
    operating: bool = False
    latency: Seconds = 0.0
    docs_statuses: bool = False
    shuffle: bool = False
    token_cache: bool = False
    # CRM lists can be filtered by `searchContent`, which finds parts of phone numbers.
    search_content: bool = True
    # The behavior of the CRM mirror; crm_mirror.py lists the values.
    mirror: Literal["true", "late", "false", "text", "empty"] = "true"
    # Whether crm.duplicate.findbycomm looks through all types when it does not know the given one.
    any_entity_type: bool = True
    # Whether `companyId` of a contact without a company is null instead of 0.
    null_company: bool = False
    # Whether resource.update removes the slots and the linked calendar, and loses the type.
    update_wipes_slots: bool = True
    # The order of the events of a promoted record or booking.
    event_order: Literal["journal", "reversed"] = "journal"
    # What an update of the application does to its bindings: "drops" all, as the docs say, "keeps"
    # all, or "drops_install": all but that of ONAPPINSTALL, as rest 26.800 does.
    app_update: Literal["drops", "keeps", "drops_install"] = "drops"


@dataclass
class Hub:
    """The shared parts.

    `mark_changed` has the data file written soon, `reset` starts all portals afresh.
    """

    registration: Registration
    tokens: TokenStore
    clock: Clock
    switches: Switches
    events: EventQueue
    mark_changed: Callable[[], None]
    reset: Callable[[], None]
    lock: RLock = field(default_factory=RLock)
    # Of the first authorization server and of the second, if there is one.
    plain_oauth_urls: list[str] = field(default_factory=list)
    tls_oauth_urls: list[str] = field(default_factory=list)
    oauth_requests: list[RecordedOAuthRequest] = field(default_factory=list)
    oauth_faults: Faults = field(default_factory=lambda: Faults(OAUTH_KINDS))

    @property
    def oauth_urls(self) -> list[str]:
        return self.tls_oauth_urls if tls.is_https() else self.plain_oauth_urls

    def environment(self) -> dict[str, str]:
        """Return the environment variables for an application."""
        return {
            "B24_CLIENT_ID": self.tokens.state.client_id,
            "B24_CLIENT_SECRET": self.tokens.state.client_secret,
            "APP_URL": self.registration.url,
            "B24_OAUTH_URLS": ",".join(self.oauth_urls),
            "B24_ALLOW_LOOPBACK": "1",
        }

    def record_oauth(self, recorded: RecordedOAuthRequest) -> None:
        self.oauth_requests.append(recorded)
        drop_oldest(self.oauth_requests)
