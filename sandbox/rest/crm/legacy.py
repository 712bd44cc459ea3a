"""What the older, upper-case list methods share: filter prefixes, order, paging, string values."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sandbox.core import php
from sandbox.rest.call import PAGE, Call, Page

Row = dict[str, Any]
_MULTI = {"PHONE", "EMAIL", "UF_DEPARTMENT"}
_PREFIX = re.compile(r"^(>=|<=|!=|!@|!%|[=@!%<>]?)(.*)$", re.DOTALL)


def compile_legacy(filters: dict[str, Any]) -> Callable[[Row], bool]:
    """AND of all conditions; these methods know no OR. Unknown fields match nothing stored."""
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
    for name, direction in reversed(php.entries(order) if php.is_array(order) else []):
        down = str(direction).upper() == "DESC"
        rows = sorted(rows, key=lambda row: _key(_text(row.get(name.upper()))), reverse=down)
    return rows


def legacy_page(call: Call, rows: list[Row]) -> Page:
    """50 rows with total and next, `start` floored to a page; with start=-1 the total is 0."""
    offset = call.offset
    page = rows[offset : offset + PAGE]
    if call.start == -1:
        return Page(page, total=0)
    after = offset + len(page)
    return Page(page, total=len(rows), next=after if after < len(rows) else None)
