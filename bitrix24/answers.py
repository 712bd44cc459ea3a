"""The shapes of a portal's answers, read once, where they arrive.

A command names the shape of its answer as a type, and `key` where the portal wraps the answer:

    class Person(msgspec.Struct, frozen=True):
        id: Id
        name: str = ""

    persons = Command("crm.item.list", {...}, list[Person], key="items")
    client.call(persons)            # list[Person]
    client.batch([persons, deal])   # a BatchAnswer: answer[persons] is a list[Person]

A shape is a Struct, a list, `Rows` or dict of shapes, `str`, `int`, `bool`, `Id` or `LenientId`.
Fields that a shape does not name are dropped. Reading is as lenient as portals are inexact: ids may
be text, a list may come as a map with number keys, an empty map as `[]`, a number as text or the
other way round, and null for a field that has a default. A shape that is not understood is
NoAnswer. One of the `Rows` that is not understood costs only itself.
"""

from contextlib import suppress
from functools import cache
from typing import Any, TypeVar, get_args, get_origin

from msgspec import ValidationError, convert, inspect

from bitrix24.errors import unreadable_answer
from bitrix24.php import normalize, parse_json_text, php_map

T = TypeVar("T")


class Rows(list[T]):
    """A list without its `unreadable` rows, which are counted.

    For lists that are shown. A list that is written back needs all its rows: use `list` there.
    """

    unreadable = 0


def decode(value: Any, shape: type[T], key: str = "") -> T:
    """Read a value as a shape; `object` takes any. Raises NoAnswer where it does not fit."""
    if shape is object:
        return value  # type: ignore[no-any-return]
    if key:
        value = _unwrap(value, key)
    try:
        return _convert(value, shape)
    except (ValidationError, RecursionError):
        raise unreadable_answer() from None


def _convert(value: Any, shape: type[T]) -> T:
    # Most answers fit as they are, and msgspec alone is much faster.
    with suppress(ValidationError):
        return convert(value, shape, strict=False, dec_hook=_read_rows)
    normal = normalize(value, _type_info(shape))  # type: ignore[arg-type]
    return convert(normal, shape, strict=False, dec_hook=_read_rows)


def _read_rows(shape: Any, value: Any) -> Rows[Any]:
    """Read `Rows`, for msgspec. Raises ValidationError where the value is no list."""
    if get_origin(shape) is not Rows:
        # As msgspec wants it of a hook that does not know a type.
        raise NotImplementedError
    (row,) = get_args(shape)
    with suppress(ValidationError):
        return Rows(convert(value, list[row], strict=False, dec_hook=_read_rows))  # type: ignore[valid-type]
    items = parse_json_text(value)
    if not isinstance(items, dict | list):
        raise ValidationError("no list")
    rows = Rows[Any]()
    for item in php_map(items).values():
        try:
            rows.append(_convert(item, row))
        except (ValidationError, RecursionError):
            rows.unreadable += 1
    return rows


def _unwrap(value: Any, key: str) -> Any:
    """Return what stands under `key`. An answer without any key is PHP's empty array."""
    wrapped = php_map(value)
    if value != [] and key not in wrapped:
        raise unreadable_answer()
    return wrapped.get(key, [])


@cache
def _type_info(shape: Any) -> inspect.Type:
    return inspect.type_info(shape)
