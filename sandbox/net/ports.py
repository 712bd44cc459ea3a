"""The ports of a sandbox: one per portal, and with TLS a second one for https.

A second OAuth server has a port of its own, after those of the portals.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from sandbox.net.server import Server
from sandbox.net.tls import WsgiApp, mark_https

if TYPE_CHECKING:
    from sandbox.net.certificates import Authority

# How far the https port is above the http port, unless any free port is taken.
_TLS_OFFSET = 100


class Ports:
    """The servers of a sandbox: `open` reserves the ports, `serve` answers on one."""

    def __init__(self, first: int, portals: int, second_oauth: bool, tls: bool) -> None:
        self.plain: list[Server] = []
        self.secure: list[Server] = []
        self.authority: Authority | None = None
        # Where the second OAuth server stands among the servers, if there is one.
        self.second_oauth = [portals] if second_oauth else []
        self._first = first
        self._count = portals + len(self.second_oauth)
        self._tls = tls

    def open(self) -> None:
        for index in range(self._count):
            self.plain.append(self._listen(index))
        if self._tls:
            from sandbox.net.certificates import Authority

            self.authority = Authority()
            for index in range(self._count):
                self.secure.append(self._listen(index, self.authority.context))

    def _listen(self, index: int, context: ssl.SSLContext | None = None) -> Server:
        port = self._first + index if self._first else 0
        return Server(port + _TLS_OFFSET if port and context else port, None, context)

    def serve(self, index: int, portal: WsgiApp | None, oauth: WsgiApp | None) -> None:
        app = _dispatch_by_host(portal, oauth)
        self.plain[index].app = app
        self.plain[index].start()
        for server in self.secure[index : index + 1]:
            server.app = mark_https(app)
            server.start()

    def close_one(self, index: int) -> None:
        """Close the ports of one portal; they refuse connections from then on."""
        for server in (self.plain[index], *self.secure[index : index + 1]):
            server.close()

    def close(self) -> None:
        for server in (*self.plain, *self.secure):
            server.close()
        self.plain, self.secure = [], []
        if self.authority is not None:
            self.authority.close()
            self.authority = None


def _dispatch_by_host(portal: WsgiApp | None, oauth: WsgiApp | None) -> WsgiApp:
    """Serve two sites: the portal as `localhost`, the OAuth server as `127.0.0.1`."""
    other = oauth or Response("Only a portal is here: use localhost instead of 127.0.0.1.", 421)
    named = portal or Response("Only an OAuth server is here: use 127.0.0.1.", 421)

    def dispatch(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        host = str(environ.get("HTTP_HOST", "")).partition(":")[0]
        return (other if host == "127.0.0.1" else named)(environ, start_response)

    return dispatch
