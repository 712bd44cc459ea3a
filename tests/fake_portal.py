"""A client whose portal is a method of the test: no HTTP, no tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bitrix24.batch import BatchAnswer, Command, by_key, in_batches
from bitrix24.client import PortalClient
from bitrix24.errors import NoAnswer, PortalError


class FakePortal(PortalClient):
    """Answers each command of a batch with what `answer` returns or raises."""

    def __init__(self) -> None:
        """Without anything that a real client needs."""

    def answer(self, command: Command) -> Any:
        raise NotImplementedError

    def total(self, _command: Command) -> int | None:
        """How many rows the portal counts in a list; None where it does not count."""
        return None

    def after_request(self, commands: int) -> None:
        """Called after each HTTP request that a real client would send."""

    def batch(self, commands: Mapping[str, Command] | Iterable[Command]) -> BatchAnswer:
        results: dict[Any, Any] = {}
        errors: dict[Any, PortalError] = {}
        totals: dict[Any, int] = {}
        for part in in_batches(by_key(commands)):
            for key, command in part.items():
                try:
                    results[key] = self.answer(command)
                    results[command] = command.read(results[key])
                except NoAnswer as error:
                    errors[command] = error
                except PortalError as error:
                    errors[key] = errors[command] = error
                if (total := self.total(command)) is not None:
                    totals[key] = totals[command] = total
            self.after_request(len(part))
        return BatchAnswer(results, errors, totals)

    read = batch
