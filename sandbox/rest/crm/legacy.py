"""What the older methods share: access, finding an item, filter, order and pages."""

import operator
import re
from collections.abc import Callable
from typing import Any

from sandbox.core import errors, php
from sandbox.core.model import CrmItem
from sandbox.rest.call import Call, Page, cut_page
from sandbox.rest.crm.fields import is_crm_closed, may_read
from sandbox.rest.crm.filter import ORDERED, Row, fold, order_key

_MULTI = {"PHONE", "EMAIL", "UF_DEPARTMENT"}
_PREFIX = re.compile(r"^(>=|<=|!=|!@|!%|[=@!%<>]?)(.*)$", re.DOTALL)
_COMPARE = {"=": operator.eq, "@": operator.eq, "%": operator.contains, **ORDERED}


def require_crm(call: Call) -> None:
    if is_crm_closed(call):
        raise errors.legacy_error("Access denied.")


def find_item(call: Call, entity_type_id: int, invalid: str, missing: str) -> CrmItem:
    """Return the item that `id` names. Raises an older method's errors, with its texts."""
    require_crm(call)
    number = php.to_int(call.upper_params().get("ID"))
    if number <= 0:
        raise errors.legacy_error(invalid)
    item = call.portal.state.crm(entity_type_id).get(number)
    if item is None:
        raise errors.legacy_error(missing)
    if not may_read(call.user, entity_type_id, number):
        raise errors.legacy_error("Access denied.")
    return item


def compile_legacy_filter(filters: dict[str, Any]) -> Callable[[Row], bool]:
    """Compile a filter: all conditions must hold, unknown fields are empty."""
    tests = [_condition(key, value) for key, value in filters.items() if not key.isdigit()]
    return lambda row: all(test(row) for test in tests)


def _condition(key: str, value: Any) -> Callable[[Row], bool]:
    match = _PREFIX.match(key)
    prefix, name = (match.group(1), match.group(2).upper()) if match else ("", key)
    wanted = [fold(v) for v in (php.values(value) if php.is_array(value) else [value])]
    if prefix in ("", "=") and len(wanted) == 1 and name not in _MULTI:
        only = wanted[0]
        return lambda row: fold(row.get(name)) == only
    compare = _COMPARE[prefix.lstrip("!") or "="]
    negated = prefix.startswith("!")
    return lambda row: any(compare(s, w) for s in _stored(row, name) for w in wanted) is not negated


def _stored(row: Row, name: str) -> list[str]:
    value = row.get(name)
    if isinstance(value, list):
        return [fold(item.get("VALUE") if isinstance(item, dict) else item) for item in value]
    return [fold(value)]


def sort_legacy(rows: list[Row], order: Any) -> list[Row]:
    for name, direction in reversed(php.entries(order)):
        down = str(direction).upper() == "DESC"
        rows = sorted(rows, key=lambda row: order_key(fold(row.get(name.upper()))), reverse=down)
    return rows


def legacy_list(call: Call, rows: list[Row], filters: dict[str, Any]) -> Page:
    """Filter and sort the rows as the caller asks, and return a page."""
    test = compile_legacy_filter(filters)
    rows = [row for row in rows if test(row)]
    return legacy_page(call, sort_legacy(rows, call.upper_array("ORDER")))


def legacy_page(call: Call, rows: list[Row]) -> Page:
    """Return 50 rows with total and next; with `start` -1 the total is 0."""
    page = cut_page(call, rows)
    return Page(page.result, total=0) if call.start == -1 else page
