"""The ports of one sandbox: one for each portal, and its https twin where that is wished for."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from sandbox.net.server import Server
from sandbox.net.tls import WsgiApp, over_tls

if TYPE_CHECKING:
    from sandbox.net.certificates import Authority

# Where https listens when the port of a portal is a chosen one.
_TLS_PORTS = 100


class Ports:
    """Reserved by `open`, so that addresses are known; each answers from `serve` on."""

    def __init__(self, first: int, count: int, tls: bool) -> None:
        self.plain: list[Server] = []
        self.secure: list[Server] = []
        self.authority: Authority | None = None
        self._first = first
        self._count = count
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
        return Server(port + _TLS_PORTS if port and context else port, None, context)

    def serve(self, index: int, portal: WsgiApp, oauth: WsgiApp | None) -> None:
        app = _by_host(portal, oauth)
        self.plain[index].app = app
        self.plain[index].start()
        for twin in self.secure[index : index + 1]:
            twin.app = over_tls(app)
            twin.start()

    def close(self) -> None:
        for server in (*self.plain, *self.secure):
            server.close()
        self.plain, self.secure = [], []
        if self.authority is not None:
            self.authority.close()
            self.authority = None


def _by_host(portal: WsgiApp, oauth: WsgiApp | None) -> WsgiApp:
    """`127.0.0.1` is the OAuth server, `localhost` the portal: two sites on one port."""
    other = oauth or Response("This port serves a portal only; use localhost.", 421)

    def dispatch(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        host = str(environ.get("HTTP_HOST", "")).partition(":")[0]
        return (other if host == "127.0.0.1" else portal)(environ, start_response)

    return dispatch
