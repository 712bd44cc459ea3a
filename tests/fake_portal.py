"""A client whose portal is a method of the test: no HTTP, no tokens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bitrix24.batch import BatchAnswer, Command, in_batches
from bitrix24.client import PortalClient
from bitrix24.errors import PortalError


class FakePortal(PortalClient):
    """Answers each command of a batch with what `answer` returns or raises."""

    def __init__(self) -> None:
        """Without anything that a real client needs."""

    def answer(self, command: Command) -> Any:
        raise NotImplementedError

    def total(self, _command: Command) -> int | None:
        """Return how many rows the portal counts in a list; None where it does not count."""
        return None

    def after_request(self, commands: int) -> None:
        """Called after each HTTP request that a real client would send."""

    def batch(self, commands: Iterable[Command]) -> BatchAnswer:
        results: dict[Command, Any] = {}
        errors: dict[Command, PortalError] = {}
        totals: dict[Command, int] = {}
        for part in in_batches(commands):
            for command in part:
                try:
                    results[command] = command.read(self.answer(command))
                except PortalError as error:
                    errors[command] = error
                if (total := self.total(command)) is not None:
                    totals[command] = total
            self.after_request(len(part))
        return BatchAnswer(results, errors, totals)

    read = batch
