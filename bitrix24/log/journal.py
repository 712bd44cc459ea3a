"""The journal: a line for every request to a portal or an authorization server, and its answer.

For support and for the operator, never for a page. It holds ids, codes, counts and times; what a
person typed and what lets somebody in never gets here, see `bitrix24/log/redaction.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from bitrix24.batch import split_answer
from bitrix24.errors import PortalError
from bitrix24.exchange import Exchange
from bitrix24.log.daily_log import DailyLog
from bitrix24.log.redaction import redact, redact_code, redact_method, summarise

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Which request of a browser or a portal the exchanges belong to."""


class Journal:
    """Kept in day files under `folder`."""

    def __init__(self, folder: Path, retention_days: int) -> None:
        self._files = DailyLog(folder, "rest", retention_days)

    def write(self, exchange: Exchange, member_id: str = "", user_id: int = 0) -> None:
        """Adds one exchange. `member_id` and `user_id` are for those that do not name them."""
        self._files.write(
            {
                "member_id": exchange.member_id or member_id,
                "user_id": exchange.user_id or user_id,
                "request_id": request_id.get(),
                **_described(exchange),
            }
        )

    def export(self, member_id: str) -> Iterator[str]:
        """All lines of one portal, oldest first."""
        return (line for line in self._files.lines() if _is_of(member_id, line))


def _is_of(member_id: str, line: str) -> bool:
    """Whether a line is whole and of this portal. A full disk or a power cut leaves a part."""
    try:
        entry = json.loads(line)
    except ValueError:
        return False
    return isinstance(entry, dict) and entry.get("member_id") == member_id


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
    results, errors = ({}, {}) if exchange.error else split_answer(commands, exchange.result)
    return [
        {
            "method": redact_method(command.method),
            "params": redact(command.params),
            "error": _code(errors.get(key)),
            "answer": summarise(results.get(key)),
        }
        for key, command in commands.items()
    ]


def _code(error: PortalError | None) -> str | None:
    return redact_code(error.code) if error else None
