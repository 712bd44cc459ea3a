"""Reduces calls and answers to what is known to be harmless: a list of secrets misses the next."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bitrix24.batch import BATCH_SIZE
from bitrix24.errors import KINDS, OUR_CODES

LONGEST_NUMBER = 6
"""Digits of a number that is kept anywhere: no phone number is that short."""
LONGEST_ID = 9
"""Digits of a number that is kept where an id is expected."""
MAX_ITEMS = BATCH_SIZE
"""How many items of a list or a map are kept."""
MAX_DEPTH = 8

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
IDS = frozenset(_IDS.split())
WORDS = IDS | frozenset(_WORDS.split())
"""Keys, field names and fixed values of the methods that the app calls. None is ever a secret."""


def redact(value: Any, *, depth: int = MAX_DEPTH, is_id: bool = False) -> Any:
    """Replace all text not known to be harmless by its length, `<5>`. The result fits into JSON."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value if _is_short(str(value), is_id) else f"<{len(str(value))}>"
    if isinstance(value, str):
        return _text(value, is_id)
    if depth == 0:
        return f"<{type(value).__name__}>"
    if isinstance(value, Mapping):
        return _mapping(value, depth - 1)
    if isinstance(value, list | tuple):
        kept = [redact(item, depth=depth - 1, is_id=is_id) for item in value[:MAX_ITEMS]]
        more = len(value) - len(kept)
        return [*kept, f"<{more} more>"] if more else kept
    return f"<{type(value).__name__}>"


def summarize(result: Any) -> Any:
    """Describe an answer by its keys and their numbers of rows, without any row."""
    if isinstance(result, Mapping) and len(result) <= MAX_ITEMS:
        return {_key(key): _size(value) for key, value in result.items()}
    return _size(result)


def redact_code(code: str) -> str:
    """Keep an error code if it is a known one; a portal may send anything as a code."""
    known = code in KINDS or code in OUR_CODES or CONSTANT.fullmatch(code) or _is_short(code, False)
    return code if known or not code else f"<{len(code)}>"


def redact_method(method: str) -> str:
    return method if METHOD.fullmatch(method) else f"<{len(method)}>"


def _mapping(values: Mapping[Any, Any], depth: int) -> dict[str, Any]:
    redacted: dict[str, Any] = {}
    for key, value in list(values.items())[:MAX_ITEMS]:
        bare = OPERATOR.sub("", str(key))
        redacted[_key(key)] = redact(value, depth=depth, is_id=bare in IDS)
    return redacted


def _key(key: Any) -> str:
    name = str(key)
    bare = OPERATOR.sub("", name)
    return name if bare in WORDS or _is_short(bare, False) else f"<{len(name)}>"


def _text(text: str, is_id: bool) -> str:
    harmless = not text or text in WORDS or CONSTANT.fullmatch(text) or _is_short(text, is_id)
    return text if harmless else f"<{len(text)}>"


def _is_short(text: str, is_id: bool) -> bool:
    digits = text.lstrip("-").replace(".", "", 1)
    longest = LONGEST_ID if is_id else LONGEST_NUMBER
    return digits.isascii() and digits.isdigit() and len(digits) <= longest


def _size(value: Any) -> Any:
    if isinstance(value, list | tuple | Mapping):
        return {"count": len(value)}
    return redact(value)
