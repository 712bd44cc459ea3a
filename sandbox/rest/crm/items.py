"""crm.item.* for deals (2), contacts (3) and companies (4)."""

from collections.abc import Iterable
from typing import Any

from sandbox.core import php
from sandbox.core.errors import RestError
from sandbox.core.model import DEAL, CrmItem
from sandbox.rest.call import Call, Page, cut_page, method
from sandbox.rest.crm.fields import (
    FIELDS,
    describe_field,
    get_entity_type_id,
    is_crm_closed,
    may_read,
    search_content,
    serialize,
    upper_name,
)
from sandbox.rest.crm.filter import Row, compile_filter, sort_rows
from sandbox.rest.crm.writing import ENTITY_NAMES, add_item, delete_item, set_fields


@method("crm.item.list")
def item_list(call: Call) -> Page:
    entity_type_id = get_entity_type_id(call)
    require_rights(call)
    filters, order = call.optional_array("filter"), call.optional_array("order")
    allowed = set(FIELDS[entity_type_id]) - {"fm"}
    refused = entity_type_id == DEAL or not call.portal.hub.switches.search_content
    searchable = set() if refused else {"searchContent"}
    test = compile_filter(filters, allowed | searchable)
    rows = [row for row in _readable_rows(call, entity_type_id, filters) if test(row)]
    rows = sort_rows(rows, order, allowed)
    page = cut_page(call, rows)
    select = php.values(call.optional_array("select")) or ["*"]
    items = [_select(row, select, entity_type_id) for row in page.result]
    if broken := call.take_fault("broken_row"):
        _break_row(items, broken.options.get("number"))
    whole = call.start != -1
    return Page({"items": items}, page.total if whole else None, page.next if whole else None)


def _mentions(filters: Any, name: str) -> bool:
    if not php.is_array(filters):
        return False
    for key, value in php.entries(filters):  # noqa: SIM110 - a loop, see compile_filter
        if key.endswith(name) or _mentions(value, name):
            return True
    return False


def _readable_rows(call: Call, entity_type_id: int, filters: Any) -> list[Row]:
    """Return the rows that the user may read; a filter by id builds no others."""
    table, searched = call.portal.state.crm(entity_type_id), _mentions(filters, "searchContent")
    rows = []
    for item in _candidates(table, filters):
        if may_read(call.user, entity_type_id, item.id):
            row = _serialize(call, entity_type_id, item)
            if searched:
                row["searchContent"] = search_content(item)
            rows.append(row)
    return rows


def _serialize(call: Call, entity_type_id: int, item: CrmItem) -> Row:
    row = serialize(entity_type_id, item)
    if "companyId" in row and not row["companyId"]:
        row["companyId"] = None if call.portal.hub.switches.null_company else 0
    return row


def _candidates(table: dict[int, CrmItem], filters: Any) -> Iterable[CrmItem]:
    named = filters if isinstance(filters, dict) and "logic" not in filters else {}
    for key in ("@id", "=id", "id"):
        if key in named:
            value = named[key]
            ids = {php.to_int(n) for n in (php.values(value) if php.is_array(value) else [value])}
            return [table[number] for number in sorted(ids) if number in table]
    return table.values()


def _select(row: Row, select: list[Any], entity_type_id: int) -> Any:
    """Select fields; `fm` needs `*`, unknown names are dropped, no field is `[]`."""
    if "*" in select:
        return {name: value for name, value in row.items() if name in FIELDS[entity_type_id]}
    names = [name for name in FIELDS[entity_type_id] if name in select and name != "fm"]
    return {name: row[name] for name in names} or []


def _break_row(items: list[Any], number: object) -> None:
    for item in items:
        if isinstance(item, dict) and item.get("id") == number:
            item["name"] = "\ud83d"


def require_rights(call: Call) -> None:
    if call.user.extranet:
        raise RestError("allowed_only_intranet_user", "Only intranet users are allowed to do this")
    if is_crm_closed(call):
        raise RestError("ACCESS_DENIED", "Access denied.")


def _find_item(call: Call, entity_type_id: int) -> CrmItem:
    number = call.integer("id")
    require_rights(call)
    item = call.portal.state.crm(entity_type_id).get(number)
    if item is None:
        raise RestError("NOT_FOUND", "Element is not found")
    if not may_read(call.user, entity_type_id, number):
        raise RestError("ACCESS_DENIED", "Access denied.")
    return item


@method("crm.item.get")
def item_get(call: Call) -> dict[str, Any]:
    entity_type_id = get_entity_type_id(call)
    return {"item": _serialize(call, entity_type_id, _find_item(call, entity_type_id))}


@method("crm.item.add")
def item_add(call: Call) -> dict[str, Any]:
    entity_type_id, fields = get_entity_type_id(call), call.array("fields")
    require_rights(call)
    if not call.user.crm_add:
        raise RestError("ACCESS_DENIED", "Access denied.")
    item = add_item(call.portal, entity_type_id, call.user.id, fields)
    return {"item": _serialize(call, entity_type_id, item)}


@method("crm.item.update")
def item_update(call: Call) -> dict[str, Any]:
    entity_type_id = get_entity_type_id(call)
    item, fields = _find_item(call, entity_type_id), call.array("fields")
    set_fields(call.portal, entity_type_id, item, fields, call.user.id)
    call.portal.hub.mark_changed()
    return {"item": _serialize(call, entity_type_id, item)}


@method("crm.item.delete")
def item_delete(call: Call) -> list[Any]:
    entity_type_id = get_entity_type_id(call)
    delete_item(call.portal, entity_type_id, _find_item(call, entity_type_id).id)
    return []


@method("crm.item.fields")
def item_fields(call: Call) -> dict[str, Any]:
    entity_type_id = get_entity_type_id(call)
    require_rights(call)
    required = call.portal.state.required_fields.get(ENTITY_NAMES[entity_type_id], [])
    fields = {
        name: {**describe_field(name, type_), "upperName": upper_name(name)}
        for name, type_ in FIELDS[entity_type_id].items()
    }
    for name in required:
        fields[name]["isRequired"] = True
    return {"fields": fields}
