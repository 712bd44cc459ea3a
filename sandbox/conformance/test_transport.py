"""Requests and answers"""

from collections.abc import Callable

import pytest

from sandbox.conformance.conftest import Compare
from sandbox.conformance.rest import Rest
from sandbox.conformance.samples import CONTACT, Samples

GET, SET = "booking.v1.waitlist.get", "booking.v1.waitlist.client.set"


def test_a_success_has_a_result_a_time_and_these_headers(portal: Rest) -> None:
    answer = portal.call("profile")
    assert set(answer.body) == {"result", "time"}
    times = {"start", "finish", "duration", "processing", "date_start", "date_finish"}
    assert times <= set(answer.body["time"])
    assert answer.headers["Content-Type"].replace(" ", "") == "application/json;charset=utf-8"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_type_of_start_in_time(portal: Rest, compare: Compare) -> None:
    start = portal.call("profile").body["time"]["start"]
    compare(type(start).__name__, source="int", docs="float")


def test_an_error_has_a_code_and_a_text_but_no_result_and_no_time(
    portal: Rest, samples: Samples
) -> None:
    answer = portal.call(GET, id=samples.absent)
    assert answer.status == 400
    assert set(answer.body) == {"error", "error_description"}


def test_the_type_of_an_error_code(portal: Rest, samples: Samples, compare: Compare) -> None:
    code = portal.call(GET, id=samples.absent).body["error"]
    compare(type(code).__name__, source="str", docs="int")


@pytest.mark.parametrize("name", ["booking.v1.WaitList.Get", GET.upper(), GET + "/", GET + ".json"])
def test_a_method_name_can_be_in_any_case_or_end_with_a_slash_or_json(
    portal: Rest, record_id: int, name: str
) -> None:
    assert portal.call(name, id=record_id).result["waitList"]["id"] == record_id


def test_get_works_like_post(portal: Rest, record_id: int) -> None:
    assert portal.get(GET, id=str(record_id)).result["waitList"]["id"] == record_id


def test_a_method_is_looked_up_before_the_authorization(anonymous: Rest) -> None:
    unknown, known = anonymous.call("no.such.method"), anonymous.call(SET)
    assert (unknown.status, unknown.error) == (404, "ERROR_METHOD_NOT_FOUND")
    assert (known.status, known.error) == (401, "NO_AUTH_FOUND")


def test_an_unknown_action_of_a_known_controller_is_error_22002(portal: Rest) -> None:
    for controller in ("booking.v1.waitlist.client", "crm.item"):
        answer = portal.call(f"{controller}.foo")
        assert (answer.status, answer.error) == (400, "22002")


@pytest.mark.parametrize("body", ['{"id": ', "5", '"text"'])
def test_a_body_that_is_not_a_json_object_is_ignored(portal: Rest, body: str) -> None:
    answer = portal.raw(GET, body)
    assert (answer.error, answer.text) == ("100", "Could not find value for parameter {id}")


def test_a_token_in_a_broken_body_counts_as_missing(anonymous: Rest) -> None:
    assert anonymous.raw(GET, '{"auth": "some token", ').error == "NO_AUTH_FOUND"


def test_keys_of_a_json_body_replace_keys_of_the_query(portal: Rest, samples: Samples) -> None:
    record_id, body = samples.create_record(), '{"id": %d}'
    both = portal.raw(GET, body % record_id, "application/json", id=str(samples.absent))
    assert both.result["waitList"]["id"] == record_id
    assert portal.raw(GET, "{}", "application/json", id=str(record_id)).result


@pytest.mark.parametrize("kind", ["APPLICATION/JSON; charset=utf-8", "application/vnd.api+json"])
def test_several_content_types_are_read_as_json(portal: Rest, record_id: int, kind: str) -> None:
    assert portal.raw(GET, f'{{"id": {record_id}}}', kind).result["waitList"]["id"] == record_id


def test_a_body_of_another_type_is_read_as_a_query(portal: Rest, record_id: int) -> None:
    assert portal.raw(GET, f"id={record_id}", "text/plain").result["waitList"]["id"] == record_id


def test_form_fields_with_brackets_are_nested(
    portal: Rest, samples: Samples, record_id: int, contact_id: int
) -> None:
    fields = {
        "waitListId": str(record_id),
        "clients[0][id]": str(contact_id),
        "clients[0][type][module]": "crm",
        "clients[0][type][code]": "CONTACT",
    }
    assert portal.form(SET, fields).result is True
    assert samples.clients(record_id) == [("CONTACT", contact_id)]


@pytest.mark.parametrize(("field", "error"), [("clients", "100"), ("clients[]", "422")])
def test_a_form_cannot_send_an_empty_list(
    portal: Rest, record_id: int, field: str, error: str
) -> None:
    assert portal.form(SET, {"waitListId": str(record_id), field: ""}).error == error


def test_parameters_of_booking_methods_are_case_sensitive(portal: Rest, record_id: int) -> None:
    answer = portal.call(GET, ID=record_id)
    assert (answer.error, answer.text) == ("100", "Could not find value for parameter {id}")


def test_parameters_of_older_crm_methods_can_be_in_any_case(portal: Rest, contact_id: int) -> None:
    for name in ("filter", "FILTER", "Filter"):
        rows = portal.call("crm.contact.list", **{name: {"ID": contact_id}}).result
        assert [row["ID"] for row in rows] == [str(contact_id)]


def test_unknown_parameters_are_ignored(portal: Rest, record_id: int) -> None:
    assert portal.call(GET, id=record_id, wanted="no", select=["id"]).result["waitList"]


@pytest.mark.parametrize("value", ["x", ""])
def test_a_parameter_called_token_fails_the_call(portal: Rest, record_id: int, value: str) -> None:
    answer = portal.call(GET, id=record_id, token=value)
    text = answer.text.removeprefix("Access denied! ")
    assert (answer.status, answer.error, text) == (403, "ACCESS_DENIED", "Link check failed")


def test_a_token_parameter_of_null_is_ignored(portal: Rest, record_id: int) -> None:
    assert portal.call(GET, id=record_id, token=None).result["waitList"]["id"] == record_id


def test_an_application_gets_a_signature_for_a_state(app: Rest) -> None:
    assert app.call("profile", state="anything").body["signature"]
    assert "signature" not in app.call("profile").body


def test_whether_a_webhook_gets_a_signature_for_a_state(
    portal: Rest, report: Callable[[object], None]
) -> None:
    answer = portal.call("profile", state="anything")
    assert answer.result
    report("yes" if "signature" in answer.body else "no")


def test_a_missing_entity_type_is_an_error(portal: Rest) -> None:
    answer = portal.call("crm.item.list")
    assert (answer.error, answer.text) == (
        "100",
        "Could not find value for parameter {entityTypeId}",
    )
    assert portal.call("crm.item.list", entityTypeId=str(CONTACT), start=-1).result
