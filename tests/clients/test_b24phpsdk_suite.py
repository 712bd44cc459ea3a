"""The flows of b24phpsdk's tests for bookings, by its exact requests.

Their originals stand in tests/Integration/Services/Booking of bitrix24/b24phpsdk and run against
the vendor's portals. Each flow here makes the same calls and checks the same values.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from sandbox import Sandbox
from sandbox.core import php
from sandbox.portal.portal import Portal
from tests.clients.steps import passed_in_readme
from tests.clients.wire import PhpSdk

DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri"]
SLOT = {"from": 540, "to": 1080, "timezone": "Europe/Berlin", "weekDays": DAYS, "slotSize": 30}
# The fields for which the suite knows a type; others make it fail.
NOTICES = {
    *(f"is{kind}NotificationOn" for kind in ("Cancellation", "Info", "Confirmation")),
    *(f"is{kind}NotificationOn" for kind in ("Reminder", "Feedback", "Delayed")),
    *(f"templateType{kind}" for kind in ("Confirmation", "Reminder", "Feedback", "Delayed")),
    *(f"{kind}NotificationDelay" for kind in ("cancellation", "info", "confirmation")),
    *(f"{kind}NotificationDelay" for kind in ("reminder", "delayed")),
    "confirmationNotificationRepetitions",
    "confirmationNotificationRepetitionsInterval",
    "confirmationCounterDelay",
    "delayedCounterDelay",
    "senderCode",
}


class Sdk:
    """Calls as the SDK's services make them; an error of the portal fails the flow."""

    def __init__(self, send: PhpSdk) -> None:
        self._send = send

    def call(self, method: str, **params: Any) -> Any:
        answer = self._send(method, **params)
        assert "error" not in answer, answer
        return answer["result"]

    def booking(self, method: str, **params: Any) -> Any:
        return self.call(f"booking.v1.{method}", **params)

    def batch(self, method: str, calls: dict[Any, dict[str, Any]]) -> list[Any]:
        commands = {
            str(key): f"booking.v1.{method}?{urlencode(list(php.flatten(params)))}"
            for key, params in calls.items()
        }
        maps = self.call("batch", cmd=commands, halt=0)
        assert maps["result_error"] == []
        # PHP reads the keys 0 to n - 1 as a list.
        return php.values(maps["result"])

    def pages(self, method: str, key: str, **params: Any) -> Iterator[Any]:
        """Read page after page until one is short, as the SDK's batches of bookings do."""
        start, rows = 0, [None] * 50
        while len(rows) == 50:
            rows = self.booking(method, **params, start=start)[key]
            yield from rows
            start += 50

    def make_type(self) -> int:
        fields = {"code": f"b24phpsdk-{uuid.uuid4().hex}", "name": "Type"}
        return int(self.booking("resourcetype.add", fields=fields))

    def make_resource(self, type_id: int | None = None) -> int:
        fields = {"typeId": type_id or self.make_type(), "name": "Room", "description": "Quiet"}
        return int(self.booking("resource.add", fields=fields))

    def make_record(self) -> int:
        return int(self.booking("waitlist.add", fields={"note": "Waits"}))

    def make_booking(self, resource: int) -> int:
        return int(self.booking("booking.add", fields=booking_fields(resource)))

    def make_contact(self) -> int:
        return int(self.call("crm.contact.add", fields={"NAME": "Nova"}))

    def make_deal(self) -> int:
        return int(self.call("crm.deal.add", fields={"TITLE": "Deal"}))


def booking_fields(resource: int, hours: int = 2) -> dict[str, Any]:
    start = int(time.time()) + hours * 3600
    ends = {"from": start, "to": start + 1800}
    period = {end: {"timestamp": at, "timezone": "Europe/Berlin"} for end, at in ends.items()}
    name = {"name": "Booking", "description": "First visit"}
    return {"resourceIds": [resource], "datePeriod": period, **name}


def client(contact: int) -> list[dict[str, Any]]:
    return [{"id": contact, "type": {"module": "crm", "code": "CONTACT"}}]


