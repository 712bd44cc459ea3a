"""Filter and order of crm.item.list: prefixes, AND and OR, database comparison."""

import re
from collections.abc import Callable
from typing import Any

from sandbox.core import php
from sandbox.core.errors import RestError

Row = dict[str, Any]
Test = Callable[[Row], bool]

_PREFIX = re.compile(r"^(!><|!=%|!%=|><|>=|<=|=%|%=|!=|!%|!@|[=%><@!]?)(.*)$", re.DOTALL)
_ARRAY_PREFIXES = {"", "=", "!=", "@", "!@", "!", "><", "!><"}
_SCALAR_PREFIXES = {"", "=", "!=", "@", "!@", "!", "%", "!%", "=%", "%=", "!=%", "!%="}
_SCALAR_PREFIXES |= {">", ">=", "<", "<="}
_NEGATED = {"!": "=", "!=": "=", "!%": "%", "!@": "@", "!><": "><", "!=%": "=%", "!%=": "=%"}


def compile_filter(given: Any, allowed: set[str]) -> Test:
    """Compile a filter to one predicate; numeric keys are groups with their own logic."""
    logic, tests = "AND", []
    for key, value in php.entries(given) if php.is_array(given) else []:
        if key.lower() == "logic":
            logic = str(value).upper()
        elif key.isdigit():
            tests.append(compile_filter(value, allowed))
        else:
            tests.append(_condition(key, value, allowed))
    decisive = bool(logic == "OR" and tests)

    def joined(row: Row) -> bool:
        for test in tests:  # a loop: groups can be nested as deeply as JSON
            if test(row) is decisive:
                return decisive
        return not decisive

    return joined


def _condition(key: str, value: Any, allowed: set[str]) -> Test:
    match = _PREFIX.match(key)
    prefix, name = (match.group(1), match.group(2)) if match else ("", key)
    if name not in allowed:
        text = f"Invalid filter: field '{name}' is not allowed in filter"
        raise RestError("INVALID_ARG_VALUE", text)
    taken = prefix in (_ARRAY_PREFIXES if php.is_array(value) else _SCALAR_PREFIXES)
    if not taken:
        raise RestError("INVALID_ARG_VALUE", f"Invalid filter: field '{name}' has invalid value")
    positive = _NEGATED.get(prefix)
    test = _compare(positive or prefix or "=", value)
    if positive:
        return lambda row: not test(row.get(name))
    return lambda row: test(row.get(name))


def _compare(operator: str, value: Any) -> Callable[[Any], bool]:
    if operator in ("=", "@"):
        wanted = {fold(item) for item in (php.values(value) if php.is_array(value) else [value])}
        return lambda stored: bool(wanted & _texts(stored))
    if operator == "%":
        part = fold(value)
        return lambda stored: any(part in text for text in _texts(stored))
    if operator in ("=%", "%="):
        pattern = _like(fold(value))
        return lambda stored: any(pattern.fullmatch(text) for text in _texts(stored))
    if operator == "><":
        low, high = [*php.values(value), None, None][:2]
        return lambda stored: order_key(low) <= order_key(stored) <= order_key(high)
    holds = ORDERED[operator]
    return lambda stored: holds(stored, value)


def _texts(stored: Any) -> set[str]:
    return {fold(item) for item in stored} if isinstance(stored, list) else {fold(stored)}


def fold(value: Any) -> str:
    """Return a text in lower case, as a database ignores case in comparisons."""
    return php.to_text(value).casefold()


def _like(pattern: str) -> re.Pattern[str]:
    """Compile the pattern of `=%`, in which % and _ are wildcards."""
    parts = {"%": ".*", "_": "."}
    return re.compile("".join(parts.get(char, re.escape(char)) for char in pattern), re.DOTALL)


def order_key(value: Any) -> tuple[int, float, str]:
    if php.is_numeric(value):
        return (0, float(value), "")
    return (1, 0.0, fold(value))


ORDERED: dict[str, Callable[[Any, Any], bool]] = {
    ">": lambda stored, bound: order_key(stored) > order_key(bound),
    ">=": lambda stored, bound: order_key(stored) >= order_key(bound),
    "<": lambda stored, bound: order_key(stored) < order_key(bound),
    "<=": lambda stored, bound: order_key(stored) <= order_key(bound),
}


def sort_rows(rows: list[Row], order: Any, allowed: set[str]) -> list[Row]:
    for key, direction in reversed(php.entries(order) if php.is_array(order) else []):
        if key not in allowed or str(direction).upper() not in ("ASC", "DESC"):
            raise RestError("INVALID_ARG_VALUE", f"Invalid order: {key}")
        down = str(direction).upper() == "DESC"
        rows = sorted(rows, key=lambda row: order_key(row.get(key)), reverse=down)
    return rows
