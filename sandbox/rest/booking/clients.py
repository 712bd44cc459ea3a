"""The clients of a record or booking: parse, check and replace the list.

Only the first bad client is reported, without its index, as a portal does.
"""

from typing import Any

from sandbox.core import php
from sandbox.core.booking.stored_clients import add_rows, mark_primary
from sandbox.core.errors import RestError
from sandbox.core.model import ClientOwner, ClientRow, ClientType, Record
from sandbox.portal import events
from sandbox.rest.booking.common import object_rows, require_object
from sandbox.rest.call import Call

Parsed = list[tuple[int, str, str]]


def parse(clients: Any) -> Parsed:
    """Check the shape of the posted list; returns (id, module, code) per client."""
    parsed = []
    for client in object_rows(clients, "id", "type"):
        kind = require_object(client, "type", "module", "code")
        module, code = php.to_text(kind["module"]), php.to_text(kind["code"])
        parsed.append((php.to_int(client["id"]), module, code))
    return parsed


def resolve_types(call: Call, parsed: Parsed) -> list[tuple[int, ClientType]]:
    """Look the types up in the portal's table, which is empty on a fresh portal.

    Raises RestError 1025 when the table lacks a type.
    """
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
    return [] if call.take_fault("no_client_types") else call.portal.state.client_types


def replace(
    call: Call, item: ClientOwner, wanted: list[tuple[int, ClientType]], duplicate_code: str
) -> None:
    """Replace the clients; one that a colleague adds meanwhile stays and may collide.

    Raises RestError `duplicate_code` when a client is there twice; nothing is changed then.
    """
    read_before = {row.row_id for row in item.clients}
    _apply_colleague_race(call, item)
    rows = [row for row in item.clients if row.row_id not in read_before]
    for number, kind in wanted:
        if any((row.module, row.code, row.id) == (kind.module, kind.code, number) for row in rows):
            # The transaction fails: the earlier rows, and the colleague's, stay as they are.
            key = f"{item.id}-{kind.code}-{number}"
            raise RestError(duplicate_code, f"(1062) Duplicate entry '{key}' for key 'IX_CLIENT'")
        row = call.portal.state.next_id("row")
        rows.append(ClientRow(row, kind.module, kind.code, number))
    item.clients = rows
    mark_primary(item.clients)


def _apply_colleague_race(call: Call, item: ClientOwner) -> None:
    fault = call.take_fault("colleague_race")
    if fault:
        add_rows(call.portal.state, item, fault.options.get("clients") or _pick_contact(item))


def apply_colleague_edit(call: Call, item: ClientOwner) -> None:
    """Apply the fault `colleague_edit`: a save between this caller's list and its set."""
    fault = call.take_fault("colleague_edit")
    if not fault:
        return
    if fault.options.get("replace"):
        item.clients = []
    add_rows(call.portal.state, item, fault.options.get("clients") or _pick_contact(item))
    if isinstance(item, Record):
        user_id = int(fault.options.get("user_id", 1))
        events.announce_record_change(call.portal, item, user_id=user_id, kind="colleague")


def _pick_contact(item: ClientOwner) -> list[list[Any]]:
    taken = {row.id for row in item.clients}
    return [["CONTACT", next(number for number in range(1, 1000) if number not in taken)]]


def serialize(rows: list[ClientRow]) -> list[dict[str, Any]]:
    return [{"id": row.id, "type": {"code": row.code, "module": row.module}} for row in rows]
