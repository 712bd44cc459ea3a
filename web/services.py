"""The parts that the blueprints share: `create_app` builds them, `services()` returns them."""

from dataclasses import dataclass, field
from functools import partial
from typing import cast

from flask import Flask, current_app
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bitrix24.client import PortalClient
from bitrix24.http.transport import Transport
from bitrix24.limits import Limits
from bitrix24.log.daily_log import DailyLog
from bitrix24.log.journal import Journal
from installation.event_coalescer import EventCoalescer
from installation.installer import Installer
from installation.lifecycle import Lifecycle
from installation.manifest import read_manifest
from oauth.authorization_server import AuthorizationServer
from oauth.frame_sessions import FrameSessions
from oauth.handshake import Handshake
from oauth.user_tokens import UserTokens
from settings import Settings, SettingsError
from store.changes import ChangeStore
from store.engine import migrate, open_engine, open_probe
from store.last_seen import LastSeenStore
from store.oauth_states import OAuthStateStore
from store.pending.deferred import Deferred
from store.pending.idempotency import AttemptStore
from store.pending.writes import WriteStore
from store.portals import Portal, PortalStore
from store.record_events import RecordEventStore
from store.retention import Retention, bounds
from store.tokens import TokenStore
from store.uninstalls import UninstallStore
from store.user_names import UserNameStore
from store.vault import Vault
from waitlist.customers.cache import CustomerCache
from waitlist.sources.next_bookings import NextBookingCache
from waitlist.sources.quirks import Quirks
from waitlist.sources.tracker import RecordTracker
from web.http.call_metrics import recorder
from web.http.leaky_buckets import LeakyBuckets
from web.http.request_quota import RequestQuota

EXTENSION = "waitlist_clients"
REFUSALS_ALLOWED = 30
"""Refusals that one source may have at once."""
FORGIVEN_AFTER = 2.0
"""Seconds after which one refusal of a source no longer counts."""


@dataclass(frozen=True, slots=True)
class Services:
    """All threads of a process share one."""

    settings: Settings
    engine: Engine
    probe: Engine
    vault: Vault
    journal: Journal
    transport: Transport
    limits: Limits
    authorization_server: AuthorizationServer
    portals: PortalStore
    tokens: TokenStore
    user_names: UserNameStore
    uninstalls: UninstallStore
    retention: Retention
    changes: ChangeStore
    last_seen: LastSeenStore
    record_events: RecordEventStore
    attempts: AttemptStore
    writes: WriteStore
    handshake: Handshake
    sessions: FrameSessions
    installer: Installer
    oauth_states: OAuthStateStore
    coalescer: EventCoalescer
    security_log: DailyLog
    deferred: Deferred = field(default_factory=Deferred)
    customers: CustomerCache = field(default_factory=CustomerCache)
    next_bookings: NextBookingCache = field(default_factory=NextBookingCache)
    quirks: Quirks = field(default_factory=Quirks)
    refusals: LeakyBuckets = field(
        default_factory=partial(LeakyBuckets, REFUSALS_ALLOWED, FORGIVEN_AFTER)
    )
    request_quota: RequestQuota = field(default_factory=RequestQuota)

    @property
    def lifecycle(self) -> Lifecycle:
        return Lifecycle(
            portals=self.portals,
            handshake=self.handshake,
            uninstalls=self.uninstalls,
            changes=self.changes,
            client=self.client,
            report=self.security_log.write,
        )

    def tracker(self, member_id: str) -> RecordTracker:
        flush = partial(self.coalescer.flush, member_id)
        return RecordTracker(self.last_seen, self.record_events, self.deferred, member_id, flush)

    def client(self, portal: Portal, user_id: int, *, background: bool = False) -> PortalClient:
        """Return a client that calls the portal as this user."""
        tokens = UserTokens(self.tokens, self.authorization_server, portal.member_id, user_id)
        observer = recorder(self.journal, portal.member_id, user_id)
        return PortalClient(
            portal.client_endpoint,
            tokens,
            self.transport,
            observer=observer,
            relocate=lambda token: self.handshake.relocate(portal, user_id, token),
            limits=self.limits,
            background=background,
        )


def build(settings: Settings, *, limits: Limits | None = None) -> Services:
    """Open the database, migrate it, and put the parts together.

    `limits` replaces the shared count of requests, which holds back what a portal would refuse.
    Raises SettingsError for a database that cannot be used, and ManifestError."""
    vault = Vault(settings.token_keys)
    engine = _open_database(settings.database_url, vault)
    transport = Transport(
        settings.timeout, allow_private=settings.allow_loopback, ca_bundle=settings.ca_bundle
    )
    journal = Journal(settings.log_dir, settings.log_retention_days)
    security_log = DailyLog(settings.log_dir, "security", settings.log_retention_days)
    limits = limits or Limits(settings.log_dir / "limits")
    server = AuthorizationServer(
        settings.client_id,
        settings.client_secret,
        settings.oauth_urls,
        transport,
        recorder(journal),
        report=security_log.write,
        limits=limits,
    )
    portals, tokens = PortalStore(engine, vault), TokenStore(engine, vault)
    return Services(
        settings=settings,
        engine=engine,
        probe=open_probe(settings.database_url),
        vault=vault,
        journal=journal,
        transport=transport,
        limits=limits,
        authorization_server=server,
        portals=portals,
        tokens=tokens,
        user_names=UserNameStore(engine, vault),
        uninstalls=UninstallStore(engine),
        retention=Retention(engine, bounds(settings.history_retention_days)),
        changes=ChangeStore(engine),
        last_seen=LastSeenStore(engine),
        record_events=RecordEventStore(engine),
        attempts=AttemptStore(engine),
        writes=WriteStore(engine),
        handshake=Handshake(settings, server, portals, tokens),
        sessions=FrameSessions(settings.secret_key),
        installer=Installer(read_manifest(), settings.app_url, portals),
        oauth_states=OAuthStateStore(engine),
        coalescer=EventCoalescer(lambda: portals.revision),
        security_log=security_log,
    )


def _open_database(database_url: str, vault: Vault) -> Engine:
    try:
        engine = open_engine(database_url)
        migrate(engine, vault)
    except (SQLAlchemyError, OSError, ImportError, ValueError) as error:
        why = type(error).__name__
        raise SettingsError(f"DATABASE_URL: the database cannot be used ({why})") from None
    return engine


def services() -> Services:
    return services_of(current_app)


def services_of(app: Flask) -> Services:
    return cast(Services, app.extensions[EXTENSION])
