"""booking.v1.waitlist.*: records, their clients, their external links."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sandbox.core import php
from sandbox.core.errors import RestError
from sandbox.core.model import ExternalRow, WaitListItem
from sandbox.core.stored_clients import fill_from_deal
from sandbox.rest.booking import clients
from sandbox.rest.booking.common import (
    changed,
    created_within,
    one_page,
    record,
    require_feature,
    require_tool,
    whole_list,
)
from sandbox.rest.call import Call, Page, field_value, method, require_keys


def _shown(item: WaitListItem) -> dict[str, Any]:
    return {"id": item.id, "note": item.note or None}


@method("booking.v1.waitlist.add")
def add(call: Call) -> int:
    fields = call.array("fields")
    require_tool(call)
    require_feature(call, "booking", "booking_waitlist")
    item = new_record(call, _note(fields))
    changed(call, item, "add", "ADD")
    return item.id


def new_record(call: Call, note: str | None) -> WaitListItem:
    state = call.portal.state
    number = state.next_id("record")
    item = WaitListItem(number, note, call.user.id, call.portal.hub.clock.iso(), call.user.id)
    state.records[number] = item
    return item


def _note(fields: Any) -> str | None:
    value = field_value(fields, "note")
    return php.to_text(value) or None


@method("booking.v1.waitlist.get")
def get(call: Call) -> Page:
    number = call.integer("id")
    require_tool(call)
    return Page({"waitList": _shown(record(call, number))})


@method("booking.v1.waitlist.list")
def list_(call: Call) -> Page:
    filters = call.optional_array("filter")
    within = created_within(call, filters)
    require_tool(call)
    items = [item for item in call.portal.state.records.values() if not item.deleted]
    if within:
        first, last = within
        items = [i for i in items if first <= datetime.fromisoformat(i.created) < last]
    return one_page(call, "waitList", [_shown(item) for item in items])


@method("booking.v1.waitlist.update")
def update(call: Call) -> bool:
    number, fields = call.integer("id"), call.array("fields")
    require_tool(call)
    item = record(call, number)
    require_feature(call, "booking")
    if isinstance(fields, dict) and "note" in fields:
        item.note = _note(fields)
    if not item.clients:
        fill_from_deal(call.portal.state, item)
    changed(call, item, "update")
    return True


@method("booking.v1.waitlist.delete")
def delete(call: Call) -> bool:
    number = call.integer("id")
    require_tool(call)
    item = call.portal.state.records.get(number)
    if item is None or item.deleted:
        raise RestError("1036", "wait list item not found")
    item.deleted = True
    changed(call, item, "delete", "DELETE")
    return True


@method("booking.v1.waitlist.client.list")
def client_list(call: Call) -> Page:
    number = call.integer("waitListId")
    require_tool(call)
    return clients.listed(call, "waitListClient", record(call, number).clients)


@method("booking.v1.waitlist.client.set")
def client_set(call: Call) -> bool:
    number, given = call.integer("waitListId"), call.array("clients")
    parsed = clients.parse(given)
    require_tool(call)
    item = record(call, number)
    wanted = clients.known_types(call, parsed)
    require_feature(call, "booking")
    clients.colleague_edit(call, item)
    if not item.clients and not wanted:
        fill_from_deal(call.portal.state, item)
    else:
        clients.replace(call, item, wanted)
    changed(call, item, "client.set")
    return True


@method("booking.v1.waitlist.client.unset")
def client_unset(call: Call) -> bool:
    number = call.integer("waitListId")
    require_tool(call)
    item = record(call, number)
    require_feature(call, "booking")
    clients.colleague_edit(call, item)
    if item.clients:
        item.clients = []
    else:
        fill_from_deal(call.portal.state, item)
    changed(call, item, "client.unset")
    return True


@method("booking.v1.waitlist.externalData.list")
def external_list(call: Call) -> Page:
    number = call.integer("waitListId")
    require_tool(call)
    return whole_list(call, "externalData", shown_external(record(call, number).external))


@method("booking.v1.waitlist.externalData.set")
def external_set(call: Call) -> bool:
    number, given = call.integer("waitListId"), call.array("externalData")
    rows = parse_external(given)
    return _replace_external(call, number, rows, "externalData.set")


@method("booking.v1.waitlist.externalData.unset")
def external_unset(call: Call) -> bool:
    return _replace_external(call, call.integer("waitListId"), [], "externalData.unset")


def _replace_external(call: Call, number: int, rows: list[ExternalRow], kind: str) -> bool:
    require_tool(call)
    item = record(call, number)
    require_feature(call, "booking")
    item.external = rows
    if not item.clients:
        fill_from_deal(call.portal.state, item)
    changed(call, item, kind)
    return True


def shown_external(rows: list[ExternalRow]) -> list[dict[str, str]]:
    return [
        {"entityTypeId": row.entity_type_id, "moduleId": row.module_id, "value": row.value}
        for row in rows
    ]


def parse_external(given: Any) -> list[ExternalRow]:
    rows = []
    for link in php.values(given):
        if not php.is_array(link):
            raise RestError("422", "Array's element must be array, string given")
        names = ("moduleId", "entityTypeId", "value")
        require_keys(link, *names)
        rows.append(ExternalRow(*(php.to_text(link[name]) for name in names)))
    return rows


@method("booking.v1.clienttype.list")
def client_type_list(call: Call) -> Page:
    require_tool(call)
    types = sorted(clients.client_types(call), key=lambda kind: kind.code)
    return whole_list(call, "clientType", [{"code": t.code, "module": t.module} for t in types])
