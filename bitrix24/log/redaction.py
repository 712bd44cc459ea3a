"""Reduces calls and answers to what is known to be harmless: a list of secrets misses the next."""

import re
from collections.abc import Mapping
from typing import Any

from bitrix24.batch import BATCH_SIZE
from bitrix24.errors import KINDS, OUR_CODES

LONGEST_NUMBER = 6
"""Digits of a number that is kept where a count, a type or the like is expected."""
LONGEST_ID = 9
"""Digits of a number that is kept where an id is expected."""
LONGEST_CODE = 5
"""Digits of an error code that is kept."""
MAX_ITEMS = BATCH_SIZE
"""How many items of a list or a map are kept."""
MAX_DEPTH = 8
MAX_BITS = 64
"""Of an integer that is written as text. Python refuses to write one of 4,300 digits."""

CONSTANT = re.compile(r"(CRM|ERROR|LEFT|METHOD)(_[A-Z]+)+|ON(APP|BOOKING|CRM)[A-Z]+")
"""Placements, events and error codes, such as `CRM_DEAL_DETAIL_TAB`."""
METHOD = re.compile(r"[a-z]{1,20}(\.[a-z0-9]{1,24}){0,6}")
OPERATOR = re.compile(r"^[@!=%<>~?]{0,3}")
"""The signs of a filter before the name of a field, as in `@id` and `!=stage`."""

_IDS = """
    ID id ids waitListId bookingId resourceId contactId companyId dealId entityId ownerId
    CONTACT_ID COMPANY_ID USER_ID user_id assignedById createdBy updatedBy
    """
_WORDS = """
    ADMIN CODE COMPANY CONTACT DEAL DEFAULT EVENT HANDLER LANG_ALL N OPTIONS PLACEMENT TITLE Y
    asc booking categoryId client clients cmd code companies companyTitle contacts createdAt
    createdWithin crm data deals desc entityTypeId entity_type error externalData fields filter
    fm from halt installed isMyCompany isPrimary item items lastName list module name next note
    order page params primary result rows scope secondName select sort start title to total type
    typeId value values waitList waitListClient waitListItem waitListItems waitlist
    """
_NUMBERS = "categoryId entityTypeId halt next page start total typeId"
IDS = frozenset(_IDS.split())
DIGITS = dict.fromkeys(_NUMBERS.split(), LONGEST_NUMBER) | dict.fromkeys(IDS, LONGEST_ID)
"""How many digits of a number are kept under a key. Under any other key a number may be typed: a
short phone number, a house number, a birth date, a code for a door."""
WORDS = IDS | frozenset(_WORDS.split())
"""Keys, field names and fixed values of the methods that the app calls. None is ever a secret."""


def redact(value: Any, *, depth: int = MAX_DEPTH, digits: int = 0) -> Any:
    """Replace all that is not known to be harmless by its length, `<5>`.

    Numbers of at most `digits` are kept. The result fits into JSON.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        return "<number>"
    if isinstance(value, int | float):
        return value if _is_short(str(value), digits) else f"<{len(str(value))}>"
    if isinstance(value, str):
        return _text(value, digits)
    if depth == 0:
        return f"<{type(value).__name__}>"
    if isinstance(value, Mapping):
        return _mapping(value, depth - 1)
    if isinstance(value, list | tuple):
        kept = [redact(item, depth=depth - 1, digits=digits) for item in value[:MAX_ITEMS]]
        more = len(value) - len(kept)
        return [*kept, f"<{more} more>"] if more else kept
    return f"<{type(value).__name__}>"


def summarize(result: Any) -> Any:
    """Describe an answer by its keys and the number of rows under each."""
    if isinstance(result, Mapping) and len(result) <= MAX_ITEMS:
        return {_key(key): _size(value, _digits(key)) for key, value in result.items()}
    # A portal answers a call that creates something with nothing but its id.
    return _size(result, LONGEST_ID if isinstance(result, int) else 0)


def redact_code(code: str) -> str:
    """Keep an error code if it is a known one; a portal may send anything as a code."""
    known = code in KINDS or code in OUR_CODES or CONSTANT.fullmatch(code)
    return code if not code or known or _is_short(code, LONGEST_CODE) else f"<{len(code)}>"


def redact_method(method: str) -> str:
    return method if METHOD.fullmatch(method) else f"<{len(method)}>"


def _mapping(values: Mapping[Any, Any], depth: int) -> dict[str, Any]:
    return {
        _key(key): redact(value, depth=depth, digits=_digits(key))
        for key, value in list(values.items())[:MAX_ITEMS]
    }


def _digits(key: Any) -> int:
    return DIGITS.get(OPERATOR.sub("", str(key)), 0)


def _key(key: Any) -> str:
    """Keep a known key, or the place of an item in a list that PHP sends as a map."""
    name = str(key)
    bare = OPERATOR.sub("", name)
    place = bare.isascii() and bare.isdigit() and len(bare) < 3 and int(bare) < MAX_ITEMS
    return name if bare in WORDS or place else f"<{len(name)}>"


def _text(text: str, digits: int) -> str:
    harmless = not text or text in WORDS or CONSTANT.fullmatch(text) or _is_short(text, digits)
    return text if harmless else f"<{len(text)}>"


def _is_short(text: str, digits: int) -> bool:
    number = text.lstrip("-")
    return number.isascii() and number.isdigit() and len(number) <= digits


def _size(value: Any, digits: int) -> Any:
    if isinstance(value, list | tuple | Mapping):
        return {"count": len(value)}
    return redact(value, digits=digits)
