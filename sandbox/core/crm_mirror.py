"""The CRM mirror: one activity per record that has ever had a client or a deal.

It is written after the REST reply. A record that has lost all clients keeps its old activity,
because the portal's update returns early when there is nothing to bind.

The switch `mirror` is "true", "late" (nothing is written until it is changed), "false" (the mirror
names other customers), "text" (SETTINGS is JSON text) or "empty" (SETTINGS is empty).
"""

import json
from typing import Any

from sandbox.core.booking.stored_clients import deal_id, show_links
from sandbox.core.model import (
    COMPANY,
    CONTACT,
    DEAL,
    Activity,
    ClientRow,
    PortalState,
    Record,
)

PROVIDER_ID = "CRM_WAIT_LIST_ITEM"
PROVIDER_TYPE_ID = "WAIT_LIST_ITEM"
_OWNER_TYPES = {"CONTACT": CONTACT, "COMPANY": COMPANY, "DEAL": DEAL}


def write_mirror(state: PortalState, record: Record, now: str) -> None:
    """Write the activity of a record, or remove it with the record."""
    known = state.activities.get(record.id)
    if record.deleted:
        if known:
            del state.activities[record.id]
        return
    bindings = _bindings(record)
    if not bindings:
        return
    if known is None:
        number = state.next_id("activity")
        known = Activity(number, record.id, record.created, now, record.created_by, bindings, {})
        state.activities[record.id] = known
    known.bindings = bindings
    known.updated = now
    known.fields = _fields(state, record)


def serialize_settings(activity: Activity, behavior: str) -> Any:
    """Return SETTINGS of an activity as `crm.activity.list` does."""
    fields = activity.fields
    if behavior == "empty":
        return []
    if behavior == "false":
        others = [{**client, "id": client["id"] + 1} for client in fields["clients"]]
        fields = {**fields, "clients": others}
    return json.dumps({"FIELDS": fields}) if behavior == "text" else {"FIELDS": fields}


def _bindings(record: Record) -> list[tuple[int, int]]:
    found = [(_OWNER_TYPES[row.code], row.id) for row in record.clients if row.code in _OWNER_TYPES]
    return found + [(DEAL, number) for row in record.external if (number := deal_id(row))]


def _fields(state: PortalState, record: Record) -> dict[str, Any]:
    return {
        "id": record.id,
        "clients": [
            {
                "typeModule": row.module,
                "typeCode": row.code,
                "id": row.id,
                "phones": _phones(state, row),
            }
            for row in record.clients
        ],
        "externalData": show_links(record.external),
        "createdBy": record.created_by,
        "note": record.note,
    }


def _phones(state: PortalState, row: ClientRow) -> list[str]:
    item = state.customer(row)
    return item.values("PHONE") if item else []
