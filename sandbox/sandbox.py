"""The Sandbox: portals and OAuth server on their ports, and their state on disk."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sandbox import seed
from sandbox.core import storage
from sandbox.core.application import OAuthState
from sandbox.core.clock import Clock
from sandbox.core.faults import Faults
from sandbox.core.model import PortalState, SandboxState
from sandbox.core.recording import RecordedOAuthRequest
from sandbox.core.tokens import TokenStore
from sandbox.host import create_site
from sandbox.net.delivery import EventQueue
from sandbox.net.ports import Ports
from sandbox.oauth_server import create_oauth_app
from sandbox.portal.hub import Hub, Registration, Switches
from sandbox.portal.portal import Portal


@dataclass(frozen=True)
class SandboxOptions:
    """What can be chosen when a sandbox starts."""

    app_url: str = "http://127.0.0.1:5000"
    port: int = 8024  # of the first portal; 0 takes free ports
    portals: int = 1
    oauth_servers: int = 1  # 2: the second one is on the port after those of the portals
    install_path: str | None = "/install"  # empty: the application has no installer
    client_id: str | None = None  # generated when not given
    client_secret: str | None = None
    scope: str = "booking,crm,placement"
    title: str = "Waiting list"  # the text of its menu item
    data: str | Path | None = None  # the file that keeps everything; None keeps nothing
    installed: bool = False
    records: int = 137
    contacts: int = 400
    companies: int = 40
    deals: int = 30
    bookings: int = 200
    limits: bool = False
    latency: float = 0.0  # seconds added to each REST request
    event_delay: float = 0.02  # seconds between a reply and the event that follows it
    tls: bool = False


class Sandbox:
    """A running sandbox: its portals, its OAuth server, its clock and its recordings.

    Portal n listens as `localhost` on port + n - 1; the OAuth server is `127.0.0.1` on the first
    port. Pass options, single ones by name (`Sandbox(port=0, portals=2)`), or both.
    """

    def __init__(self, options: SandboxOptions = SandboxOptions(), **changes: Any) -> None:
        self.options = options = replace(options, **changes)
        app_url = options.app_url.rstrip("/")
        self.clock = Clock()
        self.data = Path(options.data) if options.data else None
        self.state = self._load_state()
        self.state.move_app(app_url)
        self.events = EventQueue(options.event_delay)
        self.switches = Switches(limits=options.limits, latency=options.latency)
        self._saver: storage.Saver | None = None
        self.hub = Hub(
            registration=Registration(options.title, app_url, options.install_path, options.scope),
            tokens=TokenStore(self.state.oauth, self.clock),
            clock=self.clock,
            switches=self.switches,
            events=self.events,
            mark_changed=self._mark_changed,
            reset=self.reset,
        )
        self.portals: list[Portal] = []
        self._ports = Ports(options.port, options.portals, options.oauth_servers > 1, options.tls)

    def _load_state(self) -> SandboxState:
        """Read the data file, if there is one, and add the portals that it lacks."""
        options = self.options
        state = storage.load_state(self.data) if self.data else None
        if state is None:
            local = f"local.{secrets.token_hex(7)}.{secrets.randbelow(10**8):08d}"
            state = SandboxState(OAuthState(options.client_id or local, secrets.token_urlsafe(36)))
        state.oauth.client_id = options.client_id or state.oauth.client_id
        state.oauth.client_secret = options.client_secret or state.oauth.client_secret
        for number in range(len(state.portals) + 1, options.portals + 1):
            state.portals.append(self._seed_portal(number))
        return state

    def _seed_portal(self, number: int) -> PortalState:
        options = self.options
        sizes = seed.Sizes(
            options.contacts, options.companies, options.deals, options.records, options.bookings
        )
        sizes = sizes if number == 1 else sizes.smaller()
        portal = seed.build_portal(number, sizes, self.clock.now())
        # Without an installer an application is installed at once.
        portal.app.installed = options.installed or not options.install_path
        return portal

    def start(self) -> Sandbox:
        """Open the ports and answer on them; raises PortUnavailable when one is taken."""
        try:
            self._ports.open()
        except Exception:
            self.close()
            raise
        plain, secure = self._ports.plain, self._ports.secure
        count = self.options.portals
        for server, state in zip(plain[:count], self.state.portals, strict=False):
            # The data may be of a sandbox with more servers.
            state.oauth_server = min(state.oauth_server, self.options.oauth_servers)
            self.portals.append(Portal(state, self.hub, server.port))
        oauth_ports = [0, *self._ports.second_oauth]
        self.hub.plain_oauth_urls = [f"http://127.0.0.1:{plain[at].port}" for at in oauth_ports]
        if secure:
            urls = [f"https://127.0.0.1:{secure[at].port}" for at in oauth_ports]
            self.hub.tls_oauth_urls = urls
        for server, portal in zip(secure, self.portals, strict=False):
            portal.tls_port = server.port
        for index, portal in enumerate(self.portals):
            pages = create_site(portal, self.portals)
            oauth = create_oauth_app(self.hub, self.portals, 1) if index == 0 else None
            self._ports.serve(index, pages, oauth)
        for index in self._ports.second_oauth:
            self._ports.serve(index, None, create_oauth_app(self.hub, self.portals, 2))
        if self.data:
            self._saver = storage.Saver(self.data, self.state, self.hub.lock)
            self._saver.mark_changed()
        return self

    def close(self) -> None:
        self._ports.close()
        self.events.close()
        if self._saver is not None:
            self._saver.close()
            self._saver = None

    def __enter__(self) -> Sandbox:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def oauth_url(self) -> str:
        return self.hub.plain_oauth_urls[0]

    @property
    def tls_oauth_url(self) -> str:
        return next(iter(self.hub.tls_oauth_urls), "")

    @property
    def ca_file(self) -> Path:
        """The certificate authority to trust; the file is deleted when the sandbox closes."""
        if self._ports.authority is None:
            raise LookupError("this sandbox was started without tls=True")
        return self._ports.authority.ca_file

    @property
    def url(self) -> str:
        """The address to open: the first portal, with the application in its frame."""
        return f"{self.portals[0].url}/"

    @property
    def client_id(self) -> str:
        return self.state.oauth.client_id

    @property
    def client_secret(self) -> str:
        return self.state.oauth.client_secret

    @property
    def oauth_requests(self) -> list[RecordedOAuthRequest]:
        return self.hub.oauth_requests

    @property
    def oauth_faults(self) -> Faults:
        return self.hub.oauth_faults

    def expire_access_tokens(self) -> int:
        """Let all access tokens expire now; returns their number."""
        count = self.hub.tokens.expire_access()
        self._mark_changed()
        return count

    def advance(self, seconds: float) -> None:
        """Move the clock forward, as for the expiry of tokens and codes."""
        self.clock.advance(seconds)
        for portal in self.portals:
            portal.late.run_due()

    def environment(self) -> dict[str, str]:
        """Return the environment variables for an application."""
        return self.hub.environment()

    def unplug(self, portal: Portal) -> None:
        """Let a portal refuse connections, as when its server is down."""
        self._ports.close_one(self.portals.index(portal))

    def reset(self) -> None:
        """Start all portals afresh: data, installation, bindings, faults and recordings."""
        with self.hub.lock:
            for portal in self.portals:
                portal.restart(self._seed_portal(portal.state.number))
                self.hub.tokens.revoke(portal.member_id)
            self.state.portals[: self.options.portals] = [portal.state for portal in self.portals]
            self.hub.oauth_requests.clear()
            self.hub.oauth_faults.clear()
        self._mark_changed()

    def _mark_changed(self) -> None:
        if self._saver is not None:
            self._saver.mark_changed()
