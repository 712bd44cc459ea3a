"""Batches"""

from typing import Any

import pytest

from sandbox.conformance.conftest import Compare
from sandbox.conformance.rest import BATCH, Rest
from sandbox.conformance.samples import CONTACT, Samples, contact

GET, CLIENTS = "booking.v1.waitlist.get", "booking.v1.waitlist.client.list"
UPDATE = "booking.v1.waitlist.update"
MAPS = {"result", "result_error", "result_total", "result_next", "result_time"}


def test_a_batch_without_failures_returns_lists_even_where_they_are_empty(portal: Rest) -> None:
    maps = portal.batch(["profile", "server.time"])
    assert set(maps) == MAPS
    assert isinstance(maps["result"], list)
    assert len(maps["result"]) == len(maps["result_time"]) == 2
    assert maps["result_error"] == maps["result_total"] == maps["result_next"] == []


def test_a_failed_command_is_in_result_error_and_turns_lists_into_objects(portal: Rest) -> None:
    answer = portal.call("batch", cmd=["profile", "no.such.method", "profile"])
    assert answer.status == 200
    maps = answer.result
    assert set(maps["result"]) == set(maps["result_time"]) == {"0", "2"}
    assert maps["result_error"]["1"]["error"] == "ERROR_METHOD_NOT_FOUND"


def test_a_single_failed_command_is_still_in_a_list(portal: Rest) -> None:
    maps = portal.batch(["no.such.method"])
    assert maps["result"] == []
    assert [row["error"] for row in maps["result_error"]] == ["ERROR_METHOD_NOT_FOUND"]


def test_commands_keep_their_names(portal: Rest, record_id: int) -> None:
    maps = portal.batch({"one": "profile", "two": f"{CLIENTS}?waitListId={record_id}"})
    assert set(maps["result"]) == {"one", "two"}
    assert maps["result_total"] in ({"two": 0}, [])


def test_a_batch_can_be_a_form(portal: Rest) -> None:
    maps = portal.form("batch", {"cmd[me]": "profile"}).result
    assert maps["result"]["me"]["ID"]


def test_a_command_that_is_not_text_is_skipped_but_counted(portal: Rest) -> None:
    objects: list[Any] = [{"method": "profile", "params": {}}] * (BATCH - 1)
    maps = portal.batch([*objects, "profile", "profile"])
    assert list(maps["result"]) == ["49"]
    assert maps["result_error"]["50"]["error"] == "ERROR_BATCH_LENGTH_EXCEEDED"


def test_fifty_commands_run_and_each_further_one_fails(portal: Rest) -> None:
    maps = portal.batch(["profile"] * (BATCH + 2))
    assert len(maps["result"]) == BATCH
    assert set(maps["result_error"]) == {"50", "51"}


def test_a_batch_in_a_batch_is_refused(portal: Rest) -> None:
    maps = portal.batch({"inner": "batch?cmd[0]=profile"})
    assert maps["result_error"]["inner"]["error"] == "ERROR_BATCH_METHOD_NOT_ALLOWED"


@pytest.mark.parametrize(
    ("commands", "docs"),
    [(["profile"] * (BATCH + 1), 400), (["batch?cmd[0]=profile"], 405)],
    ids=["too many", "forbidden"],
)
def test_the_status_of_a_batch_with_a_failed_command(
    portal: Rest, commands: list[str], docs: int, compare: Compare
) -> None:
    compare(portal.call("batch", cmd=commands).status, source=200, docs=docs)


@pytest.mark.parametrize("halt", [0, "0", "", False], ids=repr)
def test_without_halt_the_other_commands_run(portal: Rest, halt: Any) -> None:
    maps = portal.batch({"a": "no.such.method", "b": "profile"}, halt=halt)
    assert (set(maps["result"]), set(maps["result_error"])) == ({"b"}, {"a"})


@pytest.mark.parametrize("halt", [1, True, "false"], ids=repr)
def test_with_halt_the_commands_after_a_failure_are_missing(portal: Rest, halt: Any) -> None:
    maps = portal.batch({"a": "profile", "b": "no.such.method", "c": "profile"}, halt=halt)
    assert (set(maps["result"]), set(maps["result_error"])) == ({"a"}, {"b"})


def test_the_commands_before_a_failure_stay_executed(portal: Rest, record_id: int) -> None:
    update = f"{UPDATE}?id={record_id}&fields[note]="
    portal.batch({"a": update, "b": "no.such.method"}, halt=1)
    assert portal.call(GET, id=record_id).result["waitList"]["note"] is None


def test_a_reference_as_a_whole_value_passes_on_its_target(
    portal: Rest, samples: Samples, record_id: int, contact_id: int
) -> None:
    samples.set_clients(record_id, [contact(contact_id)])
    item = f"crm.item.get?entityTypeId={CONTACT}&id="
    maps = portal.batch(
        {
            "c": f"{CLIENTS}?waitListId={record_id}",
            "one": f"{item}$result[c][waitListClient][0][id]",
            "set": f"booking.v1.waitlist.client.set?waitListId={record_id}"
            "&clients=$result[c][waitListClient]",
        }
    )
    assert maps["result_error"] == []
    assert maps["result"]["one"]["item"]["id"] == contact_id
    assert maps["result"]["set"] is True


def test_a_reference_inside_a_text_is_replaced(portal: Rest, record_id: int) -> None:
    update = f"{UPDATE}?id={record_id}&fields[note]=by $result[p][ID] today"
    maps = portal.batch({"p": "profile", "u": update})
    note = portal.call(GET, id=record_id).result["waitList"]["note"]
    assert note == f"by {maps['result']['p']['ID']} today"


def test_two_references_without_a_space_count_as_one(portal: Rest, record_id: int) -> None:
    update = f"{UPDATE}?id={record_id}&fields[note]=$result[p][ID]-$result[p][ID]"
    maps = portal.batch({"p": "profile", "u": update})
    me = maps["result"]["p"]["ID"]
    assert maps["result"]["u"] is True
    assert portal.call(GET, id=record_id).result["waitList"]["note"] != f"{me}-{me}"


def test_a_reference_with_a_wrong_path_passes_on_its_last_valid_part(portal: Rest) -> None:
    maps = portal.batch({"p": "profile", "g": f"{GET}?id=$result[p][no][way]"})
    error = maps["result_error"]["g"]
    assert error["error"] == "100"
    assert error["error_description"].startswith("Invalid value {")


def test_a_batch_without_authorization_is_one_error(anonymous: Rest) -> None:
    answer = anonymous.call("batch", cmd=["profile"])
    assert (answer.status, answer.error) == (401, "NO_AUTH_FOUND")
