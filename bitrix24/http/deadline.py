"""Connections that wait for head and body no longer than their timeout.

A socket's own timeout starts anew with every byte, so a server that sends one byte now and then
could hold a thread for ever.

This sets `response_class` of urllib3's connections and replaces the stream inside the standard
library's HTTPResponse. Neither is a public interface: urllib3 is pinned, and
tests/unit/bitrix24/test_transport.py fails when an upgrade goes around the deadline.
"""

import io
import socket
import time
from contextlib import suppress
from functools import partial
from http.client import HTTPResponse
from typing import Any

import requests
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.timeout import Timeout

from bitrix24.http.dns import addresses_of
from bitrix24.http.pooling import KeptConnection, PoolingAdapter
from bitrix24.isolation.browser_request import seconds_left

SHORTEST = 0.001
"""Seconds; a timeout of 0 is an error."""


class _DeadlineStream(io.RawIOBase):
    """Reads from a socket, each time with the rest of the time as its timeout."""

    def __init__(self, opened: socket.socket, stream: io.RawIOBase, deadline: float) -> None:
        self._socket = opened
        self._stream = stream
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._socket.settimeout(left)
        return self._stream.readinto(buffer)

    def close(self) -> None:
        self._stream.close()
        super().close()


class _Response(HTTPResponse):
    def __init__(self, opened: socket.socket, *args: Any, deadline: float, **kwargs: Any) -> None:
        super().__init__(opened, *args, **kwargs)
        self.fp: io.BufferedReader
        self.fp = io.BufferedReader(_DeadlineStream(opened, self.fp.detach(), deadline))


class DeadlineConnection(KeptConnection):
    def _new_conn(self) -> socket.socket:
        """Connect to one of the host's addresses. They and their lookup share the timeout."""
        host, whole = self._dns_host, self.timeout
        timeout, addresses = self._look_up()
        try:
            while timeout and len(addresses) > 1:
                self._dns_host, began = addresses[0], time.monotonic()
                self.timeout = timeout / len(addresses)
                with suppress(ConnectTimeoutError, NewConnectionError):
                    return super()._new_conn()
                timeout = max(timeout - (time.monotonic() - began), SHORTEST)
                addresses = addresses[1:]
            self._dns_host, self.timeout = addresses[0], timeout
            return super()._new_conn()
        finally:
            self._dns_host, self.timeout = host, whole

    def _look_up(self) -> tuple[float | None, list[str]]:
        """Return the time that is left for connecting, and the host's addresses."""
        began = time.monotonic()
        try:
            addresses = addresses_of(self._dns_host, self.port, self.timeout)
        except TimeoutError:
            raise ConnectTimeoutError(self, "the lookup of the name timed out") from None
        except socket.gaierror as error:
            raise NameResolutionError(self._dns_host, self, error) from None
        if self.timeout is None:
            return None, addresses
        return max(self.timeout - (time.monotonic() - began), SHORTEST), addresses

    def getresponse(self) -> Any:
        if self.timeout is not None:
            deadline = time.monotonic() + self.timeout
            # http.client only calls it, so a partial will do.
            self.response_class = partial(_Response, deadline=deadline)  # type: ignore[assignment]
        return super().getresponse()


class DeadlineTlsConnection(DeadlineConnection, HTTPSConnection):
    """The same over TLS."""


def pools_of(
    plain: type[DeadlineConnection], tls: type[DeadlineTlsConnection]
) -> dict[str, type[HTTPConnectionPool]]:
    """Return pools of such connections, by scheme."""
    return {
        "http": type("Pool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
        "https": type("TlsPool", (HTTPSConnectionPool,), {"ConnectionCls": tls}),
    }


class DeadlineAdapter(PoolingAdapter):
    """Applies the timeout of a request to all of it, from connecting to the last byte.

    The timeout is shortened to what is left of the browser's request.
    """

    pools = pools_of(DeadlineConnection, DeadlineTlsConnection)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self.pools

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:
        seconds = max(seconds_left(kwargs["timeout"]), SHORTEST)
        return super().send(*args, **{**kwargs, "timeout": Timeout(total=seconds)})
