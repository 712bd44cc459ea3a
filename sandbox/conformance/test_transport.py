"""Requests and answers"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sandbox.conformance.conftest import Sides
from sandbox.conformance.rest import Rest
from sandbox.conformance.workshop import CONTACT, Workshop

GET, SET = "booking.v1.waitlist.get", "booking.v1.waitlist.client.set"


def test_a_success_has_a_result_and_a_time_and_the_headers_of_a_portal(portal: Rest) -> None:
    answer = portal.call("profile")
    assert set(answer.body) == {"result", "time"}
    times = {"start", "finish", "duration", "processing", "date_start", "date_finish"}
    assert times <= set(answer.body["time"])
    assert answer.headers["Content-Type"].replace(" ", "") == "application/json;charset=utf-8"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_start_of_the_time_is_a_whole_number_or_not(portal: Rest, sides: Sides) -> None:
    start = portal.call("profile").body["time"]["start"]
    sides(type(start).__name__, source="int", docs="float")


def test_an_error_has_a_code_and_a_text_and_neither_result_nor_time(
    portal: Rest, workshop: Workshop
) -> None:
    answer = portal.call(GET, id=workshop.absent)
    assert answer.status == 400
    assert set(answer.body) == {"error", "error_description"}


def test_an_error_code_is_a_string_or_a_number(
    portal: Rest, workshop: Workshop, sides: Sides
) -> None:
    code = portal.call(GET, id=workshop.absent).body["error"]
    sides(type(code).__name__, source="str", docs="int")


@pytest.mark.parametrize("name", ["booking.v1.WaitList.Get", GET.upper(), GET + "/", GET + ".json"])
def test_a_method_is_found_in_any_case_with_a_slash_and_with_its_transport(
    portal: Rest, record: int, name: str
) -> None:
    assert portal.call(name, id=record).result["waitList"]["id"] == record


def test_get_serves_as_well_as_post(portal: Rest, record: int) -> None:
    assert portal.get(GET, id=str(record)).result["waitList"]["id"] == record


def test_a_method_is_looked_up_before_anybody_is_asked_who_they_are(stranger: Rest) -> None:
    unknown, known = stranger.call("no.such.method"), stranger.call(SET)
    assert (unknown.status, unknown.error) == (404, "ERROR_METHOD_NOT_FOUND")
    assert (known.status, known.error) == (401, "NO_AUTH_FOUND")


def test_an_unknown_action_of_a_known_controller_is_22002(portal: Rest) -> None:
    for controller in ("booking.v1.waitlist.client", "crm.item"):
        answer = portal.call(f"{controller}.foo")
        assert (answer.status, answer.error) == (400, "22002")


@pytest.mark.parametrize("body", ['{"id": ', "5", '"text"'])
def test_a_body_that_is_no_json_object_is_dropped_without_a_word(portal: Rest, body: str) -> None:
    answer = portal.raw(GET, body)
    assert (answer.error, answer.text) == ("100", "Could not find value for parameter {id}")


def test_a_token_in_a_broken_body_is_lost_and_looks_like_a_missing_one(stranger: Rest) -> None:
    assert stranger.raw(GET, '{"auth": "some token", ').error == "NO_AUTH_FOUND"


def test_json_replaces_single_keys_of_the_query(portal: Rest, workshop: Workshop) -> None:
    record, body = workshop.record(), '{"id": %d}'
    both = portal.raw(GET, body % record, "application/json", id=str(workshop.absent))
    assert both.result["waitList"]["id"] == record
    assert portal.raw(GET, "{}", "application/json", id=str(record)).result


@pytest.mark.parametrize("kind", ["APPLICATION/JSON; charset=utf-8", "application/vnd.api+json"])
def test_json_goes_by_several_content_types(portal: Rest, record: int, kind: str) -> None:
    assert portal.raw(GET, f'{{"id": {record}}}', kind).result["waitList"]["id"] == record


def test_any_other_body_is_read_as_a_query(portal: Rest, record: int) -> None:
    assert portal.raw(GET, f"id={record}", "text/plain").result["waitList"]["id"] == record


def test_form_fields_with_brackets_are_nested(
    portal: Rest, workshop: Workshop, record: int, someone: int
) -> None:
    fields = {
        "waitListId": str(record),
        "clients[0][id]": str(someone),
        "clients[0][type][module]": "crm",
        "clients[0][type][code]": "CONTACT",
    }
    assert portal.form(SET, fields).result is True
    assert workshop.clients(record) == [("CONTACT", someone)]


@pytest.mark.parametrize(("field", "error"), [("clients", "100"), ("clients[]", "422")])
def test_a_form_can_not_say_empty_list(portal: Rest, record: int, field: str, error: str) -> None:
    assert portal.form(SET, {"waitListId": str(record), field: ""}).error == error


def test_booking_methods_know_their_parameters_in_one_case_only(portal: Rest, record: int) -> None:
    answer = portal.call(GET, ID=record)
    assert (answer.error, answer.text) == ("100", "Could not find value for parameter {id}")


def test_old_crm_methods_know_their_parameters_in_any_case(portal: Rest, someone: int) -> None:
    for name in ("filter", "FILTER", "Filter"):
        rows = portal.call("crm.contact.list", **{name: {"ID": someone}}).result
        assert [row["ID"] for row in rows] == [str(someone)]


def test_unknown_parameters_are_ignored(portal: Rest, record: int) -> None:
    assert portal.call(GET, id=record, wanted="no", select=["id"]).result["waitList"]


@pytest.mark.parametrize("value", ["x", ""])
def test_a_parameter_called_token_ends_the_call(portal: Rest, record: int, value: str) -> None:
    answer = portal.call(GET, id=record, token=value)
    text = answer.text.removeprefix("Access denied! ")
    assert (answer.status, answer.error, text) == (403, "ACCESS_DENIED", "Link check failed")


def test_a_token_of_null_is_none(portal: Rest, record: int) -> None:
    assert portal.call(GET, id=record, token=None).result["waitList"]["id"] == record


def test_a_state_comes_back_as_a_signature_to_an_application(app: Rest) -> None:
    assert app.call("profile", state="anything").body["signature"]
    assert "signature" not in app.call("profile").body


def test_whether_the_state_of_a_webhook_comes_back_as_a_signature(
    portal: Rest, observed: Callable[[object], None]
) -> None:
    answer = portal.call("profile", state="anything")
    assert answer.result
    observed("yes" if "signature" in answer.body else "no")


def test_a_missing_entity_type_is_a_missing_parameter(portal: Rest) -> None:
    answer = portal.call("crm.item.list")
    assert (answer.error, answer.text) == (
        "100",
        "Could not find value for parameter {entityTypeId}",
    )
    assert portal.call("crm.item.list", entityTypeId=str(CONTACT), start=-1).result
