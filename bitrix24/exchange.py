"""One HTTP request to a portal or an authorization server and what came of it, for whoever keeps
records: a journal, a metric."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from bitrix24.batch import Command
from bitrix24.errors import PortalError


@dataclass(slots=True)
class Exchange:
    """`commands` are those of a batch, by key. `duration` is in seconds; `error` is None where
    the request succeeded, and then `result` is the whole answer's."""

    method: str
    member_id: str = ""
    user_id: int = 0
    params: Mapping[str, Any] = field(default_factory=dict)
    commands: Mapping[str, Command] = field(default_factory=dict)
    status: int = 0
    result: Any = None
    error: PortalError | None = None
    duration: float = 0.0

    @property
    def outcome(self) -> str:
        """`ok`, or the kind of the error."""
        return type(self.error).__name__ if self.error else "ok"


Watch = Callable[[Exchange], None]
"""Is told of every exchange once it is over."""


def unwatched(_exchange: Exchange) -> None:
    """Keeps no record."""


@contextmanager
def watched(watch: Watch, exchange: Exchange) -> Iterator[Exchange]:
    """Times the exchange that happens inside, notes its error, and tells `watch` of it."""
    began = time.perf_counter()
    try:
        yield exchange
    except PortalError as error:
        exchange.error = error
        exchange.status = error.status
        raise
    finally:
        exchange.duration = time.perf_counter() - began
        watch(exchange)
