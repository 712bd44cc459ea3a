"""Looks up the addresses of host names within a time limit.

The system's lookup knows no time limit of its own: with a name server that does not answer it takes
half a minute. So it runs in another thread. Who asks for the same host meanwhile waits for the same
lookup, and a host has one thread at most.
"""

import ipaddress
import socket
from concurrent.futures import Future
from threading import Lock, Thread

_lock = Lock()
_running: dict[tuple[str, int], Future[list[str]]] = {}


def addresses_of(host: str, port: int, seconds: float | None) -> list[str]:
    """Return a host's IP addresses. Raises TimeoutError after `seconds`, or gaierror."""
    if _is_address(host):
        return [host]
    with _lock:
        lookup = _running.get((host, port))
        if lookup is None:
            lookup = _running[host, port] = Future()
            # A daemon, because the process does not wait for it when it ends.
            Thread(target=_look_up, args=[host, port, lookup], daemon=True).start()
    return lookup.result(seconds)


def _look_up(host: str, port: int, lookup: Future[list[str]]) -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        lookup.set_result(list(dict.fromkeys(str(one[4][0]) for one in found)))
    except (OSError, UnicodeError) as error:
        lookup.set_exception(socket.gaierror(str(error)))
    finally:
        with _lock:
            del _running[host, port]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
