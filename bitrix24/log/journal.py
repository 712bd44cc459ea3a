"""The journal: a line for every request to a portal or an authorization server, and its answer.

It is for support and for the operator, and no page shows it. It holds ids, codes, counts and times,
but no typed text and no secret (bitrix24/log/redaction.py).
"""

import json
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from bitrix24.batch import split_answer
from bitrix24.errors import PortalError
from bitrix24.exchange import Exchange
from bitrix24.log.daily_log import DailyLog
from bitrix24.log.redaction import redact, redact_code, redact_method, summarize

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The request of a browser or a portal that the exchanges belong to."""


class Journal:
    """Writes the journal in files under `folder`, one a day."""

    def __init__(self, folder: Path, retention_days: int) -> None:
        self._files = DailyLog(folder, "rest", retention_days)

    def write(self, exchange: Exchange, member_id: str = "", user_id: int = 0) -> None:
        """Add one exchange. `member_id` and `user_id` are for exchanges without their own."""
        self._files.write(
            {
                "member_id": exchange.member_id or member_id,
                "user_id": exchange.user_id or user_id,
                "request_id": request_id.get(),
                **_entry(exchange),
            }
        )

    def prune(self) -> None:
        """Delete the files that are too old. Raises OSError."""
        self._files.prune()

    def export(self, member_id: str) -> Iterator[str]:
        """Read all lines of one portal, oldest first."""
        return (line for line in self._files.lines() if _is_of(member_id, line))


def _is_of(member_id: str, line: str) -> bool:
    """Tell whether a line is of this portal. A line that a full disk has cut off is of none."""
    try:
        entry = json.loads(line)
    except ValueError:
        return False
    return isinstance(entry, dict) and entry.get("member_id") == member_id


def _entry(exchange: Exchange) -> dict[str, Any]:
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
        entry["answer"] = summarize(exchange.result)
    return entry


def _calls(exchange: Exchange) -> list[dict[str, Any]]:
    count = len(exchange.commands)
    halt = bool(exchange.params.get("halt"))
    outcomes = [None] * count if exchange.error else split_answer(count, exchange.result, halt=halt)
    calls = []
    for command, outcome in zip(exchange.commands, outcomes, strict=True):
        error = outcome if isinstance(outcome, PortalError) else None
        calls.append(
            {
                "method": redact_method(command.method),
                "params": redact(command.params),
                "error": _code(error),
                "answer": summarize(None if error else outcome),
            }
        )
    return calls


def _code(error: PortalError | None) -> str | None:
    return redact_code(error.code) if error else None
