"""PHP's arrays on the wire: as it reads them from a query, and as it writes them into JSON.

PHP has one array type. An empty one is always written as `[]`, one with the keys 0…n-1 as a list,
every other one as an object. Values may be text where a number is meant.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from msgspec import inspect

from bitrix24.ids import LENIENT, parse_id


def bracket_query(params: Mapping[str, Any]) -> str:
    """Write `{"a": {"b": [1]}}` as `a[b][0]=1`, percent-encoded as PHP's parse_str reads it.

    Raises ValueError for an empty list: a query cannot express it, and without a filter such as
    `{"@id": []}` the portal would return everything.
    """
    pairs = (pair for key, value in params.items() for pair in _flatten(str(key), value))
    return "&".join(f"{quote(key)}={quote(value, safe='')}" for key, value in pairs)


def _flatten(key: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flatten(f"{key}[{name}]", inner)
    elif isinstance(value, list | tuple):
        if not value:
            raise ValueError(f"{key} is an empty list, which a batch cannot carry")
        for index, inner in enumerate(value):
            yield from _flatten(f"{key}[{index}]", inner)
    elif isinstance(value, bool):
        yield key, "1" if value else "0"
    elif value is not None:
        yield key, str(value)


def php_map(value: Any) -> dict[str, Any]:
    """Return a PHP array as a mapping, however it was written.

    Any other value becomes an empty one.
    """
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        return {str(index): item for index, item in enumerate(value)}
    return {}


def normalize(value: Any, shape: inspect.Type) -> Any:
    """Rewrite a value as JSON would hold it if PHP knew the shape that is expected.

    Lists become maps and maps become lists where the shape wants the other one, and a PHP array
    that was stored as JSON text is parsed. Numbers become text where the shape wants text, and `Y`
    and `N` are flags. Null leaves a field at its default. What does not fit is returned as it is.
    """
    match shape:
        case inspect.StructType(fields=fields):
            return _struct(parse_json_text(value), fields)
        case inspect.DictType(value_type=inner) if isinstance(
            array := parse_json_text(value), dict | list
        ):
            return {key: normalize(item, inner) for key, item in php_map(array).items()}
        case inspect.ListType(item_type=inner) if isinstance(
            array := parse_json_text(value), dict | list
        ):
            return [normalize(item, inner) for item in php_map(array).values()]
        case inspect.Metadata(type=inner, extra=extra):
            return parse_id(value) if extra == LENIENT else normalize(value, inner)
        case inspect.IntType():
            return parse_id(value) or value
        case inspect.UnionType(types=types) if value is not None:
            inner = next(one for one in types if not isinstance(one, inspect.NoneType))
            return normalize(value, inner)
        case inspect.BoolType() if value in ("Y", "N"):
            return value == "Y"
        case inspect.StrType() if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
    return value


def _struct(value: Any, fields: tuple[inspect.Field, ...]) -> Any:
    if not isinstance(value, dict | list):
        return value
    given = php_map(value)
    return {
        field.encode_name: normalize(given[field.encode_name], field.type)
        for field in fields
        if field.encode_name in given and (field.required or given[field.encode_name] is not None)
    }


def parse_json_text(value: Any) -> Any:
    """Return the array that JSON text holds, and any other value as it is."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value
