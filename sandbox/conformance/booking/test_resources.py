"""Resources, working hours and types"""

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.conformance.conftest import Compare
from sandbox.conformance.rest import Rest
from sandbox.conformance.samples import Samples

RESOURCE, TYPE = "booking.v1.resource", "booking.v1.resourceType"
SLOTS = "booking.v1.resource.slots"
SLOT = {"from": 540, "to": 1080, "timezone": "UTC", "weekDays": ["Mon", "Fri"], "slotSize": 30}


@pytest.fixture
def room(samples: Samples, type_id: int) -> int:
    """A resource with working hours, for this test only."""
    number = samples.create_resource(type_id, description="For a test")
    answer = samples.portal.call(f"{SLOTS}.set", resourceId=number, slots=[SLOT])
    assert answer.result is True
    return number


def shown(portal: Rest, number: int) -> dict[str, Any]:
    return dict(portal.call(f"{RESOURCE}.get", id=number).result["resource"])


def slots(portal: Rest, number: int) -> list[dict[str, Any]]:
    rows = portal.call(f"{SLOTS}.list", resourceId=number).result["slots"]
    return [{name: value for name, value in row.items() if name != "id"} for row in rows]


def test_a_resource_has_flags_as_letters_and_no_working_hours(
    portal: Rest, samples: Samples, room: int, type_id: int
) -> None:
    row = shown(portal, room)
    wanted = {"name": samples.marker, "typeId": type_id, "isMain": "Y"}
    assert {name: row[name] for name in wanted} == wanted
    assert row["isReminderNotificationOn"] == "N"
    assert "slots" not in row


def test_a_resource_is_found_by_its_name_or_a_part_of_it_and_by_its_type(
    portal: Rest, samples: Samples, room: int, type_id: int
) -> None:
    def found(**filters: Any) -> bool:
        rows = portal.call(f"{RESOURCE}.list", filter=filters, order={"id": "DESC"}).result
        return room in [row["id"] for row in rows["resource"]]

    assert found(name=samples.marker)
    assert found(searchQuery=samples.marker[-6:])
    assert not found(name=samples.marker[:-1])
    assert found(isMain="Y")
    assert not found(isMain="N")
    assert found(typeId=type_id)
    assert not found(typeId=samples.absent)


def test_working_hours_are_replaced_and_removed(portal: Rest, room: int) -> None:
    assert slots(portal, room) == [SLOT]
    late = {**SLOT, "from": 1080, "to": 1200, "weekDays": ["Sun"]}
    assert portal.call(f"{SLOTS}.set", resourceId=room, slots=[late]).result is True
    assert slots(portal, room) == [late]
    assert portal.call(f"{SLOTS}.unset", resourceId=room).result is True
    assert slots(portal, room) == []


@pytest.mark.parametrize(
    "wrong",
    [{"to": 540}, {"weekDays": ["Monday"]}, {"weekDays": []}, {"to": 1500}],
    ids=["no time", "unknown day", "no day", "after midnight"],
)
def test_invalid_working_hours_are_refused_and_the_old_ones_stay(
    portal: Rest, room: int, wrong: dict[str, Any]
) -> None:
    answer = portal.call(f"{SLOTS}.set", resourceId=room, slots=[{**SLOT, **wrong}])
    assert (answer.error, answer.text) == ("422", "Invalid range fields")
    assert slots(portal, room) == [SLOT]


def test_whether_an_update_of_a_resource_removes_its_working_hours(
    portal: Rest, room: int, report: Callable[[object], None]
) -> None:
    assert portal.call(f"{RESOURCE}.update", id=room, fields={"description": "New"}).result is True
    assert shown(portal, room)["description"] == "New"
    report("it removes them" if slots(portal, room) == [] else "it keeps them")


def test_whether_an_update_of_a_resource_loses_its_type(
    portal: Rest, room: int, report: Callable[[object], None]
) -> None:
    assert portal.call(f"{RESOURCE}.update", id=room, fields={"description": "New"}).result is True
    report("it loses it" if shown(portal, room).get("typeId") is None else "it keeps it")


def test_a_resource_needs_a_name_and_a_known_type(
    portal: Rest, samples: Samples, compare: Compare
) -> None:
    answer = portal.call(f"{RESOURCE}.add", fields={})
    assert (answer.error, answer.text) == ("0", "Required fields: name")
    fields = {"name": samples.marker, "typeId": samples.absent}
    answer = portal.call(f"{RESOURCE}.add", fields=fields)
    compare(answer.error, source="1013", docs="1006")


def test_each_method_has_its_own_code_for_an_absent_resource(
    portal: Rest, samples: Samples
) -> None:
    gone = {"id": samples.absent}
    for answer, code in (
        (portal.call(f"{RESOURCE}.get", **gone), "1009"),
        (portal.call(f"{RESOURCE}.update", **gone, fields={}), "1007"),
        (portal.call(f"{RESOURCE}.delete", **gone), "1008"),
        (portal.call(f"{SLOTS}.list", resourceId=samples.absent), "1009"),
        (portal.call(f"{SLOTS}.unset", resourceId=samples.absent), "1009"),
        (portal.call(f"{TYPE}.get", **gone), "1013"),
        (portal.call(f"{TYPE}.delete", **gone), "1012"),
    ):
        assert answer.error == code


def test_a_type_with_resources_is_not_deleted_and_its_code_is_taken(
    portal: Rest, samples: Samples, type_id: int, room: int
) -> None:
    assert room
    assert portal.call(f"{TYPE}.delete", id=type_id).error == "1012"
    code = portal.call(f"{TYPE}.get", id=type_id).result["resourceType"]["code"]
    answer = portal.call(f"{TYPE}.add", fields={"name": samples.marker, "code": code})
    assert answer.error == "1010"
    rows = portal.call(f"{TYPE}.list", filter={"code": code}).result["resourceType"]
    assert [row["id"] for row in rows] == [type_id]
