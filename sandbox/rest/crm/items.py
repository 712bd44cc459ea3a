"""crm.item.{list,get,add,update,fields} for deals (2), contacts (3) and companies (4)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sandbox.core import php
from sandbox.core.errors import RestError
from sandbox.core.model import (
    COMPANY,
    CONTACT,
    DEAL,
    Booking,
    CrmItem,
    Multifield,
    PortalState,
    WaitListItem,
)
from sandbox.core.stored_clients import mark_primary
from sandbox.portal.portal import Portal
from sandbox.rest.call import PAGE, Call, Page, field_value, method
from sandbox.rest.crm.fields import (
    FIELDS,
    READ_ONLY,
    cast,
    crm_closed,
    entity_type,
    may_read,
    search_content,
    shown,
)
from sandbox.rest.crm.filter import Row, compile_filter, sort_rows

_NAMES = {CONTACT: "contact", COMPANY: "company", DEAL: "deal"}
# What a portal fills in by itself, obligatory or not.
_DEFAULTS = {
    CONTACT: {"typeId": "CLIENT", "sourceId": "CALL"},
    COMPANY: {"typeId": "CUSTOMER", "isMyCompany": "N"},
}


@method("crm.item.list")
def item_list(call: Call) -> Page:
    kind = entity_type(call)
    _require_rights(call)
    filters, order = call.optional_array("filter"), call.optional_array("order")
    allowed = set(FIELDS[kind]) - {"fm"}
    refused = kind == DEAL or not call.portal.hub.switches.search_content
    searchable = set() if refused else {"searchContent"}
    test = compile_filter(filters, allowed | searchable)
    rows = [row for row in _readable(call, kind, filters) if test(row)]
    rows = sort_rows(rows, order, allowed)
    page = rows[call.offset : call.offset + PAGE]
    select = php.values(call.optional_array("select")) or ["*"]
    reply = Page({"items": [_selected(row, select, kind) for row in page]})
    if call.start != -1:
        reply.total = len(rows)
        after = call.offset + len(page)
        reply.next = after if after < len(rows) else None
    return reply


def _mentions(filters: Any, name: str) -> bool:
    if not php.is_array(filters):
        return False
    for key, value in php.entries(filters):  # noqa: SIM110 - one frame a level, see compile_filter
        if key.endswith(name) or _mentions(value, name):
            return True
    return False


def _readable(call: Call, kind: int, filters: Any) -> list[Row]:
    """Rows this user may read; a filter by id spares building all the others."""
    table, searched = call.portal.state.crm(kind), _mentions(filters, "searchContent")
    rows = []
    for item in _wanted(table, filters):
        if may_read(call.user, kind, item.id):
            row = shown(kind, item)
            if searched:
                row["searchContent"] = search_content(item)
            rows.append(row)
    return rows


def _wanted(table: dict[int, CrmItem], filters: Any) -> Iterable[CrmItem]:
    named = filters if isinstance(filters, dict) and "logic" not in filters else {}
    for key in ("@id", "=id", "id"):
        if key in named:
            value = named[key]
            ids = {php.to_int(n) for n in (php.values(value) if php.is_array(value) else [value])}
            return [table[number] for number in sorted(ids) if number in table]
    return table.values()


def _selected(row: Row, select: list[Any], kind: int) -> Any:
    """`fm` comes only with `*`; unknown names vanish; nothing valid leaves an empty PHP array."""
    if "*" in select:
        return {name: value for name, value in row.items() if name in FIELDS[kind]}
    names = [name for name in FIELDS[kind] if name in select and name != "fm"]
    return {name: row[name] for name in names} or []


def _require_rights(call: Call) -> None:
    if call.user.extranet:
        raise RestError("allowed_only_intranet_user", "Only intranet users are allowed to do this")
    if crm_closed(call):
        raise RestError("ACCESS_DENIED", "Access denied.")


def _existing(call: Call, kind: int) -> CrmItem:
    number = call.integer("id")
    _require_rights(call)
    item = call.portal.state.crm(kind).get(number)
    if item is None:
        raise RestError("NOT_FOUND", "Element is not found")
    if not may_read(call.user, kind, number):
        raise RestError("ACCESS_DENIED", "Access denied.")
    return item


@method("crm.item.get")
def item_get(call: Call) -> dict[str, Any]:
    kind = entity_type(call)
    return {"item": shown(kind, _existing(call, kind))}


@method("crm.item.add")
def item_add(call: Call) -> dict[str, Any]:
    kind, fields = entity_type(call), call.array("fields")
    _require_rights(call)
    if not call.user.crm_add:
        raise RestError("ACCESS_DENIED", "Access denied.")
    item = new_item(call.portal, kind, call.user.id, fields)
    return {"item": shown(kind, item)}


def new_item(portal: Portal, kind: int, user_id: int, fields: Any) -> CrmItem:
    """Adds a card, or refuses it for want of an obligatory field."""
    state, now = portal.state, portal.hub.clock.iso()
    item = CrmItem(0, {"categoryId": 0, "opened": "Y", **_DEFAULTS.get(kind, {})})
    item.fields |= {"createdTime": now, "createdBy": user_id, "assignedById": user_id}
    _write(portal, kind, item, fields, user_id)
    for name in state.required_fields.get(_NAMES[kind], []):
        if not (shown(kind, item).get(name) or item.fields.get(name)):
            text = f'The field "{_title(name)}" is required.'
            raise RestError("CRM_FIELD_ERROR_REQUIRED", text)
    item.id = state.next_id(_NAMES[kind])
    state.crm(kind)[item.id] = item
    portal.hub.changed()
    return item


@method("crm.item.update")
def item_update(call: Call) -> dict[str, Any]:
    kind = entity_type(call)
    item, fields = _existing(call, kind), call.array("fields")
    _write(call.portal, kind, item, fields, call.user.id)
    call.portal.hub.changed()
    return {"item": shown(kind, item)}


@method("crm.item.delete")
def item_delete(call: Call) -> list[Any]:
    """A card leaves waiting-list records, bookings and other cards, without an event of theirs."""
    kind = entity_type(call)
    item = _existing(call, kind)
    del call.portal.state.crm(kind)[item.id]
    _unlink(call.portal.state, kind, item.id)
    call.portal.hub.changed()
    return []


def _unlink(state: PortalState, kind: int, number: int) -> None:
    code = _NAMES[kind].upper()
    holders: list[WaitListItem | Booking] = [*state.records.values(), *state.bookings.values()]
    for holder in holders:
        holder.clients = [row for row in holder.clients if (row.code, row.id) != (code, number)]
        mark_primary(holder.clients)
    one, many = f"{_NAMES[kind]}Id", f"{_NAMES[kind]}Ids"
    for card in (*state.contacts.values(), *state.deals.values()):
        left = [other for other in card.fields.get(many) or [] if other != number]
        if many in card.fields:
            card.fields[many] = left
        if card.fields.get(one) == number:
            card.fields[one] = left[0] if left else 0


def _write(portal: Portal, kind: int, item: CrmItem, fields: Any, user_id: int) -> None:
    for name, value in php.entries(fields):
        if name in FIELDS[kind] and name not in READ_ONLY and name != "fm":
            item.fields[name] = cast(kind, name, value)
    multifields = field_value(fields, "fm")
    for entry in php.values(multifields) if php.is_array(multifields) else []:
        values = [field_value(entry, name) for name in ("typeId", "valueType", "value")]
        if values[0] and values[2]:
            number = portal.state.next_id("fm")
            item.fm.append(Multifield(number, *(php.to_text(value) for value in values)))
    item.fields["updatedTime"] = portal.hub.clock.iso()
    item.fields["updatedBy"] = user_id


@method("crm.item.fields")
def item_fields(call: Call) -> dict[str, Any]:
    kind = entity_type(call)
    _require_rights(call)
    required = call.portal.state.required_fields.get(_NAMES[kind], [])
    fields = {name: _described(name, type_) for name, type_ in FIELDS[kind].items()}
    for name in required:
        fields[name]["isRequired"] = True
    return {"fields": fields}


def _described(name: str, type_: str) -> dict[str, Any]:
    return {
        "type": type_,
        "isRequired": False,
        "isReadOnly": name in READ_ONLY,
        "isImmutable": False,
        "isMultiple": type_ == "crm_multifield" or name.endswith("Ids"),
        "isDynamic": False,
        "title": _title(name),
        "upperName": _upper(name),
    }


def _upper(name: str) -> str:
    return "".join(f"_{char}" if char.isupper() else char.upper() for char in name)


def _title(name: str) -> str:
    return _upper(name).replace("_", " ").capitalize()
