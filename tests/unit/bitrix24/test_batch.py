"""A batch is written as PHP reads it, and its answer is read as PHP writes it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitrix24.batch import BATCH_SIZE, Command, in_batches, read_answer
from bitrix24.errors import MalformedCall, NoAnswer, PortalError, Refused
from bitrix24.php import bracket_query, php_map
from sandbox.core import php

KEYS = st.from_regex(r"[@!%=]?[A-Za-z_]{1,8}", fullmatch=True)
LEAVES = st.one_of(st.text(), st.integers(), st.booleans())


def filled(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.lists(inner, min_size=1, max_size=4),
        st.dictionaries(KEYS, inner, min_size=1, max_size=4),
    )


PARAMS = st.dictionaries(KEYS, st.recursive(LEAVES, filled, max_leaves=8), max_size=5)


def as_php_reads(value: Any) -> Any:
    """Return the value as PHP would: every leaf becomes a string."""
    if isinstance(value, dict):
        return {key: as_php_reads(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_php_reads(item) for item in value]
    return str(int(value)) if isinstance(value, bool) else str(value)


@settings(deadline=None)
@given(PARAMS)
def test_a_portal_reads_the_parameters_as_they_were_given(params: dict[str, Any]) -> None:
    assert php.parse_query(bracket_query(params)) == as_php_reads(params)


@settings(deadline=None)
@given(PARAMS)
def test_no_parameter_can_end_a_command_early(params: dict[str, Any]) -> None:
    method, _, query = str(Command("crm.item.list", params)).partition("?")
    assert method == "crm.item.list"
    assert not set(query) & set("#? \n")


def test_parameters_without_a_value_are_left_out() -> None:
    assert bracket_query({"a": None, "b": {"c": None}}) == ""


def test_an_empty_list_is_refused_rather_than_left_out() -> None:
    with pytest.raises(ValueError, match="empty list"):
        bracket_query({"filter": {"@id": []}})


@settings(deadline=None)
@given(st.integers(0, 180))
def test_no_batch_is_too_long_and_no_command_is_lost(count: int) -> None:
    commands = {f"c{number}": Command("profile") for number in range(count)}
    parts = list(in_batches(commands))
    assert all(0 < len(part) <= BATCH_SIZE for part in parts)
    assert [key for part in parts for key in part] == list(commands)
    assert len(parts) == -(-count // BATCH_SIZE)


FAILURE = {"error": "1040", "error_description": "Wait list item not found"}


@pytest.mark.parametrize(
    ("keys", "answer", "results", "errors"),
    [
        ("ab", {"result": {"a": 1, "b": 2}, "result_error": []}, {"a": 1, "b": 2}, {}),
        ("01", {"result": [1, 2], "result_error": []}, {"0": 1, "1": 2}, {}),
        ("01", {"result": {"1": 2}, "result_error": [FAILURE]}, {"1": 2}, {"0": "1040"}),
        ("a", {"result": [], "result_error": {"a": FAILURE}}, {}, {"a": "1040"}),
        ("ab", {"result": {"a": None}, "result_error": []}, {"a": None}, {"b": "NOT_CARRIED_OUT"}),
        ("a", [], {}, {"a": "NOT_CARRIED_OUT"}),
        ("a", None, {}, {"a": "NOT_CARRIED_OUT"}),
        ("a", {"result": "?", "result_error": 0}, {}, {"a": "NOT_CARRIED_OUT"}),
        ("a", {"result": [], "result_error": {"a": "?"}}, {}, {"a": ""}),
    ],
)
def test_every_command_has_a_result_or_an_error(
    keys: str, answer: Any, results: dict[str, Any], errors: dict[str, str]
) -> None:
    commands = {key: Command("profile", {"of": key}) for key in keys}
    read = read_answer(commands, answer)
    asked = commands.items()
    assert {key: read[one] for key, one in asked if one in read.results} == results
    assert {key: read.errors[one].code for key, one in asked if one in read.errors} == errors


def test_the_answer_to_a_failed_command_raises_its_error() -> None:
    failed, done = Command("profile", {"of": "a"}), Command("profile", {"of": "b"}, int)
    answer = read_answer(
        {"a": failed, "b": done}, {"result": {"b": 3}, "result_error": {"a": {"error": "100"}}}
    )
    assert answer[done] == answer.get(Command("profile", {"of": "b"}, int)) == 3
    assert answer.get(failed) is None
    with pytest.raises(MalformedCall):
        answer[failed]


def test_a_command_that_was_not_carried_out_is_no_success() -> None:
    answer = read_answer({"a": Command("profile")}, {"result": []})
    with pytest.raises(PortalError) as caught:
        answer[Command("profile")]
    assert type(caught.value) is PortalError
    assert not isinstance(caught.value, Refused)


def test_an_answer_of_another_shape_is_an_error_of_its_command_alone() -> None:
    odd, sound = Command("profile", {"of": "a"}, int), Command("profile", {"of": "b"}, int)
    answer = read_answer({"a": odd, "b": sound}, {"result": {"a": "?", "b": "7"}})
    assert answer[sound] == 7
    assert isinstance(answer.errors[odd], NoAnswer)


@pytest.mark.parametrize(
    ("value", "mapping"),
    [({"a": 1}, {"a": 1}), ([], {}), ([5, 6], {"0": 5, "1": 6}), (None, {}), ("x", {}), (0, {})],
)
def test_a_php_array_is_a_map_however_it_was_written(value: Any, mapping: Any) -> None:
    assert php_map(value) == mapping
