"""The `batch` method: up to 50 calls in one HTTP request.

Commands travel as `method?query` with PHP's bracket keys; the answer's maps are PHP arrays, so an
empty one is `[]` and one with keys 0…n-1 is a list. Source: rest_provider.php and rest_util.php
of the portal's rest module.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from urllib.parse import quote

from bitrix24.errors import PortalError, error_from

BATCH_SIZE = 50
NOT_CARRIED_OUT = "NOT_CARRIED_OUT"
"""Our own code for a command that a portal has not got to."""


@dataclass(frozen=True, slots=True)
class Command:
    """One call inside a batch."""

    method: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method}?{bracket_query(self.params)}"


@dataclass(frozen=True, slots=True)
class BatchAnswer:
    """Results and errors by the keys of the commands; every command is in one of the two. `totals`
    are those of lists that count; booking lists say 0 whatever they hold."""

    results: Mapping[str, Any]
    errors: Mapping[str, PortalError]
    totals: Mapping[str, int] = field(default_factory=dict)

    def result(self, key: str) -> Any:
        """The result of one command, or its error raised."""
        if key in self.errors:
            raise self.errors[key]
        return self.results[key]


def bracket_query(params: Mapping[str, Any]) -> str:
    """`{"a": {"b": [1]}}` → `a[b][0]=1`, percent-encoded as PHP's parse_str reads it.

    Raises ValueError for an empty list: it cannot be said in a query, and leaving a filter such
    as `{"@id": []}` away would ask for everything.
    """
    return "&".join(f"{quote(key)}={quote(value, safe='')}" for key, value in _flatten(params))


def _flatten(params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in params.items():
        yield from _flatten_value(str(key), value)


def _flatten_value(key: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flatten_value(f"{key}[{name}]", inner)
    elif isinstance(value, list | tuple):
        if not value:
            raise ValueError(f"{key} is an empty list, which a batch cannot carry")
        for index, inner in enumerate(value):
            yield from _flatten_value(f"{key}[{index}]", inner)
    elif isinstance(value, bool):
        yield key, "1" if value else "0"
    elif value is not None:
        yield key, str(value)


def in_batches(commands: Mapping[str, Command]) -> Iterator[dict[str, Command]]:
    """Splits commands into batches that the portal takes whole."""
    items = iter(commands.items())
    while part := dict(islice(items, BATCH_SIZE)):
        yield part


def read_answer(commands: Mapping[str, Command], result: Any) -> BatchAnswer:
    """Sorts a batch's answer by command. A command that is in no map was not carried out."""
    answer = php_map(result)
    results = php_map(answer.get("result"))
    errors = php_map(answer.get("result_error"))
    found: dict[str, Any] = {}
    failed: dict[str, PortalError] = {}
    for key in commands:
        if key in errors:
            failed[key] = error_from(php_map(errors[key]), 200)
        elif key in results:
            found[key] = results[key]
        else:
            failed[key] = PortalError(NOT_CARRIED_OUT, status=200)
    totals = php_map(answer.get("result_total"))
    return BatchAnswer(found, failed, {k: n for k, n in totals.items() if isinstance(n, int)})


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


def php_map(value: Any) -> dict[str, Any]:
    """A PHP array as a mapping, however it was encoded: `{}`, `[]` or a list by position."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        return {str(index): item for index, item in enumerate(value)}
    return {}
