"""The command: a sandbox in the foreground, with the developer's application as its child."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from sandbox.core.storage import DataFileError
from sandbox.net.server import PortUnavailable
from sandbox.sandbox import Sandbox

_POLL = 0.05
_PATIENCE = 60.0
_GRACE = 8.0
_HERE = ("127.0.0.1", "localhost")
_ANOTHER = "stop what listens there, or choose another with {} (make run {})"


def main(arguments: list[str]) -> int:
    options, command = _parsed(arguments)
    at = urlsplit(options.app_url)
    if at.hostname in _HERE and at.port in range(options.port, options.port + options.portals):
        return _fail(f"{options.app_url} is where a portal listens; change --app-url or --port")
    if command and _accepts(options.app_url):
        return _fail(f"{options.app_url} is in use; {_ANOTHER.format('--app-url', 'PORT=…')}")
    with _stopping() as stop:
        try:
            sandbox = _started(options)
        except PortUnavailable as problem:
            return _fail(f"{problem}; {_ANOTHER.format('--port', 'SANDBOX_PORT=…')}")
        except DataFileError as problem:
            return _fail(str(problem))
        with contextlib.closing(sandbox):
            return _serve(sandbox, options.app_url, command, stop)


def _started(options: argparse.Namespace) -> Sandbox:
    return Sandbox(
        app_url=options.app_url,
        port=options.port,
        portals=options.portals,
        install_path=options.install_path or None,
        client_id=options.client_id,
        client_secret=options.client_secret,
        scope=options.scope,
        title=options.title,
        data=options.data,
        records=options.records,
        limits=not options.no_limits,
        latency=options.latency,
        tls=options.tls,
    ).start()


def _parsed(arguments: list[str]) -> tuple[argparse.Namespace, list[str]]:
    command: list[str] = []
    if "--" in arguments:
        at = arguments.index("--")
        arguments, command = arguments[:at], arguments[at + 1 :]
    parser = argparse.ArgumentParser("python -m sandbox", description=__doc__)
    add = parser.add_argument
    add("--port", type=int, default=8024, help="first portal and OAuth server (8024)")
    add("--portals", type=int, default=1, help="number of portals, each on its own port")
    add(
        "--app-url",
        type=_address,
        default="http://127.0.0.1:5000",
        help="where the application listens",
    )
    add("--install-path", default="/install", help="its installer; empty for none")
    add("--client-id", help="the application's keys; generated and kept when not given")
    add("--client-secret")
    add("--scope", default="booking,crm,placement")
    add("--title", default="Waitlist Clients", help="the application's name in the menu")
    add("--data", default="instance/sandbox.json", help="file that keeps everything")
    add("--records", type=int, default=137, help="waiting-list records of a fresh portal")
    add("--latency", type=float, default=0.0, help="seconds added to each REST request")
    add("--no-limits", action="store_true", help="no rate limit")
    add("--tls", action="store_true", help="https as well, each port + 100, own authority")
    return parser.parse_args(arguments), command


def _address(given: str) -> str:
    with contextlib.suppress(ValueError):
        parts = urlsplit(given)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return given
    raise argparse.ArgumentTypeError(f"{given!r} is no address like http://127.0.0.1:5000")


def _fail(text: str) -> int:
    print(f"sandbox: {text}", file=sys.stderr)
    return 1


@contextlib.contextmanager
def _stopping() -> Iterator[threading.Event]:
    """SIGINT and SIGTERM set an event instead of tearing through the code."""
    stop = threading.Event()
    earlier = {
        number: signal.signal(number, lambda *_: stop.set())
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield stop
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)


def _serve(sandbox: Sandbox, app_url: str, command: list[str], stop: threading.Event) -> int:
    if not command:
        _announce(sandbox)
        while not stop.wait(_POLL):
            pass
        return 0
    try:
        # A session of its own, so that Ctrl-C reaches it once: from here.
        child = subprocess.Popen(  # noqa: S603 - the developer's own command
            command, env={**os.environ, **sandbox.environment()}, start_new_session=True
        )
    except OSError as problem:
        return _fail(f"cannot run {command[0]}: {problem.strerror}")
    try:
        if not _wait_for_app(child, app_url, stop):
            return _ended(child, stop, app_url)
        _announce(sandbox)
        while child.poll() is None and not stop.wait(_POLL):
            pass
        return _ended(child, stop, app_url)
    finally:
        _end(child)


def _announce(sandbox: Sandbox) -> None:
    print(f"Open {sandbox.url}", flush=True)
    if sandbox.tls_oauth_url:
        print(f"https: {sandbox.portals[0].tls_url}/ (trust {sandbox.ca_file})", flush=True)


def _wait_for_app(child: subprocess.Popen[bytes], app_url: str, stop: threading.Event) -> bool:
    patience = time.monotonic() + _PATIENCE
    while child.poll() is None and time.monotonic() < patience:
        if _accepts(app_url):
            return True
        if stop.wait(_POLL):
            return False
    return False


def _ended(child: subprocess.Popen[bytes], stop: threading.Event, app_url: str) -> int:
    if stop.is_set():
        return 0
    code = child.poll()
    if code is None:
        return _fail(f"the application does not accept connections on {app_url}")
    print(f"sandbox: the application ended with code {code}", file=sys.stderr)
    return code if code >= 0 else 128 - code


def _end(child: subprocess.Popen[bytes]) -> None:
    """Ask the child and whatever it started to stop, then insist."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(_GRACE)
            return


def _accepts(app_url: str) -> bool:
    parts = urlsplit(app_url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False
