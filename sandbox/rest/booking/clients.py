"""Clients of a waiting-list record or booking: reading, checking and replacing the list.

The order of the checks is the portal's; only the first failure is told, without its index.
"""

from __future__ import annotations

from typing import Any

from sandbox.core import errors, php
from sandbox.core.errors import RestError
from sandbox.core.model import Booking, ClientRow, ClientType, WaitListItem
from sandbox.core.stored_clients import add_rows, mark_primary
from sandbox.portal import events
from sandbox.rest.booking.common import whole_list
from sandbox.rest.call import Call, Page, field_value, require_keys

Parsed = list[tuple[int, str, str]]


def parse(clients: Any) -> Parsed:
    """Shape checks of the posted list: (id, module, code) per client."""
    return [_parsed(client) for client in php.values(clients)]


def _parsed(client: Any) -> tuple[int, str, str]:
    if not php.is_array(client):
        # The portal's text says "string" whatever was given.
        raise RestError("422", "Array's element must be array, string given")
    require_keys(client, "id", "type")
    kind = field_value(client, "type")
    if not php.is_array(kind):
        raise errors.required("type")
    require_keys(kind, "module", "code")
    return php.to_int(client["id"]), php.to_text(kind["module"]), php.to_text(kind["code"])


def known_types(call: Call, parsed: Parsed) -> list[tuple[int, ClientType]]:
    """Types are looked up in a table the portal fills lazily; on a fresh one it is empty."""
    table = client_types(call)
    found = []
    for number, module, code in parsed:
        match = (module.lower(), code.lower())
        kind = next((t for t in table if (t.module.lower(), t.code.lower()) == match), None)
        if kind is None:
            raise RestError("1025", "Client type not found")
        found.append((number, kind))
    return found


def client_types(call: Call) -> list[ClientType]:
    return [] if call.hit("no_client_types") else call.portal.state.client_types


def replace(
    call: Call,
    item: WaitListItem | Booking,
    wanted: list[tuple[int, ClientType]],
    failed: str = "1035",
) -> None:
    """Full replace of the rows read before; rows added meanwhile stay and may collide."""
    read_before = {row.row for row in item.clients}
    _collide(call, item)
    rows = [row for row in item.clients if row.row not in read_before]
    for number, kind in wanted:
        if any((row.module, row.code, row.id) == (kind.module, kind.code, number) for row in rows):
            # A failed transaction: the earlier rows (and the colleague's) are as they were.
            key = f"{item.id}-{kind.code}-{number}"
            raise RestError(failed, f"(1062) Duplicate entry '{key}' for key 'IX_CLIENT'")
        row = call.portal.state.next_id("row")
        rows.append(ClientRow(row, kind.module, kind.code, number))
    item.clients = rows
    mark_primary(item.clients)


def _collide(call: Call, item: WaitListItem | Booking) -> None:
    fault = call.hit("colleague_race")
    if fault:
        add_rows(call.portal.state, item, fault.options.get("clients") or _newcomer(item))


def colleague_edit(call: Call, item: WaitListItem) -> None:
    """Somebody else's save between this caller's list and set."""
    fault = call.hit("colleague_edit")
    if not fault:
        return
    if fault.options.get("replace"):
        item.clients = []
    add_rows(call.portal.state, item, fault.options.get("clients") or _newcomer(item))
    user_id = int(fault.options.get("user_id", 1))
    events.record_changed(call.portal, item, user_id=user_id, kind="colleague")


def _newcomer(item: WaitListItem | Booking) -> list[list[Any]]:
    taken = {row.id for row in item.clients}
    return [["CONTACT", next(number for number in range(1, 1000) if number not in taken)]]


def listed(call: Call, key: str, rows: list[ClientRow]) -> Page:
    shown = [{"id": row.id, "type": {"code": row.code, "module": row.module}} for row in rows]
    return whole_list(call, key, shown)
