"""Inexact answers of portals are read. Answers of another shape raise NoAnswer."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct, field

from bitrix24.answers import Rows, decode
from bitrix24.errors import NoAnswer
from bitrix24.ids import LARGEST_ID, Id, LenientId, parse_id


class Phone(Struct, frozen=True, rename="camel"):
    value: str = ""
    type_id: str = ""


class Person(Struct, frozen=True, rename="camel"):
    id: Id
    name: str = ""
    phones: list[Phone] = field(default_factory=list)
    company_id: LenientId = 0
    titles: dict[str, Phone] = field(default_factory=dict)
    manager: Phone | None = None


ANNA = Person(5, "Anna", [Phone("+49", "PHONE")])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "name", "phones", "titles", "0"]), inner)
    ),
    max_leaves=10,
)


@pytest.mark.parametrize(
    "row",
    [
        {"id": 5, "name": "Anna", "phones": [{"value": "+49", "typeId": "PHONE"}]},
        {"id": "5", "name": "Anna", "phones": {"0": {"value": "+49", "typeId": "PHONE"}}},
        {"id": 5, "name": "Anna", "phones": '[{"value": "+49", "typeId": "PHONE"}]'},
        {
            **{"id": 5, "name": "Anna", "phones": [{"value": "+49", "typeId": "PHONE"}]},
            **{"companyId": None, "titles": [], "manager": None, "unknown": object()},
        },
    ],
    ids=["as documented", "numbers as text, list as map", "stored as JSON", "empty and null"],
)
def test_a_person_is_read_however_a_portal_writes_it(row: dict[str, Any]) -> None:
    assert decode(row, Person) == ANNA


def test_a_list_may_come_as_a_map_and_under_a_key() -> None:
    people = [Person(1), Person(2)]
    assert decode([{"id": 1}, {"id": 2}], list[Person]) == people
    assert decode({"4": {"id": 1}, "7": {"id": 2}}, list[Person]) == people
    assert decode({"items": [{"id": 1}, {"id": 2}]}, list[Person], "items") == people


def test_an_empty_array_is_an_empty_list_and_an_empty_map() -> None:
    assert decode([], list[Person], "items") == decode({"items": []}, list[Person], "items") == []
    assert decode([], dict[str, list[LenientId]]) == {}
    assert decode([], Phone) == Phone()


def test_a_number_is_text_where_text_is_expected() -> None:
    assert decode({"id": 1, "name": 2026}, Person).name == "2026"


@pytest.mark.parametrize("name", ["admin", "installed", "open"])
def test_a_flag_may_be_y_or_n(name: str) -> None:
    class Flags(Struct):
        admin: bool = False
        installed: bool = True
        open: bool | None = None

    for written, flag in (("Y", True), ("N", False)):
        assert getattr(decode({name: written}, Flags), name) is flag
    with pytest.raises(NoAnswer):
        decode({name: "perhaps"}, Flags)


def test_a_list_is_a_map_by_position_where_a_map_is_expected() -> None:
    assert decode([3, "4"], dict[str, int]) == {"0": 3, "1": 4}


@pytest.mark.parametrize(
    "value",
    [None, "", "x", 0, -1, True, 1.5, LARGEST_ID + 1, 10**30, [], {}, "\N{SUPERSCRIPT TWO}"],
)
def test_a_value_that_is_no_id_is_no_answer_unless_the_shape_is_lenient(value: object) -> None:
    assert parse_id(value) == 0
    assert decode({"id": 1, "companyId": value}, Person).company_id == 0
    with pytest.raises(NoAnswer):
        decode({"id": value}, Person)


@pytest.mark.parametrize(
    ("value", "shape", "key"),
    [
        ([], Person, ""),
        ({"id": 1, "phones": "x"}, Person, ""),
        ({"id": 1, "phones": "[" * 100_000}, Person, ""),
        ({"id": 1, "name": ["x"]}, Person, ""),
        (None, list[Person], ""),
        ({"items": None}, list[Person], "items"),
        ({"others": []}, list[Person], "items"),
        (None, list[Person], "items"),
        ("x", dict[str, int], ""),
        (True, int, ""),
    ],
)
def test_another_shape_is_no_answer(value: object, shape: Any, key: str) -> None:
    with pytest.raises(NoAnswer):
        decode(value, shape, key)


@pytest.mark.parametrize("odd", [None, "", 7, [], {}, {"id": None}, {"id": 3, "phones": "x"}])
@pytest.mark.parametrize("key", ["", "items"])
def test_a_row_that_is_not_understood_costs_only_itself(odd: object, key: str) -> None:
    answers: list[Any] = [
        [{"id": 1}, odd, {"id": "2"}],
        {"4": {"id": 1}, "5": odd, "6": {"id": 2}},
    ]
    for answer in answers:
        people = decode({"items": answer} if key else answer, Rows[Person], key)
        assert people == [Person(1), Person(2)]
        assert people.unreadable == 1


def test_a_field_of_rows_loses_only_those_that_are_not_understood() -> None:
    class Family(Struct):
        people: Rows[Person] = field(default_factory=Rows)

    family = decode({"people": {"0": None, "1": {"id": "1"}}}, Family)
    assert family.people == [Person(1)]
    assert family.people.unreadable == 1
    assert decode({}, Family).people == decode({"people": None}, Family).people == []


@pytest.mark.parametrize("value", [None, "x", 7, True, {"items": None}])
def test_what_is_no_list_is_not_taken_for_rows(value: object) -> None:
    with pytest.raises(NoAnswer):
        decode(value, Rows[Person], "items" if isinstance(value, dict) else "")


def test_a_command_without_a_shape_takes_any_answer() -> None:
    anything = object()
    assert decode(anything, object, "items") is anything


@settings(deadline=None)
@given(JSON, st.sampled_from(["", "items"]))
def test_any_json_is_either_read_or_no_answer(value: Any, key: str) -> None:
    try:
        people = decode(value, list[Person], key)
    except NoAnswer:
        return
    assert all(isinstance(person, Person) and 0 < person.id <= LARGEST_ID for person in people)
