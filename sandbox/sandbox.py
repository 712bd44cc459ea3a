"""The Sandbox: portals and the OAuth server on their ports, state on disk, one stop for tests."""

from __future__ import annotations

import secrets
import ssl
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from sandbox import seed, storage
from sandbox.clock import Clock
from sandbox.delivery import EventQueue
from sandbox.faults import Faults
from sandbox.host import create_portal_app
from sandbox.hub import Hub, Registration, Switches
from sandbox.limits import Operating
from sandbox.model import OAuthState, PortalState, SandboxState
from sandbox.oauth_server import create_oauth_app
from sandbox.portal import Portal
from sandbox.recording import OAuthRecord
from sandbox.server import Server
from sandbox.tls import WsgiApp, over_tls
from sandbox.tokens import TokenStore

if TYPE_CHECKING:
    from sandbox.certificates import Authority

# Where https listens when the port of a portal is a chosen one.
_TLS_PORTS = 100


class Sandbox:
    """Portal n listens on port+n-1 as `localhost`; the OAuth server is `127.0.0.1` on the first."""

    def __init__(
        self,
        app_url: str = "http://127.0.0.1:5000",
        *,
        port: int = 8024,
        portals: int = 1,
        install_path: str | None = "/install",
        client_id: str | None = None,
        client_secret: str | None = None,
        scope: str = "booking,crm,placement",
        title: str = "Waitlist Clients",
        data: str | Path | None = None,
        installed: bool = False,
        records: int = 137,
        contacts: int = 400,
        companies: int = 40,
        deals: int = 30,
        limits: bool = False,
        latency: float = 0.0,
        event_delay: float = 0.02,
        tls: bool = False,
    ) -> None:
        self.clock = Clock()
        self.data = Path(data) if data else None
        self._sizes = seed.Sizes(contacts, companies, deals, records)
        self._count = portals
        # Without an installer page an application is installed at once.
        self._installed = installed or install_path is None
        self.state = self._loaded(portals, client_id, client_secret)
        self.state.move_app(app_url.rstrip("/"))
        self.events = EventQueue(event_delay)
        self.switches = Switches(limits=limits, latency=latency)
        self._saver: storage.Saver | None = None
        self.hub = Hub(
            registration=Registration(title, app_url.rstrip("/"), install_path, scope),
            tokens=TokenStore(self.state.oauth, self.clock),
            clock=self.clock,
            switches=self.switches,
            events=self.events,
            changed=self._changed,
        )
        self._port = port
        self._servers: list[Server] = []
        self._wants_tls = tls
        self._authority: Authority | None = None

    def _loaded(
        self, portals: int, client_id: str | None, client_secret: str | None
    ) -> SandboxState:
        state = storage.load(self.data) if self.data else None
        if state is None:
            local = f"local.{secrets.token_hex(7)}.{secrets.randbelow(10**8):08d}"
            state = SandboxState(OAuthState(client_id or local, secrets.token_urlsafe(36)))
        state.oauth.client_id = client_id or state.oauth.client_id
        state.oauth.client_secret = client_secret or state.oauth.client_secret
        for number in range(len(state.portals) + 1, portals + 1):
            state.portals.append(self._seeded(number))
        return state

    def _seeded(self, number: int) -> PortalState:
        sizes = self._sizes if number == 1 else self._sizes.smaller()
        fresh = seed.fresh_portal(number, sizes, self.clock.now())
        fresh.app.installed = self._installed
        return fresh

    def start(self) -> Sandbox:
        try:
            plain = [self._listen(index) for index in range(self._count)]
            for server, state in zip(plain, self.state.portals, strict=False):
                self.hub.portals.append(Portal(state, self.hub, server.port))
            secure = self._listen_over_tls() if self._wants_tls else []
        except Exception:
            self.close()
            raise
        self.hub.plain_oauth_url = f"http://127.0.0.1:{self._servers[0].port}"
        oauth = create_oauth_app(self.hub)
        for index, (server, portal) in enumerate(zip(plain, self.portals, strict=True)):
            page = create_portal_app(portal, self)
            server.app = _by_host(page, oauth if index == 0 else None)
            server.start()
            for other in secure[index : index + 1]:
                other.app = over_tls(server.app)
                other.start()
        if self.data:
            self._saver = storage.Saver(self.data, self.state, self.hub.lock)
            self._saver.changed()
        return self

    def _listen(self, index: int, context: ssl.SSLContext | None = None) -> Server:
        port = self._port + index if self._port else 0
        server = Server(port + _TLS_PORTS if port and context else port, None, context)
        self._servers.append(server)
        return server

    def _listen_over_tls(self) -> list[Server]:
        from sandbox.certificates import Authority  # its package is needed for nothing else

        self._authority = Authority()
        secure = [self._listen(index, self._authority.context) for index in range(self._count)]
        for server, portal in zip(secure, self.portals, strict=True):
            portal.tls_port = server.port
        self.hub.tls_oauth_url = f"https://127.0.0.1:{secure[0].port}"
        return secure

    def close(self) -> None:
        for server in self._servers:
            server.close()
        self._servers = []
        self.events.close()
        if self._saver is not None:
            self._saver.close()
            self._saver = None
        if self._authority is not None:
            self._authority.close()
            self._authority = None

    def __enter__(self) -> Sandbox:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def portals(self) -> list[Portal]:
        return self.hub.portals

    @property
    def oauth_url(self) -> str:
        return self.hub.oauth_url

    @property
    def tls_oauth_url(self) -> str:
        return self.hub.tls_oauth_url

    @property
    def ca_file(self) -> Path:
        """The authority to trust; the file is gone when the sandbox is."""
        if self._authority is None:
            raise LookupError("this sandbox was started without tls=True")
        return self._authority.ca_file

    @property
    def url(self) -> str:
        """Where a person begins: the first portal with the application in its frame."""
        return f"{self.portals[0].url}/"

    @property
    def client_id(self) -> str:
        return self.state.oauth.client_id

    @property
    def client_secret(self) -> str:
        return self.state.oauth.client_secret

    @property
    def oauth_requests(self) -> list[OAuthRecord]:
        return self.hub.oauth_requests

    @property
    def oauth_faults(self) -> Faults:
        return self.hub.oauth_faults

    def expire_access_tokens(self) -> int:
        count = self.hub.tokens.expire_access()
        self._changed()
        return count

    def advance(self, seconds: float) -> None:
        """Let time pass for tokens and codes without waiting."""
        self.clock.advance(seconds)

    def environment(self) -> dict[str, str]:
        """What an application needs to run against this sandbox."""
        return {
            "B24_CLIENT_ID": self.client_id,
            "B24_CLIENT_SECRET": self.client_secret,
            "APP_URL": self.hub.registration.url,
            "B24_OAUTH_URLS": self.oauth_url,
            "B24_ALLOW_LOOPBACK": "1",
        }

    def reset(self) -> None:
        """Fresh seed data for every portal; keys, bindings and installs start anew too."""
        with self.hub.lock:
            for portal in self.portals:
                portal.state = self._seeded(portal.state.number)
                portal.mirror_pending.clear()
                portal.operating = Operating(portal.operating.limit)
                portal.requests.clear()
                portal.faults.clear()
                portal.license = portal.state.license  # a new rate bucket comes with it
                portal.forget_tokens()
                self.hub.tokens.revoke(portal.member_id)
            self.state.portals[: self._count] = [portal.state for portal in self.portals]
            self.hub.oauth_requests.clear()
            self.hub.oauth_faults.clear()
        self._changed()

    def _changed(self) -> None:
        if self._saver is not None:
            self._saver.changed()


def _by_host(portal: WsgiApp, oauth: WsgiApp | None) -> WsgiApp:
    """`127.0.0.1` is the OAuth server, `localhost` the portal: two sites on one port."""
    other = oauth or Response("This port serves a portal only; use localhost.", 421)

    def dispatch(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        host = str(environ.get("HTTP_HOST", "")).partition(":")[0]
        return (other if host == "127.0.0.1" else portal)(environ, start_response)

    return dispatch
