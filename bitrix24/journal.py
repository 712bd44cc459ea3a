"""The journal: a line for every request to a portal or an authorization server, and its answer.

For support and for the operator, never for a page. It holds ids, codes, counts and times; what a
person typed and what lets somebody in never gets here, see `bitrix24/redaction.py`.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from bitrix24.batch import BatchAnswer, read_answer
from bitrix24.errors import PortalError
from bitrix24.exchange import Exchange
from bitrix24.redaction import redact, redact_code, redact_method, summarise

SUFFIX = ".jsonl"
log = logging.getLogger("journal")

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Which request of a browser or a portal the exchanges belong to."""


class Journal:
    """One file a day in `folder`, in JSON lines. Safe for threads and processes: each line is one
    write to a file opened for appending, which the system never mixes with another."""

    def __init__(self, folder: Path, retention_days: int) -> None:
        self._folder = folder
        self._retention_days = retention_days
        self._pruned: date | None = None

    def write(self, exchange: Exchange, member_id: str = "", user_id: int = 0) -> None:
        """Adds one exchange. `member_id` and `user_id` are for those that do not name them. A
        full disk is logged and stops nobody's work."""
        now = datetime.now(UTC)
        entry = {
            "time": now.isoformat(timespec="milliseconds"),
            "member_id": exchange.member_id or member_id,
            "user_id": exchange.user_id or user_id,
            "request_id": request_id.get(),
            **_described(exchange),
        }
        line = json.dumps(entry, separators=(",", ":")) + "\n"
        try:
            if self._pruned != now.date():
                self._prune(now.date())
            self._append(now.date(), line.encode())
        except OSError as error:
            log.error("the journal cannot be written: %s", error.strerror)

    def export(self, member_id: str) -> Iterator[str]:
        """All lines of one portal, oldest first."""
        for path in self._files():
            with path.open(encoding="utf-8") as lines:
                for line in lines:
                    if json.loads(line)["member_id"] == member_id:
                        yield line

    def _append(self, day: date, line: bytes) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        file = os.open(self._folder / f"{day}{SUFFIX}", flags, 0o600)
        try:
            os.write(file, line)
        finally:
            os.close(file)

    def _prune(self, today: date) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        oldest = f"{today - timedelta(days=self._retention_days - 1)}{SUFFIX}"
        for path in self._files():
            if path.name < oldest:
                path.unlink(missing_ok=True)
        self._pruned = today

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob(f"????-??-??{SUFFIX}"))


def _described(exchange: Exchange) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "method": redact_method(exchange.method),
        "status": exchange.status,
        "error": _code(exchange.error),
        "kind": exchange.outcome,
        "ms": round(exchange.duration * 1000),
    }
    if exchange.commands:
        entry["calls"] = _calls(exchange)
    else:
        entry["params"] = redact(exchange.params)
        entry["answer"] = summarise(exchange.result)
    return entry


def _calls(exchange: Exchange) -> list[dict[str, Any]]:
    commands = exchange.commands
    unknown = BatchAnswer({}, {})
    answer = unknown if exchange.error else read_answer(commands, exchange.result)
    return [
        {
            "method": redact_method(command.method),
            "params": redact(command.params),
            "error": _code(answer.errors.get(key)),
            "answer": summarise(answer.results.get(key)),
        }
        for key, command in commands.items()
    ]


def _code(error: PortalError | None) -> str | None:
    return redact_code(error.code) if error else None
