"""One HTTP request and its outcome, as an observer hears of it: the journal, the metrics."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from bitrix24.batch import Command
from bitrix24.errors import PortalError


@dataclass(slots=True)
class Exchange:
    """A request, its `duration` in seconds, and its `result` or `error`. A batch has `commands`."""

    method: str
    member_id: str = ""
    user_id: int = 0
    params: Mapping[str, Any] = field(default_factory=dict)
    commands: Sequence[Command] = ()
    status: int = 0
    result: Any = None
    error: PortalError | None = None
    duration: float = 0.0

    @property
    def outcome(self) -> str:
        """Return `ok` or the class of the error."""
        return type(self.error).__name__ if self.error else "ok"


Observer = Callable[[Exchange], None]
"""Is called with every exchange once it is over."""


def ignore(_exchange: Exchange) -> None:
    """Observe nothing."""


@contextmanager
def observed(observer: Observer, exchange: Exchange) -> Iterator[Exchange]:
    """Time the request that is sent inside, note its error, and call the observer."""
    began = time.perf_counter()
    try:
        yield exchange
    except PortalError as error:
        exchange.error = error
        exchange.status = error.status
        raise
    finally:
        exchange.duration = time.perf_counter() - began
        observer(exchange)
