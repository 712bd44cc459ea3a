"""Keeps connections open for the next call. One that was idle for long is not trusted.

A NAT or a firewall forgets an idle connection without a word, some after little more than a minute.
What is sent on it then is lost, and only the timeout tells. So a connection that was idle for a
minute is not used again. TCP keep-alive finds dead peers earlier, and a call that only reads is
sent once more (transport.py).

This overrides `is_connected`, `connect`, `request` and `getresponse` of urllib3's connections, and
closes sockets inside its pools, which are no public interface: urllib3 is pinned, and
tests/unit/bitrix24/test_pooling.py fails when an upgrade goes around it.
"""

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.util.ssl_ import create_urllib3_context

IDLE_SECONDS = 60.0
SWEEP_SECONDS = 15.0
POOL_HOSTS = 1024
"""One process may serve a thousand portals. Of them, only those called in the last minute have open
connections, so the number of hosts costs little. With fewer, each call would need a new one."""
POOL_SIZE = 4
"""For each host: as many as one page uses at a time (PARALLEL_REQUESTS in client.py)."""
MOST_IDLE = 1024
"""Connections of one process that wait for a call. Beyond that, the longest idle are closed."""
KEEP_ALIVE = [
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    *(
        (socket.IPPROTO_TCP, getattr(socket, name), value)
        for name, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3))
        if hasattr(socket, name)
    ),
]
"""The first probe after 30 seconds. Not every system lets these times be set."""


class StaleConnection(ConnectionResetError):
    """The other side had closed a connection that was kept open for the next call."""


class KeptConnection(HTTPConnection):
    """A connection that knows how long it has been idle."""

    used_at = 0.0
    _has_answered = False

    @property
    def is_connected(self) -> bool:
        return super().is_connected and time.monotonic() - self.used_at < IDLE_SECONDS

    def connect(self) -> None:
        self._has_answered = False
        super().connect()

    def request(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().request(*args, **kwargs)
        except BrokenPipeError:
            # urllib3 still reads the answer, as some servers send it before the request's end.
            raise
        except ConnectionError as error:
            raise self._as_stale(error) from None

    def getresponse(self) -> Any:
        try:
            response = super().getresponse()
        except ConnectionError as error:
            raise self._as_stale(error) from None
        self.used_at, self._has_answered = time.monotonic(), True
        return response

    def _as_stale(self, error: ConnectionError) -> ConnectionError:
        return StaleConnection("stale") if self._has_answered else error


class PoolingAdapter(HTTPAdapter):
    """Has room for many hosts, and closes what has been idle for long."""

    def __init__(self, ca_bundle: Path | None = None) -> None:
        """`ca_bundle` is a file of certificate authorities that are trusted as well."""
        self._ca_bundle = ca_bundle
        self._swept_at = time.monotonic()
        super().__init__(pool_connections=POOL_HOSTS, pool_maxsize=POOL_SIZE)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        options = HTTPConnection.default_socket_options + KEEP_ALIVE
        if self._ca_bundle:
            # requests adds its own authorities to this context.
            kwargs["ssl_context"] = create_urllib3_context()
            kwargs["ssl_context"].load_verify_locations(self._ca_bundle)
        super().init_poolmanager(*args, socket_options=options, **kwargs)

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:
        now = time.monotonic()
        if now - self._swept_at >= SWEEP_SECONDS:
            self._swept_at = now
            self.close_pooled()
            self._close_longest_idle()
        return super().send(*args, **kwargs)

    def close_pooled(self, host: str = "") -> None:
        """Close the kept connections to a host.

        Without a host, close those that will not be used again.
        """
        for kept in self._pooled(host):
            if host or not kept.is_connected:
                kept.close()

    def _close_longest_idle(self) -> None:
        used_at = sorted(kept.used_at for kept in self._pooled() if kept.sock)
        if len(used_at) > MOST_IDLE:
            oldest = used_at[-MOST_IDLE]
            for kept in self._pooled():
                if kept.used_at < oldest:
                    kept.close()

    def _pooled(self, host: str = "") -> Iterator[KeptConnection]:
        """Yield the kept connections, each while no thread can take it.

        A closed connection may stay in its pool: it connects again when it is used.
        """
        pools = self.poolmanager.pools
        for key in pools.keys():  # noqa: SIM118 - only `keys` holds the lock
            pool = pools.get(key)
            queue = pool.pool if pool else None
            if pool is None or queue is None or host not in {"", pool.host}:
                continue
            with queue.mutex:
                yield from (kept for kept in queue.queue if kept is not None)


def is_stale(error: requests.ConnectionError) -> bool:
    """Tell whether a request failed because its connection had been closed meanwhile."""
    reason = error.args[0] if error.args else None
    return any(isinstance(cause, StaleConnection) for cause in getattr(reason, "args", ()))
