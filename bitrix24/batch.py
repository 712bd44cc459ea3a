"""The `batch` method: up to 50 calls in one HTTP request.

Commands are sent as `method?query` with PHP's bracket keys. The answer holds PHP arrays of results
and of errors by the position of the command. bitrix24/answers.py says how a result is read.
Source: rest_provider.php and rest_util.php of the portal's rest module.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic

from bitrix24.answers import decode
from bitrix24.errors import NoAnswer, PortalError, error_from, unreadable_answer
from bitrix24.php import bracket_query, php_map

BATCH_SIZE = 50
READING = frozenset({"findbycomm", "fields", "get", "info", "list", "profile"})
"""The last words of methods that change nothing."""
REFERENCE = re.compile(r"\$(?:result|error|total|next|time)\[")
"""How a command refers to the result of an earlier one in the same batch."""
NOT_CARRIED_OUT = "NOT_CARRIED_OUT"
"""Our own code for a command that the portal did not reach."""

if TYPE_CHECKING:
    # Defaults of type variables are known to the type checker, but to Python only from 3.13 on.
    from typing_extensions import TypeVar

    T = TypeVar("T")
    T_co = TypeVar("T_co", covariant=True, default=object)
else:
    from typing import TypeVar

    T = TypeVar("T")
    T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, eq=False)
class Command(Generic[T_co]):
    """A call and the shape of its answer (bitrix24/answers.py). Equal commands ask the same."""

    method: str
    params: Mapping[str, Any] = field(default_factory=dict)
    answer: type[T_co] = object  # type: ignore[assignment]
    _: KW_ONLY
    key: str = ""

    def __str__(self) -> str:
        return self._text

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Command):
            return NotImplemented
        return (str(self), self.answer, self.key) == (str(other), other.answer, other.key)

    def __hash__(self) -> int:
        return hash(self._text)

    def read(self, result: Any) -> T_co:
        """Read a result as the shape that the command names. Raises NoAnswer."""
        return decode(result, self.answer, self.key)

    @cached_property
    def _text(self) -> str:
        return f"{self.method}?{bracket_query(self.params)}"


@dataclass(frozen=True, slots=True)
class BatchAnswer:
    """Results and errors by command; every command is in one of the two.

    `totals` are those of lists that count their rows; booking lists always say 0. Equal commands
    share one answer: the error of one that failed, else the last result.
    """

    results: Mapping[Command, Any]
    errors: Mapping[Command, PortalError]
    totals: Mapping[Command, int] = field(default_factory=dict)

    def __getitem__(self, command: Command[T]) -> T:
        """Return the answer to a command. Raises its PortalError where it failed."""
        if command in self.errors:
            raise self.errors[command]
        result: T = self.results[command]
        return result

    def get(self, command: Command[T]) -> T | None:
        """Return the answer to a command; None where it failed or was not sent."""
        return None if command in self.errors else self.results.get(command)


def has_reference(text: str) -> bool:
    """Tell whether a batch would replace a part of this text."""
    return REFERENCE.search(text) is not None


def only_reads(method: str) -> bool:
    """Tell whether a method is known to change nothing."""
    return method.rpartition(".")[2] in READING


def in_batches(commands: Iterable[Command]) -> Iterator[list[Command]]:
    """Split commands into batches that the portal carries out whole."""
    rest = iter(commands)
    while part := list(islice(rest, BATCH_SIZE)):
        yield part


def split_answer(count: int, result: Any, *, halt: bool = False) -> list[Any]:
    """Return the raw result or the PortalError of each command, by position.

    Only a batch that halts leaves out commands, after one that failed.
    """
    answer = php_map(result)
    results = php_map(answer.get("result"))
    errors = php_map(answer.get("result_error"))
    outcomes: list[Any] = []
    for key in map(str, range(count)):
        if key in errors:
            outcomes.append(error_from(php_map(errors[key]), 200))
        elif key in results:
            outcomes.append(results[key])
        elif halt and errors:
            outcomes.append(PortalError(NOT_CARRIED_OUT, status=200))
        else:
            outcomes.append(unreadable_answer())
    return outcomes


def read_answer(commands: Sequence[Command], result: Any, *, halt: bool = False) -> BatchAnswer:
    """Read a batch's answer, each command in the shape that it names."""
    results: dict[Command, Any] = {}
    errors: dict[Command, PortalError] = {}
    totals: dict[Command, int] = {}
    counted = php_map(php_map(result).get("result_total"))
    for number, outcome in enumerate(split_answer(len(commands), result, halt=halt)):
        command, total = commands[number], counted.get(str(number))
        if isinstance(outcome, PortalError):
            errors[command] = outcome
        else:
            try:
                results[command] = command.read(outcome)
            except NoAnswer as error:
                errors[command] = error
        if isinstance(total, int):
            totals[command] = total
    return BatchAnswer(results, errors, totals)


def merged_answers(answers: Iterable[BatchAnswer]) -> BatchAnswer:
    parts = list(answers)
    return BatchAnswer(
        {command: result for part in parts for command, result in part.results.items()},
        {command: error for part in parts for command, error in part.errors.items()},
        {command: total for part in parts for command, total in part.totals.items()},
    )


def batch_times(result: Any) -> Mapping[str, Any]:
    """Return the `time` of each command of a batch, by its position."""
    return php_map(php_map(result).get("result_time"))
