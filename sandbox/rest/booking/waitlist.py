"""booking.v1.waitlist.*: records; clients and links are in owners.py."""

from typing import Any

from sandbox.core import php
from sandbox.core.booking.stored_clients import fill_from_deal
from sandbox.core.model import Record
from sandbox.rest.booking import clients
from sandbox.rest.booking.common import (
    announce_record,
    created_within,
    find_record,
    list_reply,
    page_reply,
    read_id,
    require_feature,
    require_tool,
)
from sandbox.rest.booking.owners import OwnerMethods, register_methods
from sandbox.rest.call import Call, Page, field_value, method

register_methods(
    OwnerMethods[Record](
        prefix="booking.v1.waitlist",
        id_parameter="waitListId",
        clients_key="waitListClient",
        duplicate_code="1035",
        find=find_record,
        check_write=lambda call, _: require_feature(call, "booking"),
        announce=announce_record,
    )
)


def _serialize(record: Record) -> dict[str, Any]:
    return {"id": record.id, "note": record.note or None}


@method("booking.v1.waitlist.add")
def add(call: Call) -> int:
    fields = call.array("fields")
    require_tool(call)
    require_feature(call, "booking", "booking_waitlist")
    record = add_record(call, _parse_note(call, fields))
    announce_record(call, record, "add", "ADD")
    return record.id


def add_record(call: Call, note: str | None) -> Record:
    """Store a new record of the calling user; the caller announces it."""
    state = call.portal.state
    number = state.next_id("record")
    record = Record(number, note, call.user.id, call.portal.hub.clock.iso(), call.user.id)
    state.records[number] = record
    return record


def _parse_note(call: Call, fields: Any) -> str | None:
    note = php.to_text(field_value(fields, "note"))
    if call.take_fault("cut_note"):
        # A column of MySQL's three-byte `utf8` ends there.
        note = note[: next((at for at, char in enumerate(note) if ord(char) > 0xFFFF), None)]
    if call.take_fault("strip_note"):
        note = " ".join(note.split())
    return note or None


@method("booking.v1.waitlist.get")
def get(call: Call) -> Page:
    return Page({"waitList": _serialize(find_record(call, read_id(call)))})


@method("booking.v1.waitlist.list")
def list_(call: Call) -> Page:
    filters = call.optional_array("filter")
    is_wanted = created_within(call, filters)
    require_tool(call)
    records = [record for record in call.portal.records.values() if is_wanted(record)]
    return page_reply(call, "waitList", records, _serialize)


@method("booking.v1.waitlist.update")
def update(call: Call) -> bool:
    number, fields = call.integer("id"), call.array("fields")
    require_tool(call)
    record = find_record(call, number)
    require_feature(call, "booking")
    if isinstance(fields, dict) and "note" in fields:
        record.note = _parse_note(call, fields)
    if not record.clients:
        fill_from_deal(call.portal.state, record)
    announce_record(call, record, "update")
    return True


@method("booking.v1.waitlist.delete")
def delete(call: Call) -> bool:
    record = find_record(call, read_id(call), "1036", "wait list item not found")
    record.deleted = True
    announce_record(call, record, "delete", "DELETE")
    return True


@method("booking.v1.clienttype.list")
def client_type_list(call: Call) -> Page:
    require_tool(call)
    types = sorted(clients.client_types(call), key=lambda row: row.code)
    return list_reply(call, "clientType", [{"code": t.code, "module": t.module} for t in types])
