"""batch: commands, references, and PHP arrays that change their shape."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.portal.portal import Portal
from tests.sandbox.steps import Caller

CLIENTS = "booking.v1.waitlist.client.list"


def run(call: Caller, cmd: Any, **more: Any) -> dict[str, Any]:
    status, body = call("batch", cmd=cmd, **more)
    assert status == 200
    result: dict[str, Any] = body["result"]
    return result


def test_a_batch_without_failures_returns_lists_even_where_they_are_empty(call: Caller) -> None:
    reply = run(call, ["profile", "server.time"])
    assert [entry["ID"] for entry in reply["result"][:1]] == ["2"]
    assert isinstance(reply["result"], list)
    assert reply["result_error"] == reply["result_next"] == reply["result_total"] == []
    assert len(reply["result_time"]) == 2


def test_a_failed_command_turns_the_lists_into_objects(call: Caller) -> None:
    reply = run(call, ["profile", "no.such", "profile"])
    assert list(reply["result"]) == ["0", "2"]
    assert list(reply["result_error"]) == ["1"]
    assert list(reply["result_time"]) == ["0", "2"]


def test_a_single_failed_command_is_still_in_a_list(call: Caller) -> None:
    reply = run(call, ["no.such"])
    assert reply["result"] == []
    assert [error["error"] for error in reply["result_error"]] == ["ERROR_METHOD_NOT_FOUND"]


def test_commands_keep_their_names(call: Caller) -> None:
    reply = run(call, {"one": "profile", "two": f"{CLIENTS}?waitListId=1"})
    assert set(reply["result"]) == {"one", "two"}
    assert reply["result_total"] == {"two": 0}


def test_a_batch_passes_on_total_and_next(call: Caller) -> None:
    reply = run(call, {"c": "crm.item.list?entityTypeId=4&order[id]=ASC"})
    assert (reply["result_total"], reply["result_next"]) == ({"c": 40}, [])
    reply = run(call, ["crm.item.list?entityTypeId=3"], user=1)
    assert (reply["result_total"], reply["result_next"]) == ([400], [50])


def test_a_command_that_is_not_text_is_skipped_but_counted(call: Caller) -> None:
    objects: list[Any] = [{"method": "profile", "params": {}}] * 49
    reply = run(call, [*objects, "profile", "profile"])
    assert list(reply["result"]) == ["49"]
    assert reply["result_error"]["50"]["error"] == "ERROR_BATCH_LENGTH_EXCEEDED"


def test_fifty_commands_run_and_each_further_one_fails(call: Caller) -> None:
    reply = run(call, ["profile"] * 52)
    assert len(reply["result"]) == 50
    assert list(reply["result_error"]) == ["50", "51"]


def test_a_batch_inside_a_batch_is_refused(call: Caller) -> None:
    reply = run(call, {"a": "batch?cmd[0]=profile"})
    assert reply["result_error"]["a"]["error"] == "ERROR_BATCH_METHOD_NOT_ALLOWED"


@pytest.mark.parametrize(
    ("halt", "stops"),
    [(0, False), ("0", False), ("", False), (False, False), (1, True), ("false", True)],
)
def test_halt_is_cast_as_in_php(call: Caller, halt: Any, stops: bool) -> None:
    reply = run(call, {"a": "no.such", "b": "profile"}, halt=halt)
    assert ("b" in reply["result"]) is not stops
    assert list(reply["result_error"]) == ["a"]


def test_a_reference_as_a_whole_value_passes_on_its_target(call: Caller, portal: Portal) -> None:
    record = next(item for item in portal.records.values() if item.clients[:1])
    code = {"CONTACT": 3, "COMPANY": 4}[record.clients[0].code]
    reply = run(
        call,
        {
            "c": f"{CLIENTS}?waitListId={record.id}",
            "i": f"crm.item.get?entityTypeId={code}&id=$result[c][waitListClient][0][id]",
        },
        user=1,
    )
    assert reply["result"]["i"]["item"]["id"] == record.clients[0].id


def test_a_reference_inside_a_text_is_replaced(call: Caller, portal: Portal) -> None:
    run(
        call,
        {"p": "profile", "u": "booking.v1.waitlist.update?id=1&fields[note]=by $result[p][NAME] !"},
    )
    assert portal.records[1].note == "by Marek !"


def test_a_reference_with_a_wrong_path_passes_on_its_last_valid_part(call: Caller) -> None:
    reply = run(call, {"p": "profile", "g": "booking.v1.waitlist.get?id=$result[p][no][way]"})
    assert reply["result_error"]["g"] == {
        "error": "100",
        "error_description": "Invalid value {Array} to match with parameter {id}. "
        "Should be value of type int.",
    }


def test_a_missing_scope_has_no_text_and_an_expired_token_fails_the_batch(
    call: Caller, portal: Portal
) -> None:
    reply = run(call, {"u": "user.current"})
    error = {"error": "insufficient_scope", "error_description": ""}
    assert reply["result_error"]["u"] == error
    portal.hub.tokens.expire_access()
    status, body = call("batch", cmd=["profile"])
    assert (status, body["error"]) == (401, "expired_token")


def test_the_commands_before_a_failure_stay_executed(call: Caller, portal: Portal) -> None:
    run(call, {"u": "booking.v1.waitlist.client.unset?waitListId=1", "x": "no.such"}, halt=1)
    assert portal.clients(1) == []
