"""A batch is written as PHP reads it, and its answer is read as PHP writes it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitrix24.batch import BATCH_SIZE, NOT_CARRIED_OUT, Command, in_batches, read_answer
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
    commands = [Command("profile", {"number": number}) for number in range(count)]
    parts = list(in_batches(commands))
    assert all(0 < len(part) <= BATCH_SIZE for part in parts)
    assert [command for part in parts for command in part] == commands
    assert len(parts) == -(-count // BATCH_SIZE)


FAILURE = {"error": "1040", "error_description": "Wait list item not found"}


FIRST, SECOND = Command("profile", {"of": "first"}), Command("profile", {"of": "second"}, int)


@pytest.mark.parametrize(
    ("answer", "results", "errors"),
    [
        ({"result": [1, 2], "result_error": []}, {FIRST: 1, SECOND: 2}, {}),
        ({"result": {"0": 1, "1": 2}, "result_error": {}}, {FIRST: 1, SECOND: 2}, {}),
        ({"result": {"1": 2}, "result_error": [FAILURE]}, {SECOND: 2}, {FIRST: "1040"}),
        ({"result": [1], "result_error": {"1": FAILURE}}, {FIRST: 1}, {SECOND: "1040"}),
        ({"result": [None]}, {FIRST: None}, {SECOND: "OddAnswer"}),
        ([], {}, {FIRST: "OddAnswer", SECOND: "OddAnswer"}),
        (None, {}, {FIRST: "OddAnswer", SECOND: "OddAnswer"}),
        (
            {"result": "?", "result_error": 0},
            {},
            {FIRST: "OddAnswer", SECOND: "OddAnswer"},
        ),
        ({"result": {"1": 2}, "result_error": ["?"]}, {SECOND: 2}, {FIRST: ""}),
    ],
)
def test_every_command_has_a_result_or_an_error(
    answer: Any, results: dict[Command, Any], errors: dict[Command, str]
) -> None:
    read = read_answer([FIRST, SECOND], answer)
    assert read.results == results
    assert {command: error.code for command, error in read.errors.items()} == errors


def test_the_answer_to_a_failed_command_raises_its_error() -> None:
    answer = read_answer([FIRST, SECOND], {"result": {"1": 3}, "result_error": [{"error": "100"}]})
    assert answer[SECOND] == answer.get(Command("profile", {"of": "second"}, int)) == 3
    assert answer.get(FIRST) is None
    with pytest.raises(MalformedCall):
        answer[FIRST]


def test_a_command_that_was_left_out_is_no_success() -> None:
    answer = read_answer([FIRST], {"result": []})
    with pytest.raises(NoAnswer):
        answer[FIRST]


def test_a_command_after_a_halt_was_not_carried_out() -> None:
    answer = read_answer([FIRST, SECOND], {"result_error": [FAILURE]}, halt=True)
    assert type(answer.errors[SECOND]) is PortalError
    assert answer.errors[SECOND].code == NOT_CARRIED_OUT


def test_an_answer_of_another_shape_is_an_error_of_its_command_alone() -> None:
    answer = read_answer([FIRST, SECOND], {"result": ["?", "?"]})
    assert answer[FIRST] == "?"
    assert isinstance(answer.errors[SECOND], NoAnswer)


def test_equal_commands_share_an_error_of_one_of_them() -> None:
    answer = read_answer([SECOND, SECOND], {"result": {"1": 7}, "result_error": [FAILURE]})
    assert answer.get(SECOND) is None
    with pytest.raises(Refused):
        answer[SECOND]


def test_the_same_call_with_another_shape_has_an_answer_of_its_own() -> None:
    as_text = Command("profile", {"of": "second"}, str)
    answer = read_answer([SECOND, as_text], {"result": [7, 7]})
    assert (answer[SECOND], answer[as_text]) == (7, "7")


@pytest.mark.parametrize(
    ("value", "mapping"),
    [({"a": 1}, {"a": 1}), ([], {}), ([5, 6], {"0": 5, "1": 6}), (None, {}), ("x", {}), (0, {})],
)
def test_a_php_array_is_a_map_however_it_was_written(value: Any, mapping: Any) -> None:
    assert php_map(value) == mapping