def with_id(rows: list[dict[str, Any]], number: int) -> dict[str, Any]:
    (found,) = [row for row in rows if row["id"] == number]
    return found


def crud(sdk: Sdk, thing: str, key: str, number: int, change: dict[str, Any]) -> None:
    """Read an item, change it, find it in a list, and delete it."""
    assert sdk.booking(f"{thing}.get", id=number)[key]["id"] == number
    assert sdk.booking(f"{thing}.update", id=number, fields=change) is True
    shown = sdk.booking(f"{thing}.get", id=number)[key]
    order = {} if thing == "waitlist" else {"order": {"id": "desc"}}
    rows = list(sdk.pages(f"{thing}.list", key, filter={"id": number}, **order))
    for row in (shown, with_id(rows, number)):
        assert {name: row[name] for name in change} == change
    assert sdk.booking(f"{thing}.delete", id=number) is True


def booking_crud(sdk: Sdk) -> None:
    resource = sdk.make_resource()
    number = sdk.make_booking(resource)
    shown = sdk.booking("booking.get", id=number)["booking"]
    assert (shown["name"], shown["description"]) == ("Booking", "First visit")
    assert shown["resourceIds"] == [resource]
    crud(sdk, "booking", "booking", number, {"name": "Later", "description": "Second visit"})


def booking_from_record(sdk: Sdk) -> None:
    given = booking_fields(sdk.make_resource())
    number = sdk.booking("booking.createfromwaitlist", waitListId=sdk.make_record(), fields=given)
    assert sdk.booking("booking.get", id=number)["booking"]["id"] == number


def record_crud(sdk: Sdk) -> None:
    crud(sdk, "waitlist", "waitList", sdk.make_record(), {"note": "Waits longer"})


def record_from_booking(sdk: Sdk) -> None:
    booking = sdk.make_booking(sdk.make_resource())
    number = sdk.booking("waitlist.createfrombooking", bookingId=booking)
    assert sdk.booking("waitlist.get", id=number)["waitList"]["id"] == number


def resource_crud(sdk: Sdk) -> None:
    type_id = sdk.make_type()
    number = sdk.make_resource(type_id)
    assert sdk.booking("resource.get", id=number)["resource"]["typeId"] == type_id
    crud(sdk, "resource", "resource", number, {"name": "Room A", "description": "Quieter"})


def type_crud(sdk: Sdk) -> None:
    change = {"code": f"b24phpsdk-{uuid.uuid4().hex}", "name": "Changed"}
    crud(sdk, "resourcetype", "resourceType", sdk.make_type(), change)


def slots(sdk: Sdk) -> None:
    resource = sdk.make_resource()
    assert sdk.booking("resource.slots.set", resourceId=resource, slots=[SLOT]) is True
    (row,) = sdk.booking("resource.slots.list", resourceId=resource)["slots"]
    assert {name: row[name] for name in SLOT} == SLOT
    assert sdk.booking("resource.slots.unset", resourceId=resource) is True
    assert sdk.booking("resource.slots.list", resourceId=resource)["slots"] == []


def client_types(sdk: Sdk) -> None:
    rows = sdk.booking("clienttype.list")["clientType"]
    assert {row["module"] for row in rows} == {"crm"}
    assert all(row["code"] for row in rows)


def clients_of(sdk: Sdk, thing: str, owner: dict[str, int]) -> None:
    contact = sdk.make_contact()
    assert sdk.booking(f"{thing}.client.set", **owner, clients=client(contact)) is True
    rows = sdk.booking(f"{thing}.client.list", **owner)
    assert list(rows.values()) == [client(contact)]
    assert sdk.booking(f"{thing}.client.unset", **owner) is True
    assert list(sdk.booking(f"{thing}.client.list", **owner).values()) == [[]]


def links_of(sdk: Sdk, thing: str, owner: dict[str, int]) -> None:
    link = {"moduleId": "crm", "entityTypeId": "DEAL", "value": str(sdk.make_deal())}
    assert sdk.booking(f"{thing}.externaldata.set", **owner, externalData=[link]) is True
    assert sdk.booking(f"{thing}.externaldata.list", **owner)["externalData"] == [link]
    assert sdk.booking(f"{thing}.externaldata.unset", **owner) is True
    assert sdk.booking(f"{thing}.externaldata.list", **owner)["externalData"] == []


