"""Requests and replies, beside what the conformance suite shows of them."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
import requests

from sandbox import Sandbox
from sandbox.portal.portal import Portal
from tests.sandbox.steps import Caller


@pytest.fixture
def token(portal: Portal) -> str:
    return portal.launch(2).access_token


def test_a_method_name_may_end_with_xml(portal: Portal, token: str) -> None:
    answer = requests.post(f"{portal.client_endpoint}Profile.xml", {"auth": token}, timeout=30)
    assert answer.json()["result"]["ID"] == "2"


def test_a_batch_has_the_totals_of_its_commands(call: Caller) -> None:
    cmd = {"c": "crm.item.list?entityTypeId=4", "w": "booking.v1.waitlist.list", "p": "profile"}
    result = call("batch", cmd=cmd)[1]["result"]
    assert (result["result_total"], result["result_next"]) == ({"c": 40, "w": 0}, [])


def test_a_reference_with_a_wrong_path_passes_on_an_array(call: Caller) -> None:
    cmd = {"p": "profile", "g": "booking.v1.waitlist.get?id=$result[p][no][way]"}
    error = call("batch", cmd=cmd)[1]["result"]["result_error"]["g"]
    text = "Invalid value {Array} to match with parameter {id}. Should be value of type int."
    assert error == {"error": "100", "error_description": text}


def test_an_expired_token_fails_a_batch(call: Caller, portal: Portal) -> None:
    assert call("batch", cmd=["profile"])[0] == 200
    portal.hub.tokens.expire_access()
    status, body = call("batch", cmd=["profile"])
    assert (status, body["error"]) == (401, "expired_token")


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
