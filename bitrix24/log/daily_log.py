"""A log of JSON lines, a file a day. Each line is one append, so many may write at once."""

import json
import logging
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

from cachetools import LRUCache

MOST_BYTES = 512 * 1024 * 1024
"""The size at which a file of one day is full. Accepted acts are written even then: a flood of
refusals must not hide them."""

MOST_OF_PORTAL = MOST_BYTES // 4
"""The part of it that one portal may fill in each worker, so that others are journaled, too."""
PORTALS = 10_000
"""Portals whose part is counted."""

log = logging.getLogger(__name__)


class DailyLog:
    """Writes files such as `security-2026-11-22.jsonl`. Only the owner can read them."""

    def __init__(self, folder: Path, name: str, retention_days: int) -> None:
        self._folder = folder
        self._name = name
        self._retention_days = retention_days
        self._pruned: date | None = None
        self._lock = Lock()
        self._day: date | None = None
        self._written: LRUCache[str, int] = LRUCache(PORTALS)
        self._is_full = False

    def write(self, entry: Mapping[str, Any]) -> None:
        """Add a line with the time and the entry. When the disk is full, only log that."""
        now = datetime.now(UTC)
        line = {"time": now.isoformat(timespec="milliseconds"), **entry}
        text = json.dumps(line, separators=(",", ":")) + "\n"
        try:
            if self._pruned != now.date():
                self.prune()
            if "accepted" in entry or self._has_room(now.date(), entry, len(text)):
                self._append(now.date(), text.encode())
        except OSError as error:
            log.error("the %s log cannot be written: %s", self._name, error.strerror)

    def lines(self) -> Iterator[str]:
        """Read every line that is kept, oldest first."""
        for path in self._files():
            with path.open(encoding="utf-8") as lines:
                yield from lines

    def prune(self) -> None:
        """Delete the files that are too old. Raises OSError."""
        today = datetime.now(UTC).date()
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        oldest = self._path(today - timedelta(days=self._retention_days - 1))
        for path in self._files():
            if path.name < oldest.name:
                path.unlink(missing_ok=True)
        self._pruned = today

    def _has_room(self, day: date, entry: Mapping[str, Any], size: int) -> bool:
        """Tell whether the file of this day takes another line of the entry's portal."""
        portal, path = str(entry.get("member_id", "")), self._path(day)
        with self._lock:
            if self._day != day:
                self._day, self._is_full = day, False
                self._written.clear()
            written = self._written.get(portal, 0) + size
            full = path.exists() and path.stat().st_size >= MOST_BYTES
            if full and not self._is_full:
                log.error("the %s log of today is full", self._name)
            self._is_full = full
            if full or (portal and written > MOST_OF_PORTAL):
                return False
            self._written[portal] = written
        return True

    def _append(self, day: date, line: bytes) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        file = os.open(self._path(day), flags, 0o600)
        try:
            os.write(file, line)
        finally:
            os.close(file)

    def _path(self, day: date) -> Path:
        return self._folder / f"{self._name}-{day}.jsonl"

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob(f"{self._name}-????-??-??.jsonl"))