def booking_clients(sdk: Sdk) -> None:
    clients_of(sdk, "booking", {"bookingId": sdk.make_booking(sdk.make_resource())})


def record_clients(sdk: Sdk) -> None:
    clients_of(sdk, "waitlist", {"waitListId": sdk.make_record()})


def booking_links(sdk: Sdk) -> None:
    links_of(sdk, "booking", {"bookingId": sdk.make_booking(sdk.make_resource())})


def record_links(sdk: Sdk) -> None:
    links_of(sdk, "waitlist", {"waitListId": sdk.make_record()})


def batch_of_bookings(sdk: Sdk) -> None:
    resource = sdk.make_resource()
    given = {at: {"fields": booking_fields(resource, hours)} for at, hours in ((0, 2), (1, 4))}
    added = sdk.batch("booking.add", given)
    assert len(added) == 2
    assert set(added) <= {row["id"] for row in sdk.pages("booking.list", "booking")}
    changes = {n: {"id": n, "fields": {"name": f"Changed {n}"}} for n in added}
    assert sdk.batch("booking.update", changes) == [True, True]
    for number in added:
        assert sdk.booking("booking.get", id=number)["booking"]["name"] == f"Changed {number}"
    assert sdk.batch("booking.delete", {n: {"id": n} for n in added}) == [True, True]


def batch_of_slots(sdk: Sdk) -> None:
    type_id = sdk.make_type()
    first, second = sdk.make_resource(type_id), sdk.make_resource(type_id)
    late = {**SLOT, "from": 600, "to": 1200, "weekDays": ["Wed", "Thu"], "slotSize": 60}
    given = {first: SLOT, second: late}
    setting = {n: {"resourceId": n, "slots": [slot]} for n, slot in given.items()}
    assert sdk.batch("resource.slots.set", setting) == [True, True]
    lists = sdk.batch("resource.slots.list", {n: {"resourceId": n} for n in given})
    for listed, slot in zip(lists, given.values(), strict=True):
        assert {name: listed["slots"][0][name] for name in slot} == slot


def batch_of_clients(sdk: Sdk) -> None:
    given = {sdk.make_record(): sdk.make_contact() for _ in range(2)}
    setting = {n: {"waitListId": n, "clients": client(c)} for n, c in given.items()}
    assert sdk.batch("waitlist.client.set", setting) == [True, True]
    lists = sdk.batch("waitlist.client.list", {n: {"waitListId": n} for n in given})
    assert [rows["waitListClient"] for rows in lists] == [client(c) for c in given.values()]


def fields_of_resources(sdk: Sdk) -> None:
    number = sdk.make_resource()
    own = {"id", "name", "description", "typeId", "isMain", "templateTypeInfo"}
    rows = list(sdk.pages("resource.list", "resource", order={"id": "desc"}))
    for row in (sdk.booking("resource.get", id=number)["resource"], with_id(rows, number)):
        assert set(row) <= own | NOTICES
    types = list(sdk.pages("resourcetype.list", "resourceType"))
    for row in types:
        assert set(row) <= {"id", "code", "name"} | NOTICES


FLOWS: tuple[Callable[[Sdk], None], ...] = (
    booking_crud,
    booking_from_record,
    record_crud,
    record_from_booking,
    resource_crud,
    type_crud,
    slots,
    client_types,
    booking_clients,
    record_clients,
    booking_links,
    record_links,
    batch_of_bookings,
    batch_of_slots,
    batch_of_clients,
    fields_of_resources,
)


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.__name__)
def test_a_flow_of_the_suite_passes(
    sandbox: Sandbox, portal: Portal, flow: Callable[[Sdk], None]
) -> None:
    flow(Sdk(PhpSdk(portal, None, str(sandbox.ca_file))))


def test_the_readme_says_how_many_flows_there_are() -> None:
    assert passed_in_readme("b24phpsdk") == (len(FLOWS), len(FLOWS))
