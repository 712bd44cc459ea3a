"""Resources, their working hours, and their types."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox import Sandbox
from sandbox.portal.portal import Portal
from tests.sandbox.booking.steps import book
from tests.sandbox.collector import collecting
from tests.sandbox.steps import Caller, error_of

ADD, GET, UPDATE, DELETE, LIST = (
    f"booking.v1.resource.{action}" for action in ("add", "get", "update", "delete", "list")
)
TYPE = "booking.v1.resourceType"
SLOTS = "booking.v1.resource.slots"
SLOT = {
    "from": 540,
    "to": 1080,
    "timezone": "Europe/Berlin",
    "weekDays": ["Mon", "Fri"],
    "slotSize": 30,
}


def names(call: Caller, **given: Any) -> list[str]:
    return [row["name"] for row in call(LIST, **given)[1]["result"]["resource"]]


def test_a_resource_is_added_read_changed_and_deleted(call: Caller) -> None:
    number = call(ADD, fields={"name": "Room 9", "typeId": "1", "isMain": "N"})[1]["result"]
    shown = call(GET, id=number)[1]["result"]["resource"]
    assert len(shown) == 26
    assert (shown["name"], shown["typeId"], shown["isMain"]) == ("Room 9", 1, "N")
    assert (shown["description"], shown["infoNotificationDelay"]) == (None, None)
    assert (shown["isInfoNotificationOn"], shown["reminderNotificationDelay"]) == ("Y", -1)
    changed = {
        "name": "Room 10",
        "typeId": 2,
        "description": "Upstairs",
        "isReminderNotificationOn": "N",
        "isFeedbackNotificationOn": "no",
        "delayedCounterDelay": "600",
        "templateTypeInfo": "animate",
    }
    assert call(UPDATE, id=number, fields=changed)[1]["result"] is True
    shown = call(GET, id=number)[1]["result"]["resource"]
    # What is neither Y nor N is dropped, numbers are cast, and what is not given stays.
    wanted = {**changed, "isFeedbackNotificationOn": "Y", "delayedCounterDelay": 600}
    assert {name: shown[name] for name in changed} == wanted
    assert shown["isMain"] == "N"
    assert call(DELETE, id=number)[1]["result"] is True
    assert error_of(call(GET, id=number)[1]) == ("1009", "Resource not found")
    assert error_of(call(DELETE, id=number)[1]) == ("1008", "Resource not found")
    assert error_of(call(UPDATE, id=number, fields={})[1]) == ("1007", "Resource not found")


def test_resources_are_filtered_and_sorted(call: Caller) -> None:
    assert names(call, filter={"searchQuery": "ROOM"}) == ["Room 1", "Room 2", "Treatment room"]
    assert names(call, filter={"name": "room 2"}) == ["Room 2"]
    assert names(call, filter={"name": "Room"}) == []
    assert names(call, filter={"typeId": 2}, order={"name": "DESC"})[0] == "Nurse Star"
    call(UPDATE, id=3, fields={"isMain": "N", "description": "Tall"})
    assert names(call, filter={"isMain": "N"}) == ["Dr. Amsel"]
    assert names(call, filter={"description": "tall"}) == ["Dr. Amsel"]
    assert len(names(call, filter={"isMain": "nonsense", "id": 3})) == 10


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, ("0", "Required fields: name")),
        ({"name": "X"}, ("1006", "ResourceType not found")),
        ({"name": "X", "typeId": 77}, ("1013", "Resource type with id 77 does not exist")),
        (
            {"name": "X", "typeId": 1, "templateTypeReminder": "x"},
            ("422", "Invalid value of the templateTypeReminder field"),
        ),
    ],
)
def test_a_bad_resource_is_refused(
    call: Caller, fields: dict[str, Any], error: tuple[str, str]
) -> None:
    assert error_of(call(ADD, fields=fields)[1]) == error
    assert len(names(call)) == 10


def test_resources_need_the_feature_for_writing_only(call: Caller, portal: Portal) -> None:
    portal.state.features["booking"] = False
    for method, target in (
        (ADD, {"fields": {"name": "X", "typeId": 1}}),
        (UPDATE, {"id": 1, "fields": {}}),
        (f"{SLOTS}.set", {"resourceId": 1, "slots": [SLOT]}),
        (f"{SLOTS}.unset", {"resourceId": 1}),
    ):
        assert error_of(call(method, **target)[1]) == ("0", "Feature is not available")
    assert call(GET, id=1)[0] == 200
    assert len(call(f"{SLOTS}.list", resourceId=3)[1]["result"]["slots"]) == 2


def test_a_resource_with_bookings_ahead_is_not_deleted(call: Caller, portal: Portal) -> None:
    portal.state.bookings.clear()
    number = book(call)
    error = "The resource can not be deleted. There are future bookings with that resource."
    assert error_of(call(DELETE, id=1)[1]) == ("1008", error)
    call("booking.v1.booking.delete", id=number)
    assert call(DELETE, id=1)[1]["result"] is True


def test_an_update_loses_slots_calendar_and_type(call: Caller, portal: Portal) -> None:
    assert call(UPDATE, id=1, fields={"name": "Room A"})[1]["result"] is True
    shown = call(GET, id=1)[1]["result"]["resource"]
    assert (shown["name"], shown["typeId"]) == ("Room A", None)
    assert call(f"{SLOTS}.list", resourceId=1)[1]["result"] == {"slots": []}
    assert portal.state.resources[1].calendar is False
    call(UPDATE, id=1, fields={"typeId": 1})
    assert call(GET, id=1)[1]["result"]["resource"]["typeId"] == 1


def test_with_the_switch_off_an_update_keeps_them(call: Caller, sandbox: Sandbox) -> None:
    sandbox.switches.update_wipes_slots = False
    call(UPDATE, id=1, fields={"name": "Room A"})
    assert call(GET, id=1)[1]["result"]["resource"]["typeId"] == 1
    assert len(call(f"{SLOTS}.list", resourceId=1)[1]["result"]["slots"]) == 1


def test_slots_are_replaced_listed_and_removed(call: Caller) -> None:
    late = {**SLOT, "from": "1100", "to": 1440, "timezone": "UTC", "weekDays": ["Sun"]}
    assert call(f"{SLOTS}.set", resourceId=2, slots=[SLOT, late])[1]["result"] is True
    body = call(f"{SLOTS}.list", resourceId=2)[1]
    shown = body["result"]["slots"]
    assert [{k: v for k, v in row.items() if k != "id"} for row in shown] == [
        SLOT,
        {**late, "from": 1100},
    ]
    assert (len({row["id"] for row in shown}), body["total"]) == (2, 0)
    assert call(f"{SLOTS}.unset", resourceId=2)[1]["result"] is True
    assert call(f"{SLOTS}.list", resourceId=2)[1]["result"] == {"slots": []}
    for method in ("list", "set", "unset"):
        body = call(f"{SLOTS}.{method}", resourceId=77, slots=[])[1]
        assert error_of(body) == ("1009", "Resource not found")


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"to": 540}, ("422", "Invalid range fields")),
        ({"to": 1441}, ("422", "Invalid range fields")),
        ({"from": -1}, ("422", "Invalid range fields")),
        ({"slotSize": 0}, ("422", "Invalid range fields")),
        ({"weekDays": []}, ("422", "Invalid range fields")),
        ({"weekDays": ["Monday"]}, ("422", "Invalid range fields")),
        ({"timezone": "Nowhere"}, ("422", "Invalid range fields")),
        ({"slotSize": None, "to": None}, ("0", "Required fields: to, slotSize")),
    ],
)
def test_bad_slots_are_refused_and_the_old_ones_stay(
    call: Caller, portal: Portal, wrong: dict[str, Any], error: tuple[str, str]
) -> None:
    before = list(portal.state.resources[1].slots)
    slots = [SLOT, {**SLOT, **wrong}]
    assert error_of(call(f"{SLOTS}.set", resourceId=1, slots=slots)[1]) == error
    assert error_of(call(f"{SLOTS}.set", resourceId=1, slots=["x"])[1])[0] == "422"
    assert portal.state.resources[1].slots == before


def test_a_type_is_added_read_changed_and_deleted(call: Caller) -> None:
    number = call(f"{TYPE}.add", fields={"code": "car", "name": "Cars"})[1]["result"]
    assert call(f"{TYPE}.get", id=number)[1]["result"]["resourceType"]["code"] == "car"
    for method, target, code in (("add", {}, "1010"), ("update", {"id": number}, "1011")):
        body = call(f"{TYPE}.{method}", **target, fields={"code": "CAR", "name": "Y"})[1]
        assert error_of(body) == (code, 'Resource type with code "CAR" already exists')
    changed = {"code": "van", "isDelayedNotificationOn": "N"}
    assert call(f"{TYPE}.update", id=number, fields=changed)[1]["result"] is True
    shown = call(f"{TYPE}.get", id=number)[1]["result"]["resourceType"]
    assert {name: shown[name] for name in changed} == changed
    assert (shown["name"], "moduleId" in shown) == ("Cars", False)
    assert call(f"{TYPE}.update", id=number, fields={"name": "No code"})[0] == 400
    assert call(f"{TYPE}.delete", id=number)[1]["result"] is True
    assert error_of(call(f"{TYPE}.get", id=number)[1]) == ("1013", "Resource type not found")
    body = call(f"{TYPE}.delete", id=number)[1]
    assert error_of(body) == ("1012", "Resource type has not been found")
    assert error_of(call(f"{TYPE}.delete", id=1)[1])[0] == "1012"
    assert error_of(call(f"{TYPE}.add", fields={})[1]) == ("0", "Required fields: name, code")


def test_types_are_filtered_and_sorted(call: Caller) -> None:
    def codes(**given: Any) -> list[str]:
        rows = call(f"{TYPE}.list", **given)[1]["result"]["resourceType"]
        return [row["code"] for row in rows]

    assert codes() == ["room", "specialist", "equipment"]
    assert codes(order={"code": "ASC"}) == ["equipment", "room", "specialist"]
    assert codes(filter={"code": "room"}) == ["room"]
    assert codes(filter={"searchQuery": "spec"}) == ["specialist"]
    assert codes(filter={"moduleId": "calendar"}) == []
    assert len(codes(filter={"id": 1})) == 3


def test_changes_of_resources_and_types_send_events(call: Caller, sandbox: Sandbox) -> None:
    with collecting() as app:
        for thing in ("RESOURCE", "RESOURCETYPE"):
            for what in ("ADD", "UPDATE", "DELETE"):
                event = f"ONBOOKING{thing}{what}"
                assert call("event.bind", user=1, event=event, handler=app.url)[0] == 200
        number = call(f"{TYPE}.add", fields={"code": "car", "name": "Cars"})[1]["result"]
        resource = call(ADD, fields={"name": "Van", "typeId": number})[1]["result"]
        call(f"{SLOTS}.set", resourceId=resource, slots=[SLOT])
        call(UPDATE, id=resource, fields={"typeId": number})
        call(DELETE, id=resource)
        call(f"{TYPE}.update", id=number, fields={"code": "cars"})
        call(f"{TYPE}.delete", id=number)
        assert sandbox.events.wait_idle()
    seen = [event["event"].removeprefix("ONBOOKINGRESOURCE") for event in app.events]
    assert seen == ["TYPEADD", "ADD", "UPDATE", "UPDATE", "DELETE", "TYPEUPDATE", "TYPEDELETE"]
    assert {event["data[ID]"] for event in app.events} == {str(number), str(resource)}
