"""PHP's behavior that shows in a portal's replies: bracket keys, arrays, casts.

A PHP array is a Python list here (keys 0 to n-1 in order) or a dict with string keys.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import parse_qsl

_NUMBER = r"[ \t\n\r\v\f]*[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_LEADING_NUMBER = re.compile(_NUMBER)
_NUMERIC = re.compile(_NUMBER + r"[ \t\n\r\v\f]*")
_INT_MAX = 2**63 - 1
_INDEX = re.compile(r"0|[1-9][0-9]{0,17}")
_JSON_DEPTH = 512
_FORM_DEPTH = 64
_BRACKET = re.compile(r"\[([^\]]*)\]")


def parse_query(query: str) -> dict[str, Any]:
    """Read a query like `a[b][0]=1&a[b][1]=2` as parse_str does, into strings."""
    return parse_pairs(parse_qsl(query, keep_blank_values=True))


def parse_pairs(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Nest form fields by the brackets in their names."""
    root: dict[str, Any] = {}
    for key, value in pairs:
        path = _split_key(key)
        if len(path) > _FORM_DEPTH + 1:
            root.pop(path[0], None)  # PHP drops the whole variable
        elif path[0]:
            _assign(root, path, value)
    return {key: _shape(value) for key, value in root.items()}


def decode_json(body: bytes) -> Any:
    """Decode a body as json_decode does; an integer beyond 64 bits becomes a float.

    Raises ValueError when json_decode fails, which it also does for NaN and Infinity, half a
    surrogate pair, text that is not UTF-8, and more than 512 levels.
    """
    try:
        data = json.loads(body.decode(), parse_int=_decode_int, parse_constant=_refuse_constant)
        json.dumps(data, ensure_ascii=False).encode()  # fails for half a surrogate pair
    except RecursionError:
        raise ValueError("too deep") from None
    level, depth = [data], 0
    while arrays := [item for item in level if is_array(item)]:
        depth += 1
        if depth > _JSON_DEPTH:
            raise ValueError("too deep")
        level = [inner for item in arrays for inner in values(item)]
    return data


def _decode_int(digits: str) -> int | float:
    whole = len(digits) <= 20 and abs(int(digits)) <= _INT_MAX
    return int(digits) if whole else float(digits)


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _split_key(key: str) -> list[str]:
    name, bracket, rest = key.partition("[")
    # PHP turns dots and spaces into underscores, but not inside brackets.
    top = name.replace(".", "_").replace(" ", "_")
    return [top, *_BRACKET.findall(bracket + rest)]


def _assign(root: dict[str, Any], path: list[str], value: str) -> None:
    node = root
    for part in path[:-1]:
        key = part or _next_index(node)
        child = node.get(key)
        if not isinstance(child, dict):
            child = node[key] = {}
        node = child
    node[path[-1] or _next_index(node)] = value


def _next_index(node: dict[str, Any]) -> str:
    numbers = [int(key) for key in node if _INDEX.fullmatch(key)]
    return str(max(numbers) + 1 if numbers else 0)


def _shape(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return to_array({key: _shape(item) for key, item in value.items()})


def to_array(items: dict[str, Any]) -> Any:
    """Return a list for the keys 0 to n-1, and for no keys; else the dict itself."""
    if list(items) == [str(index) for index in range(len(items))]:
        return list(items.values())
    return items


def flatten(data: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield form fields with bracket keys, as http_build_query does."""
    items = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in items:
        name = f"{prefix}[{key}]" if prefix else str(key)
        if isinstance(value, dict | list):
            yield from flatten(value, name)
        elif value is not None:
            yield name, str(int(value)) if isinstance(value, bool) else str(value)


def values(data: Any) -> list[Any]:
    """Return the values of a PHP array, whatever its keys are."""
    return list(data.values()) if isinstance(data, dict) else list(data)


def entries(data: Any) -> list[tuple[str, Any]]:
    """Return the keys of a PHP array, as strings, with their values."""
    if isinstance(data, dict):
        return [(str(key), value) for key, value in data.items()]
    return [(str(index), value) for index, value in enumerate(data)]


def is_array(value: Any) -> bool:
    return isinstance(value, dict | list)


def to_int(value: Any) -> int:
    """Cast with (int): "12abc" is 12, "abc" is 0, an array that is not empty is 1.

    Beyond 64 bits a string gives the largest number; a float wraps around, or is 0 if infinite.
    """
    if isinstance(value, float):
        return (int(value) + 2**63) % 2**64 - 2**63 if math.isfinite(value) else 0
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str):
        match = _LEADING_NUMBER.match(value)
        return _clamp(match.group()) if match else 0
    return 1 if value else 0


def _clamp(number: str) -> int:
    rough = float(number)
    if abs(rough) >= 2**63:
        return _INT_MAX if rough > 0 else -_INT_MAX - 1
    digits = number.strip().lstrip("+-")
    return int(number) if digits.isdecimal() else int(rough)


def is_numeric(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return True
    return isinstance(value, str) and _NUMERIC.fullmatch(value) is not None


def to_text(value: Any) -> str:
    """Cast with (string): null and false are empty, an array is `Array`."""
    if value is None or value is False:
        return ""
    if value is True:
        return "1"
    return "Array" if is_array(value) else str(value)


def type_name(value: Any) -> str:
    """Return the type of a value that is no array, as gettype names it."""
    names = {str: "string", bool: "boolean", int: "integer", float: "double"}
    return names.get(type(value), "NULL")


def to_bool(value: Any) -> bool:
    """Cast with (bool): "0" is false, "false" is true."""
    return bool(value) and value != "0"
