"""The data file: all state as JSON, written atomically soon after a change."""

import os
import threading
from pathlib import Path
from threading import RLock

import msgspec

from sandbox.core.model import SandboxState

_QUIET_SECONDS = 0.5


class DataFileError(Exception):
    """The data file exists but cannot be read."""


def load_state(path: Path) -> SandboxState | None:
    """Read the data file; returns None when there is none."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=SandboxState)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as problem:
        raise DataFileError(
            f"cannot read {path}: {problem}. Delete it to start afresh."
        ) from problem


def save_state(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    # The file holds tokens and the client secret: only its owner may read it.
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)


class Saver:
    """Writes the data file after changes, at most every half second, and at the end."""

    def __init__(self, path: Path, state: SandboxState, lock: RLock) -> None:
        self._path = path
        self._state = state
        self._lock = lock
        self._dirty = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="saver", daemon=True)
        self._thread.start()

    def mark_changed(self) -> None:
        self._dirty.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._dirty.wait()
            self._stop.wait(_QUIET_SECONDS)
            if self._dirty.is_set() and not self._stop.is_set():
                self._write()

    def _write(self) -> None:
        self._dirty.clear()
        with self._lock:
            content = msgspec.json.encode(self._state)
        # Outside the lock: the disk is slow, and calls can continue meanwhile.
        save_state(self._path, content)

    def close(self) -> None:
        self._stop.set()
        self._dirty.set()
        self._thread.join()
        self._write()
