"""crm.duplicate.findbycomm. Source: CCrmDuplicateRestProxy in crm's restservice.php."""

from collections.abc import Iterable
from typing import Any

from sandbox.core import errors, php
from sandbox.core.model import COMPANY, CONTACT
from sandbox.rest.call import Call, method
from sandbox.rest.crm.legacy import require_crm
from sandbox.rest.crm.phones import mail_code, phone_code

_MOST_VALUES = 20
_MOST_MATCHES = 20
# A sandbox has no leads. The order is that of the types' numbers.
_TYPES = {"CONTACT": CONTACT, "COMPANY": COMPANY}
_NAMES = {"L": "LEAD", "C": "CONTACT", "CO": "COMPANY", "D": "DEAL"}


@method("crm.duplicate.findbycomm")
def find_by_comm(call: Call) -> Any:
    """Find items by phone or mail, without a check of rights; `[]` if there are none."""
    given = call.upper_params()
    require_crm(call)
    kind = php.to_text(given.get("TYPE")).upper()
    if not kind:
        raise errors.legacy_error("Communication type is not defined.")
    if kind not in ("EMAIL", "PHONE"):
        text = f"Communication type '{kind}' is not supported in current context."
        raise errors.legacy_error(text)
    values = php.values(call.upper_array("VALUES"))
    if not values:
        raise errors.legacy_error("Communication values is not defined.")
    types = _asked_types(call, php.to_text(given.get("ENTITY_TYPE")).upper())
    found: dict[str, set[int]] = {}
    for matches in _matches(call, types, kind, _codes(kind, values)):
        for name, number in matches[:_MOST_MATCHES]:
            found.setdefault(name, set()).add(number)
    return {name: sorted(found[name]) for name in _TYPES if name in found} or []


def _asked_types(call: Call, text: str) -> list[str]:
    """Return the types to look through: an unknown one means all, by a switch none."""
    name = _NAMES.get(text, text)
    if name == "DEAL":
        raise errors.legacy_error("Deal is not supported in current context.")
    if name in (*_TYPES, "LEAD"):
        return [one for one in _TYPES if one == name]
    return list(_TYPES) if not name or call.portal.hub.switches.any_entity_type else []


def _codes(kind: str, values: list[Any]) -> list[str]:
    """Return the first 20 different codes; texts without one do not count."""
    code = phone_code if kind == "PHONE" else mail_code
    texts = dict.fromkeys(code(value) for value in values if isinstance(value, str))
    return [text for text in texts if text][:_MOST_VALUES]


def _matches(
    call: Call, types: list[str], kind: str, wanted: list[str]
) -> Iterable[list[tuple[str, int]]]:
    """Return the items with each of these codes, by type and id."""
    code = phone_code if kind == "PHONE" else mail_code
    found: dict[str, list[tuple[str, int]]] = {text: [] for text in wanted}
    for name in types:
        for number, item in sorted(call.portal.state.crm(_TYPES[name]).items()):
            codes = set(map(code, item.values(kind)))
            for text in codes & found.keys():
                found[text].append((name, number))
    return found.values()
