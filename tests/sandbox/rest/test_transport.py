"""Requests and replies: method names, encodings, tokens, statuses, recording."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
import requests

from sandbox import Sandbox
from sandbox.portal.portal import Portal
from tests.sandbox.steps import Caller

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def token(portal: Portal) -> str:
    return portal.launch(2).access_token


def test_a_success_has_a_result_a_time_and_these_headers(portal: Portal, token: str) -> None:
    answer = requests.get(portal.client_endpoint + "profile", {"auth": token}, timeout=30)
    assert set(answer.json()) == {"result", "time"}
    assert {"start", "finish", "duration", "processing"} <= set(answer.json()["time"])
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_an_error_has_two_keys_and_no_time(call: Caller) -> None:
    status, body = call("booking.v1.waitlist.get", id=99999)
    assert (status, set(body)) == (400, {"error", "error_description"})
    assert body["error"] == "1040"


@pytest.mark.parametrize("name", ["profile", "PROFILE", "profile/", "profile.json", "Profile.xml"])
def test_a_method_name_can_be_in_any_case_or_have_a_suffix(
    portal: Portal, token: str, name: str
) -> None:
    answer = requests.post(portal.client_endpoint + name, {"auth": token}, timeout=30)
    assert answer.json()["result"]["ID"] == "2"


def test_an_unknown_method_is_404_without_a_token_too(portal: Portal) -> None:
    unknown = requests.get(portal.client_endpoint + "no.such", timeout=30)
    known = requests.get(portal.client_endpoint + "profile", timeout=30)
    assert (unknown.status_code, unknown.json()["error"]) == (404, "ERROR_METHOD_NOT_FOUND")
    assert (known.status_code, known.json()["error"]) == (401, "NO_AUTH_FOUND")


def test_an_unknown_action_of_a_known_controller_is_error_22002(call: Caller) -> None:
    status, body = call("booking.v1.waitlist.client.foo")
    assert (status, body["error"]) == (400, "22002")


def test_a_broken_json_body_is_ignored(portal: Portal, token: str) -> None:
    url = portal.client_endpoint + "booking.v1.waitlist.get"
    lost = requests.post(url, data=b'{"id": 1, "auth": ', headers=JSON, timeout=30)
    assert lost.json()["error"] == "NO_AUTH_FOUND"
    kept = requests.post(url, params={"auth": token}, data=b"{", headers=JSON, timeout=30)
    assert kept.json() == {
        "error": "100",
        "error_description": "Could not find value for parameter {id}",
    }


def test_json_replaces_top_level_keys_of_the_query(portal: Portal, token: str) -> None:
    url = portal.client_endpoint + "booking.v1.waitlist.get?id=2"
    answer = requests.post(url, json={"id": 1, "auth": token}, timeout=30)
    assert answer.json()["result"]["waitList"]["id"] == 1


def test_form_fields_with_brackets_become_nested_arrays(portal: Portal, token: str) -> None:
    form = {
        "auth": token,
        "waitListId": "1",
        "clients[0][id]": "5",
        "clients[0][type][module]": "crm",
        "clients[0][type][code]": "CONTACT",
    }
    url = portal.client_endpoint + "booking.v1.waitlist.client.set"
    assert requests.post(url, form, timeout=30).json()["result"] is True
    assert portal.clients(1) == [("CONTACT", 5)]


@pytest.mark.parametrize(("field", "error"), [("clients", "100"), ("clients[]", "422")])
def test_a_form_cannot_send_an_empty_list(
    portal: Portal, token: str, field: str, error: str
) -> None:
    form = {"auth": token, "waitListId": "1", field: ""}
    url = portal.client_endpoint + "booking.v1.waitlist.client.set"
    assert requests.post(url, form, timeout=30).json()["error"] == error


def test_the_bearer_header_wins_over_auth_and_auth_over_access_token(portal: Portal) -> None:
    tokens = [portal.launch(user).access_token for user in (1, 2, 5)]
    url = portal.client_endpoint + "profile"
    body = {"auth": tokens[1], "access_token": tokens[2]}

    def who(body: dict[str, str], header: str | None = None) -> str:
        headers = {"Authorization": header} if header else {}
        result = requests.post(url, json=body, headers=headers, timeout=30).json()["result"]
        return str(result["ID"])

    assert who(body, f"bearer {tokens[0]}") == "1"
    assert who(body, "Basic abc") == "2"
    assert who({"auth": "", "access_token": tokens[2]}) == "5"


def test_a_parameter_called_token_fails_the_call(call: Caller) -> None:
    status, body = call("profile", token="x")
    assert (status, body["error_description"]) == (403, "Link check failed")


def test_a_webhook_acts_as_its_user_and_an_unknown_one_is_refused(portal: Portal) -> None:
    assert requests.get(portal.webhook_url + "profile", timeout=30).json()["result"]["ID"] == "1"
    wrong = requests.get(f"{portal.client_endpoint}1/nonsense/profile", timeout=30)
    assert (wrong.status_code, wrong.json()["error"]) == (401, "INVALID_CREDENTIALS")


def test_a_missing_scope_is_refused(call: Caller) -> None:
    status, body = call("user.current")
    assert (status, body["error"]) == (401, "insufficient_scope")


def test_a_user_without_access_is_refused_with_a_status_of_source_or_docs(
    sandbox: Sandbox, call: Caller
) -> None:
    assert call("profile", user=3)[0] == 401
    sandbox.switches.docs_statuses = True
    status, body = call("profile", user=3)
    assert (status, body["error"]) == (403, "user_access_error")


def test_a_token_of_another_portal_is_refused(sandbox: Sandbox, portal: Portal) -> None:
    foreign = sandbox.portals[1].launch(1).access_token
    answer = requests.get(portal.client_endpoint + "profile", {"auth": foreign}, timeout=30)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")


def test_a_browser_preflight_is_answered(portal: Portal) -> None:
    answer = requests.options(portal.client_endpoint + "profile", timeout=30)
    assert answer.headers["Access-Control-Allow-Headers"] == "origin, content-type, accept"


def test_requests_are_recorded_without_tokens(portal: Portal, call: Caller, token: str) -> None:
    call("batch", cmd={"a": "profile", "b": "no.such"})
    requests.get(portal.client_endpoint + "profile", {"auth": token, "x": "1"}, timeout=30)
    batch, single = portal.requests
    assert batch.methods == ["profile", "no.such"]
    assert [sub.error for sub in batch.calls] == [None, "ERROR_METHOD_NOT_FOUND"]
    assert (single.method, single.user_id, single.status, single.params) == (
        "profile", 2, 200, {"x": "1"},
    )  # fmt: skip
    assert token not in json.dumps([asdict(record) for record in portal.requests])


def test_one_connection_serves_many_calls(portal: Portal, token: str) -> None:
    with requests.Session() as session:
        for _ in range(3):
            answer = session.get(portal.client_endpoint + "profile", params={"auth": token})
            assert answer.headers.get("Connection") != "close"
