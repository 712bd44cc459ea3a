"""The command line: runs a sandbox and your application as its child process."""

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
from sandbox.sandbox import Sandbox, SandboxOptions

_POLL_SECONDS = 0.05
_STARTUP_SECONDS = 60.0
_SHUTDOWN_SECONDS = 8.0
_LOOPBACK = ("127.0.0.1", "localhost")
_FREE_IT = "stop what listens there, or choose another with {} (make run {})"


def main(arguments: list[str]) -> int:
    """Run the command and return its exit code."""
    options, command = _parse_arguments(arguments)
    app = urlsplit(options.app_url)
    last = options.port + options.portals + options.oauth_servers - 1
    if app.hostname in _LOOPBACK and app.port in range(options.port, last):
        return _fail(f"{options.app_url} is the address of a portal; change --app-url or --port")
    if command and _accepts_connections(options.app_url):
        return _fail(f"{options.app_url} is in use; {_FREE_IT.format('--app-url', 'PORT=…')}")
    with _stop_on_signals() as stop:
        try:
            sandbox = Sandbox(options).start()
        except PortUnavailable as problem:
            return _fail(f"{problem}; {_FREE_IT.format('--port', 'SANDBOX_PORT=…')}")
        except DataFileError as problem:
            return _fail(str(problem))
        with contextlib.closing(sandbox):
            return _serve(sandbox, command, stop)


def _parse_arguments(arguments: list[str]) -> tuple[SandboxOptions, list[str]]:
    """Return the options and the application's command, which follows `--`."""
    command: list[str] = []
    if "--" in arguments:
        at = arguments.index("--")
        arguments, command = arguments[:at], arguments[at + 1 :]
    defaults = SandboxOptions(data="instance/sandbox.json", limits=True)
    parser = argparse.ArgumentParser(
        "python -m sandbox",
        usage="%(prog)s [options] [-- COMMAND ...]",
        description="Run a simulated Bitrix24 portal, and your application as its child process.",
    )
    parser.set_defaults(**vars(defaults))
    add = parser.add_argument
    add("--port", type=int, help="port of the first portal and of the OAuth server (%(default)s)")
    add("--portals", type=int, help="number of portals, each on its own port (%(default)s)")
    add("--oauth-servers", type=int, choices=(1, 2), help="1, or 2 as the vendor has (%(default)s)")
    add("--app-url", type=_parse_address, help="address of your application (%(default)s)")
    add("--install-path", help="path of its installer (%(default)s); empty if it has none")
    add("--client-id", help="client id of the application; generated if not given")
    add("--client-secret", help="client secret of the application; generated if not given")
    add("--scope", help="scopes of the application (%(default)s)")
    add("--title", help="name of the application in the portal's menu (%(default)s)")
    add("--data", help="file that keeps the data (%(default)s); delete it to start afresh")
    add(
        "--records", type=int, help="number of waiting-list records in a fresh portal (%(default)s)"
    )
    add("--latency", type=float, help="seconds added to each REST request (%(default)s)")
    add("--no-limits", dest="limits", action="store_false", help="switch the rate limit off")
    add("--tls", action="store_true", help="serve https too, on each port + 100")
    return SandboxOptions(**vars(parser.parse_args(arguments))), command


def _parse_address(text: str) -> str:
    with contextlib.suppress(ValueError):
        parts = urlsplit(text)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return text
    raise argparse.ArgumentTypeError(f"{text!r} is not an address like http://127.0.0.1:5000")


def _fail(text: str) -> int:
    print(f"sandbox: {text}", file=sys.stderr)
    return 1


@contextlib.contextmanager
def _stop_on_signals() -> Iterator[threading.Event]:
    """Let SIGINT and SIGTERM set an event instead of raising an exception anywhere."""
    stop = threading.Event()
    previous = {
        number: signal.signal(number, lambda *_: stop.set())
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield stop
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _serve(sandbox: Sandbox, command: list[str], stop: threading.Event) -> int:
    app_url = sandbox.options.app_url
    if not command:
        _announce(sandbox)
        while not stop.wait(_POLL_SECONDS):
            pass
        return 0
    try:
        # In its own process group, so that Ctrl-C reaches it only once: from `_stop_child`.
        child = subprocess.Popen(  # noqa: S603 - the developer's own command
            command, env={**os.environ, **sandbox.environment()}, start_new_session=True
        )
    except OSError as problem:
        return _fail(f"cannot run {command[0]}: {problem.strerror}")
    try:
        if not _wait_for_app(child, app_url, stop):
            return _exit_code(child, stop, app_url)
        _announce(sandbox)
        while child.poll() is None and not stop.wait(_POLL_SECONDS):
            pass
        return _exit_code(child, stop, app_url)
    finally:
        _stop_child(child)


def _announce(sandbox: Sandbox) -> None:
    print(f"Open {sandbox.url}", flush=True)
    if sandbox.tls_oauth_url:
        print(f"https: {sandbox.portals[0].tls_url}/ (trust {sandbox.ca_file})", flush=True)


def _wait_for_app(child: subprocess.Popen[bytes], app_url: str, stop: threading.Event) -> bool:
    deadline = time.monotonic() + _STARTUP_SECONDS
    while child.poll() is None and time.monotonic() < deadline:
        if _accepts_connections(app_url):
            return True
        if stop.wait(_POLL_SECONDS):
            return False
    return False


def _exit_code(child: subprocess.Popen[bytes], stop: threading.Event, app_url: str) -> int:
    if stop.is_set():
        return 0
    code = child.poll()
    if code is None:
        return _fail(f"the application does not accept connections at {app_url}")
    print(f"sandbox: the application exited with code {code}", file=sys.stderr)
    return code if code >= 0 else 128 - code


def _stop_child(child: subprocess.Popen[bytes]) -> None:
    """Ask the child and its own children to stop; kill them if they do not."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(_SHUTDOWN_SECONDS)
            return


def _accepts_connections(app_url: str) -> bool:
    parts = urlsplit(app_url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False
