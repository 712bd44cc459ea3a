"""What the older list methods share: filter, order and pages of rows of texts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sandbox.core import php
from sandbox.rest.call import PAGE, Call, Page

Row = dict[str, Any]
_MULTI = {"PHONE", "EMAIL", "UF_DEPARTMENT"}
_PREFIX = re.compile(r"^(>=|<=|!=|!@|!%|[=@!%<>]?)(.*)$", re.DOTALL)


def compile_legacy_filter(filters: dict[str, Any]) -> Callable[[Row], bool]:
    """Compile a filter: all conditions must hold, unknown fields are empty."""
    tests = [_condition(key, value) for key, value in filters.items() if not key.isdigit()]
    return lambda row: all(test(row) for test in tests)


def _condition(key: str, value: Any) -> Callable[[Row], bool]:
    match = _PREFIX.match(key)
    prefix, name = (match.group(1), match.group(2).upper()) if match else ("", key)
    wanted = [_text(v) for v in (php.values(value) if php.is_array(value) else [value])]
    if prefix in ("", "=") and len(wanted) == 1 and name not in _MULTI:
        only = wanted[0]
        return lambda row: _text(row.get(name)) == only
    compare = _COMPARE[prefix.lstrip("!") or "="]
    negated = prefix.startswith("!")
    return lambda row: compare(_stored(row, name), wanted) is not negated


def _stored(row: Row, name: str) -> list[str]:
    value = row.get(name)
    if isinstance(value, list):
        return [_text(item.get("VALUE") if isinstance(item, dict) else item) for item in value]
    return [_text(value)]


def _text(value: Any) -> str:
    return php.to_text(value).casefold()


def _key(text: str) -> tuple[int, float, str]:
    return (0, float(text), "") if php.is_numeric(text) else (1, 0.0, text)


_COMPARE: dict[str, Callable[[list[str], list[str]], bool]] = {
    "=": lambda stored, wanted: any(s in wanted for s in stored),
    "@": lambda stored, wanted: any(s in wanted for s in stored),
    "%": lambda stored, wanted: any(w in s for s in stored for w in wanted),
    ">": lambda stored, wanted: any(_key(s) > _key(w) for s in stored for w in wanted),
    "<": lambda stored, wanted: any(_key(s) < _key(w) for s in stored for w in wanted),
    ">=": lambda stored, wanted: any(_key(s) >= _key(w) for s in stored for w in wanted),
    "<=": lambda stored, wanted: any(_key(s) <= _key(w) for s in stored for w in wanted),
}


def sort_legacy(rows: list[Row], order: Any) -> list[Row]:
    for name, direction in reversed(php.entries(order)):
        down = str(direction).upper() == "DESC"
        rows = sorted(rows, key=lambda row: _key(_text(row.get(name.upper()))), reverse=down)
    return rows


def legacy_list(call: Call, rows: list[Row], filters: dict[str, Any]) -> Page:
    """Filter and sort the rows as the caller asks, and return a page."""
    test = compile_legacy_filter(filters)
    rows = [row for row in rows if test(row)]
    return legacy_page(call, sort_legacy(rows, call.upper_array("ORDER")))


def legacy_page(call: Call, rows: list[Row]) -> Page:
    """Return 50 rows with total and next; with `start` -1 the total is 0."""
    offset = call.offset
    page = rows[offset : offset + PAGE]
    if call.start == -1:
        return Page(page, total=0)
    after = offset + len(page)
    return Page(page, total=len(rows), next=after if after < len(rows) else None)
