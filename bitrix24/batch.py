"""The `batch` method: up to 50 calls in one HTTP request.

Commands travel as `method?query` with PHP's bracket keys; the answer's maps are PHP arrays. What an
answer to a command looks like is told in bitrix24/answers.py. Source: rest_provider.php and
rest_util.php of the portal's rest module.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, overload

from bitrix24.answers import decode
from bitrix24.errors import NoAnswer, PortalError, error_from
from bitrix24.php import bracket_query as bracket_query
from bitrix24.php import php_map as php_map

BATCH_SIZE = 50
NOT_CARRIED_OUT = "NOT_CARRIED_OUT"
"""Our own code for a command that the portal did not reach."""

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    T = TypeVar("T")
    T_co = TypeVar("T_co", covariant=True, default=object)
else:
    from typing import TypeVar

    T = TypeVar("T")
    T_co = TypeVar("T_co", covariant=True)


class Command(Generic[T_co]):
    """A call of a method, and the shape of its answer. Equal commands ask for the same thing.

    `answer` and `key` are explained in bitrix24/answers.py; without them the answer is not read.
    """

    method: str
    params: Mapping[str, Any]
    answer: type[T_co]
    key: str

    @overload
    def __init__(
        self: Command[object], method: str, params: Mapping[str, Any] | None = None
    ) -> None: ...

    @overload
    def __init__(
        self, method: str, params: Mapping[str, Any] | None, answer: type[T_co], *, key: str = ""
    ) -> None: ...

    def __init__(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        answer: Any = object,
        *,
        key: str = "",
    ) -> None:
        self.method = method
        self.params = params or {}
        self.answer = answer
        self.key = key

    def __str__(self) -> str:
        return self._text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Command) and str(self) == str(other)

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

    `totals` are those of lists that count their rows; booking lists always say 0.
    """

    results: Mapping[Any, Any]
    errors: Mapping[Any, PortalError]
    totals: Mapping[Any, int] = field(default_factory=dict)

    def __getitem__(self, command: Command[T]) -> T:
        """Return the answer to a command. Raises its PortalError where it failed."""
        if command in self.errors:
            raise self.errors[command]
        result: T = self.results[command]
        return result

    def get(self, command: Command[T]) -> T | None:
        """Return the answer to a command; None where it failed or was not sent."""
        return self.results.get(command)

    def result(self, key: str) -> Any:
        """The result of one command, or its error raised."""
        if key in self.errors:
            raise self.errors[key]
        return self.results[key]


def by_key(commands: Mapping[str, Command] | Iterable[Command]) -> Mapping[str, Any]:
    """Give each command the key under which it travels."""
    if isinstance(commands, Mapping):
        return commands
    return {str(number): command for number, command in enumerate(commands)}


def in_batches(commands: Mapping[str, Command]) -> Iterator[dict[str, Command]]:
    """Splits commands into batches that the portal takes whole."""
    items = iter(commands.items())
    while part := dict(islice(items, BATCH_SIZE)):
        yield part


def split_answer(keys: Iterable[str], result: Any) -> tuple[dict[str, Any], dict[str, PortalError]]:
    """Sort a batch's answer into results and errors by key. Each key is in one of the two."""
    answer = php_map(result)
    results = php_map(answer.get("result"))
    errors = php_map(answer.get("result_error"))
    found: dict[str, Any] = {}
    failed: dict[str, PortalError] = {}
    for key in keys:
        if key in errors:
            failed[key] = error_from(php_map(errors[key]), 200)
        elif key in results:
            found[key] = results[key]
        else:
            failed[key] = PortalError(NOT_CARRIED_OUT, status=200)
    return found, failed


def read_answer(commands: Mapping[str, Command], result: Any) -> BatchAnswer:
    """Read a batch's answer, each command in the shape that it names."""
    totals = php_map(php_map(result).get("result_total"))
    raw, failed = split_answer(commands, result)
    results: dict[Any, Any] = {**raw}
    errors: dict[Any, PortalError] = {**failed}
    counted: dict[Any, int] = {}
    for key, command in commands.items():
        if key in failed:
            errors[command] = failed[key]
        else:
            try:
                results[command] = command.read(raw[key])
            except NoAnswer as error:
                errors[command] = error
        if isinstance(totals.get(key), int):
            counted[key] = counted[command] = totals[key]
    return BatchAnswer(results, errors, counted)


def joined(answers: Iterable[BatchAnswer]) -> BatchAnswer:
    """One answer to all the commands of several batches."""
    whole = BatchAnswer({}, {}, {})
    for part in answers:
        whole = BatchAnswer(
            {**whole.results, **part.results},
            {**whole.errors, **part.errors},
            {**whole.totals, **part.totals},
        )
    return whole


def batch_times(result: Any) -> Mapping[str, Any]:
    """Return the `time` of each command of a batch, by its key."""
    return php_map(php_map(result).get("result_time"))
