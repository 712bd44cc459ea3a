"""Chooses ports for servers of other processes."""

import errno
import random
from socket import create_server

BELOW_AUTOMATIC_PORTS = range(10_000, 20_000)
"""Between its choice and the start of the server, no other program gets such a port by chance."""


def free_port() -> int:
    """Return a port of this machine that nothing listens on."""
    while True:
        port = random.choice(BELOW_AUTOMATIC_PORTS)  # noqa: S311 - no secret
        try:
            create_server(("127.0.0.1", port)).close()
        except OSError as problem:
            if problem.errno != errno.EADDRINUSE:
                raise
        else:
            return port
