"""Call b24pysdk's wrappers for bookings and customers; print what answered."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from b24pysdk import BitrixWebhook, Client  # type: ignore[import-untyped]

SLOT = {"from": 540, "to": 1080, "timezone": "UTC", "weekDays": ["Mon"], "slotSize": 30}
LINK = {"moduleId": "crm", "entityTypeId": "DEAL", "value": "1"}
CLIENT = {"id": 1, "type": {"module": "crm", "code": "CONTACT"}}

answered: dict[str, str] = {}


def ask(name: str, call: Callable[..., Any], *given: Any, **more: Any) -> Any:
    """Call a wrapper and note whether it answered; returns the result, or 0."""
    try:
        result = call(*given, **more).result
    except Exception as problem:
        answered[name] = f"{type(problem).__name__}: {problem}"
        return 0
    answered[name] = "ok"
    return result


def period(hours: int) -> dict[str, Any]:
    start = datetime(2036, 1, 1, 9, tzinfo=UTC) + timedelta(hours=hours)
    ends = {"from": start, "to": start + timedelta(minutes=30)}
    return {
        name: {"timestamp": int(at.timestamp()), "timezone": "UTC"} for name, at in ends.items()
    }


def bookings(v1: Any) -> None:
    kind = ask("resource_type.add", v1.resource_type.add, {"code": "car", "name": "Cars"})
    ask("resource_type.get", v1.resource_type.get, kind)
    ask("resource_type.list", v1.resource_type.list, order={"id": "desc"})
    ask("resource_type.update", v1.resource_type.update, kind, {"code": "van"})
    resource = ask("resource.add", v1.resource.add, {"name": "Van", "typeId": kind})
    ask("resource.get", v1.resource.get, resource)
    ask("resource.list", v1.resource.list, filter={"name": "Van"})
    ask("resource.slots.set", v1.resource.slots.set, resource, [SLOT])
    ask("resource.slots.list", v1.resource.slots.list, resource)
    ask("resource.slots.unset", v1.resource.slots.unset, resource)
    ask("clienttype.list", v1.clienttype.list)
    record = ask("waitlist.add", v1.waitlist.add, {"note": "Waits"})
    ask("waitlist.get", v1.waitlist.get, record)
    ask("waitlist.list", v1.waitlist.list)
    ask("waitlist.update", v1.waitlist.update, record, {"note": "Waits longer"})
    fields = {"resourceIds": [resource], "datePeriod": period(0)}
    booking = ask("booking.add", v1.booking.add, fields)
    for name, owner, number in (
        ("waitlist", v1.waitlist, record),
        ("booking", v1.booking, booking),
    ):
        ask(f"{name}.client.set", owner.client.set, number, [CLIENT])
        ask(f"{name}.client.list", owner.client.list, number)
        ask(f"{name}.client.unset", owner.client.unset, number)
        ask(f"{name}.external_data.set", owner.external_data.set, number, [LINK])
        ask(f"{name}.external_data.list", owner.external_data.list, number)
        ask(f"{name}.external_data.unset", owner.external_data.unset, number)
    ask("booking.get", v1.booking.get, booking)
    ask("booking.list", v1.booking.list, filter={"resourceId": [resource]})
    ask("booking.update", v1.booking.update, booking, {"name": "Later"})
    fields = {"resourceIds": [resource], "datePeriod": period(1)}
    promoted = ask(
        "booking.createfromwaitlist", v1.booking.createfromwaitlist, record, fields=fields
    )
    back = ask("waitlist.createfrombooking", v1.waitlist.createfrombooking, promoted)
    ask("waitlist.delete", v1.waitlist.delete, back)
    ask("booking.delete", v1.booking.delete, booking)
    ask("resource.update", v1.resource.update, resource, {"typeId": kind, "name": "Big van"})
    ask("resource.delete", v1.resource.delete, resource)
    ask("resource_type.delete", v1.resource_type.delete, kind)


def customers(crm: Any) -> None:
    for name, title in (("contact", "NAME"), ("company", "TITLE"), ("deal", "TITLE")):
        kind = getattr(crm, name)
        ask(f"{name}.fields", kind.fields)
        number = ask(f"{name}.add", kind.add, {title: "Nova"})
        ask(f"{name}.get", kind.get, number)
        ask(f"{name}.list", kind.list, filter={"ID": number}, select=["ID"])
        ask(f"{name}.update", kind.update, number, {"COMMENTS": "New"})
        ask(f"{name}.delete", kind.delete, number)
    ask("item.fields", crm.item.fields, 3)
    number = ask("item.add", crm.item.add, 3, {"name": "Nova"})["item"]["id"]
    ask("item.get", crm.item.get, 3, number)
    ask("item.list", crm.item.list, 3, filter={"id": number})
    ask("item.update", crm.item.update, 3, number, {"post": "Pilot"})
    ask("item.import_", crm.item.import_, 3, {"name": "Nova"})
    ask("item.batch_import", crm.item.batch_import, 3, [{"name": "Nova"}])
    deadline = datetime(2036, 1, 1, 9, tzinfo=UTC)
    ask("activity.todo.add", crm.activity.todo.add, 3, number, deadline, title="Call")
    comment = {"ENTITY_TYPE": "contact", "ENTITY_ID": number, "COMMENT": "Came by"}
    ask("timeline.comment.add", crm.timeline.comment.add, comment)
    ask("activity.list", crm.activity.list, filter={"OWNER_ID": number})
    ask("duplicate.findbycomm", crm.duplicate.findbycomm, "PHONE", ["+1 212 555 0100"])
    ask("item.delete", crm.item.delete, 3, number)


def main(task: dict[str, Any]) -> None:
    webhook = BitrixWebhook(domain=task["domain"], webhook_token=task["webhook"])
    client = Client(webhook)
    if task["scope"] == "booking":
        bookings(client.booking.v1)
    else:
        customers(client.crm)
    print(json.dumps(answered))


main(json.loads(sys.argv[1]))
