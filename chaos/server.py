"""A real server of the app, and what happens to it while users save."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

import requests

WORKERS = 3
GUNICORN = "import {}; from gunicorn.app.wsgiapp import run; run()"
"""Imports the app before workers are forked, so that the next one starts at once."""
PATIENCE = 60
"""Seconds: on a busy machine a start takes long."""
FULL = Path("/dev/full")
"""Takes no byte, as a full disk."""


@dataclass
class Server:
    """gunicorn with some workers. `logs` is where the app writes its logs."""

    app: str
    address: str
    environment: Mapping[str, str]
    logs: Path
    random: Random
    master: subprocess.Popen[bytes] | None = None

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run the server during a `with` block. All that it is to keep is stored before its end."""
        self.start()
        try:
            yield
        finally:
            self.kill()

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        gunicorn = GUNICORN.format(self.app.partition(":")[0])
        command = [sys.executable, "-c", gunicorn, "--bind", self.address.partition("//")[2]]
        command += ["--workers", str(WORKERS), "--threads", "12", "--log-level", "critical"]
        environment = {**os.environ, **self.environment}
        self.master = subprocess.Popen([*command, self.app], env=environment)  # noqa: S603
        wait_for(self._answers)

    def kill_worker(self) -> None:
        """Kill a worker with SIGKILL. The master starts another one."""
        if workers := self._workers():
            _kill(self.random.choice(workers))

    def kill_master(self) -> None:
        """Kill the master with SIGKILL, and start again once its workers have ended."""
        workers = self._workers()
        self._end_master()
        wait_for(lambda: not any(map(_lives, workers)))
        self.start()

    def kill(self) -> None:
        """Kill the master and its workers. To end by themselves takes them as long as a start."""
        workers = self._workers()
        self._end_master()
        for worker in workers:
            with suppress(ProcessLookupError):
                _kill(worker)

    def _end_master(self) -> None:
        if self.master:
            self.master.kill()
            self.master.wait()

    def fill_disk(self) -> None:
        """Let each line of a log fail as on a full disk."""
        self.mend()
        for path in self.logs.glob("*.jsonl"):
            path.unlink()
            path.symlink_to(FULL)

    def lock_logs(self) -> None:
        """Put a file in the place of the folder of the logs."""
        self.mend()
        self.logs.rename(self._aside)
        self.logs.touch()

    def mend(self) -> None:
        """Let logs be written again."""
        if self._aside.exists():
            self.logs.unlink()
            try:
                self._aside.rename(self.logs)
            except OSError:  # The app has made a new folder and written to it.
                shutil.rmtree(self._aside)
        for path in self.logs.glob("*.jsonl"):
            if path.is_symlink():
                path.unlink()

    @property
    def _aside(self) -> Path:
        return self.logs.with_name("logs-aside")

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.address}/healthz", timeout=5).ok
        except requests.RequestException:
            return False

    def _workers(self) -> list[int]:
        if self.master is None:
            return []
        children = Path(f"/proc/{self.master.pid}/task/{self.master.pid}/children")
        return list(map(int, children.read_text().split()))


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds. Raises TimeoutError after PATIENCE."""
    until = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError
        time.sleep(0.05)


def _kill(number: int) -> None:
    os.kill(number, signal.SIGKILL)


def _lives(number: int) -> bool:
    return Path(f"/proc/{number}").exists()
