"""The shapes of a portal's answers, read once, where they arrive.

A command names the shape of its answer as a type, and `key` where the portal wraps the answer:

    class Person(msgspec.Struct, frozen=True):
        id: Id
        name: str = ""

    persons = Command("crm.item.list", {...}, list[Person], key="items")
    client.call(persons)            # list[Person]
    client.batch([persons, deal])   # a BatchAnswer: answer[persons] is a list[Person]

A shape is a Struct, a list or dict of shapes, `str`, `int`, `bool`, `Id` or `LenientId`; fields
that a shape does not name are dropped. Reading is as lenient as portals are inexact: ids may be
text, a list may come as a map with number keys, an empty map as `[]`, a number as text or the other
way round, and null for a field that has a default. A shape that is not understood is NoAnswer.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import Any, TypeVar

from msgspec import ValidationError, convert, inspect

from bitrix24.errors import NoAnswer
from bitrix24.php import normalize, php_map

T = TypeVar("T")


def decode(value: Any, shape: type[T], key: str = "") -> T:
    """Read a value as a shape; `object` takes any. Raises NoAnswer where it does not fit."""
    if shape is object:
        return value  # type: ignore[no-any-return]
    if key:
        value = _unwrap(value, key)
    try:
        return _convert(value, shape)
    except (ValidationError, RecursionError):
        raise NoAnswer("OddAnswer", status=200) from None


def _convert(value: Any, shape: type[T]) -> T:
    # Most answers fit as they are, and msgspec alone is much faster.
    with suppress(ValidationError):
        return convert(value, shape, strict=False)
    return convert(normalize(value, _described(shape)), shape, strict=False)  # type: ignore[arg-type]


def _unwrap(value: Any, key: str) -> Any:
    """Return what stands under `key`. An answer without any key is PHP's empty array."""
    wrapped = php_map(value)
    if value != [] and key not in wrapped:
        raise NoAnswer("OddAnswer", status=200)
    return wrapped.get(key, [])


@cache
def _described(shape: Any) -> inspect.Type:
    return inspect.type_info(shape)
