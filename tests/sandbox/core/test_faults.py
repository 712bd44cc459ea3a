"""Faults and limits: what each kind does, and how often."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from sandbox import Sandbox
from sandbox.core.faults import Fault
from sandbox.core.limits import LeakyBucket, OperatingTime
from sandbox.portal.portal import Portal
from sandbox.rest import transport
from tests.sandbox.steps import Caller, contact

SET = "booking.v1.waitlist.client.set"


@pytest.mark.parametrize(
    ("kind", "status", "error"),
    [
        ("QUERY_LIMIT_EXCEEDED", 503, "QUERY_LIMIT_EXCEEDED"),
        ("OPERATION_TIME_LIMIT", 429, "OPERATION_TIME_LIMIT"),
        ("expired_token", 401, "expired_token"),
        ("user_access_error", 401, "user_access_error"),
        ("PAYMENT_REQUIRED", 401, "PAYMENT_REQUIRED"),
        ("OVERLOAD_LIMIT", 401, "OVERLOAD_LIMIT"),
        ("commercial_plan", 401, "ACCESS_DENIED"),
        ("booking_disabled", 400, "0"),
        ("feature_off", 400, "0"),
        ("no_client_types", 400, "1025"),
    ],
)
def test_a_fault_occurs_once_and_changes_nothing(
    call: Caller, portal: Portal, kind: str, status: int, error: str
) -> None:
    before = portal.clients(1)
    portal.faults.add(kind, SET, count=1)
    assert call("profile")[0] == 200
    answer = call(SET, waitListId=1, clients=[contact(5)])
    assert (answer[0], answer[1]["error"]) == (status, error)
    assert portal.clients(1) == before
    assert call(SET, waitListId=1, clients=[contact(5)])[0] == 200


@pytest.mark.parametrize("kind", ["OVERLOAD_LIMIT", "commercial_plan"])
def test_a_fault_of_the_whole_portal_concerns_its_webhook_too(portal: Portal, kind: str) -> None:
    portal.faults.add(kind, count=1)
    answers = [requests.get(f"{portal.webhook_url}profile", timeout=30) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [401, 200]


def test_a_refused_caller_runs_no_command_of_a_batch(call: Caller, portal: Portal) -> None:
    portal.faults.add("refused", SET, count=1, code="PORTAL_DELETED", status=403)
    cmd = {"write": f"{SET}?waitListId=1&clients[0][id]=5"}
    assert call("batch", cmd=cmd)[:2] == (
        403,
        {"error": "PORTAL_DELETED", "error_description": ""},
    )
    assert call("batch", cmd=cmd)[0] == 200


@pytest.mark.parametrize(
    "kind", ["drop_before", "drop_after", "html", "server_error", "status", "truncated"]
)
def test_a_broken_answer_is_not_json_and_may_come_after_the_write(
    portal: Portal, kind: str
) -> None:
    before = portal.clients(1)
    portal.faults.add(kind, "*client.set", count=1)
    body: dict[str, Any] = {"waitListId": 1, "clients": [contact(5)]}
    body["auth"] = portal.launch(2).access_token
    with pytest.raises((requests.ConnectionError, requests.exceptions.JSONDecodeError)):
        requests.post(portal.client_endpoint + SET, json=body, timeout=30).json()
    written = kind in ("drop_after", "truncated")
    assert portal.clients(1) == ([("CONTACT", 5)] if written else before)
    assert portal.requests[-1].fault == kind


def test_a_renamed_portal_redirects(portal: Portal) -> None:
    portal.faults.add("redirect", host="new.example.com")
    answer = requests.post(
        portal.client_endpoint + "profile", json={}, allow_redirects=False, timeout=30
    )
    assert answer.status_code == 302
    assert answer.headers["Location"] == "http://new.example.com/rest/profile"


def test_a_delay_and_the_latency_add_up(
    sandbox: Sandbox, call: Caller, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(transport, "sleep", waits.append)
    monkeypatch.setattr(Fault, "hold_back", lambda fault: waits.append(fault.options["seconds"]))
    call("profile")
    portal.faults.add("delay", "profile", count=1, seconds=0.2)
    sandbox.switches.latency = 0.5
    call("profile")
    call("profile")
    assert waits == [0.5, 0.2, 0.5]
    assert [record.fault for record in portal.requests] == [None, "delay", None]


@pytest.mark.parametrize("server", ["portal", "authorization server"])
def test_a_delayed_reply_comes_when_the_fault_is_removed(
    sandbox: Sandbox, call: Caller, portal: Portal, server: str
) -> None:
    faults = portal.faults if server == "portal" else sandbox.oauth_faults
    fault = faults.add("delay", count=1, seconds=3600)

    def ask() -> int:
        if server == "portal":
            return call("profile")[0]
        return requests.get(f"{sandbox.oauth_url}/oauth/token/", timeout=60).status_code

    with ThreadPoolExecutor() as pool:
        reply = pool.submit(ask)
        while not fault.hits:
            time.sleep(0.01)
        assert not reply.done()
        faults.remove(fault.id)
        assert reply.result(timeout=30) == (200 if server == "portal" else 400)


def test_a_fault_of_one_method_concerns_the_batch_that_contains_it(
    call: Caller, portal: Portal
) -> None:
    portal.faults.add("QUERY_LIMIT_EXCEEDED", "server.time", count=1)
    assert call("batch", cmd=["profile"])[0] == 200
    assert call("batch", cmd=["profile", "server.time"])[0] == 503
    portal.faults.add("OPERATION_TIME_LIMIT", "server.time", count=1)
    result = call("batch", cmd=["profile", "server.time"])[1]["result"]
    assert result["result_error"]["1"]["error"] == "OPERATION_TIME_LIMIT"


def test_a_probability_is_spread_evenly() -> None:
    fault = Fault(1, "html", probability=0.25)
    assert [fault.count_match() for _ in range(8)] == [False, False, False, True] * 2


def test_a_fault_can_be_any_error_but_no_unknown_kind(call: Caller, portal: Portal) -> None:
    portal.faults.add("error", "profile", code="PORTAL_DELETED", description="Gone", status=403)
    assert call("profile") == (403, {"error": "PORTAL_DELETED", "error_description": "Gone"})
    portal.faults.clear()
    assert call("profile")[0] == 200
    with pytest.raises(ValueError, match="unknown fault"):
        portal.faults.add("nonsense")


def test_the_rate_limit_allows_fifty_requests_and_then_two_per_second() -> None:
    bucket = LeakyBucket()
    assert [bucket.admit("ip", 0.0) for _ in range(51)] == [True] * 50 + [False]
    assert [bucket.admit("ip", 1.0) for _ in range(3)] == [True, True, False]
    assert bucket.admit("another ip", 1.0)


def test_above_the_rate_limit_the_status_is_503_and_a_batch_counts_once(
    sandbox: Sandbox, call: Caller
) -> None:
    sandbox.switches.limits = True
    statuses = [200]
    while statuses[-1] == 200:  # the bucket loses requests meanwhile
        statuses.append(call("batch", cmd=["profile"] * 3)[0])
    assert len(statuses) > 51
    assert statuses[-1] == 503


def test_too_much_run_time_blocks_the_method_until_it_expires(
    sandbox: Sandbox, call: Caller, portal: Portal
) -> None:
    sandbox.switches.operating = True
    portal.faults.add("slow", "server.time", count=1, seconds=500)
    assert call("server.time")[1]["time"]["operating"] == 500
    assert call("server.time")[0] == 429
    assert call("profile")[0] == 200
    sandbox.advance(660)
    assert portal.operating.used("oauth", "server.time", sandbox.clock.now()) == 0


def test_the_reset_time_is_when_the_oldest_run_expires(
    sandbox: Sandbox, call: Caller, portal: Portal
) -> None:
    def told() -> dict[str, Any]:
        time: dict[str, Any] = call("server.time")[1]["time"]
        return time

    free = told()
    assert (free["operating"], free["operating_reset_at"] - free["start"]) == (0, 600)
    portal.faults.add("slow", "server.time", count=1, seconds=500)
    first = told()["operating_reset_at"]
    sandbox.advance(120)
    portal.faults.add("slow", "server.time", count=1, seconds=20)
    later = told()
    assert (later["operating"], later["operating_reset_at"]) == (520, first)
    sandbox.switches.operating = True
    assert call("server.time")[0] == 429
    sandbox.advance(first - sandbox.clock.now())
    assert told()["operating"] == 20


def test_short_runs_do_not_count() -> None:
    operating = OperatingTime()
    operating.add("oauth", "profile", 0.1, now=0)
    assert operating.used("oauth", "profile", now=0) == 0


def test_a_colleagues_save_before_an_unset_is_in_the_journal(call: Caller, portal: Portal) -> None:
    portal.faults.add("colleague_edit", "*.unset", count=1, clients=[["CONTACT", 300]], user_id=4)
    assert call("booking.v1.waitlist.client.unset", waitListId=1)[0] == 200
    assert [(entry.kind, entry.user_id) for entry in portal.journal] == [
        ("colleague", 4),
        ("client.unset", 2),
    ]
    assert portal.clients(1) == []


def test_an_enterprise_plan_has_a_higher_rate_limit(sandbox: Sandbox, call: Caller) -> None:
    portal = sandbox.portals[0]
    portal.license = "de_ent250"
    info = call("app.info")[1]["result"]
    told = (info["LICENSE"], info["LICENSE_TYPE"], info["LICENSE_FAMILY"])
    assert told == ("de_ent250", "ent250", "ent")
    assert [portal.bucket.admit("", 0.0) for _ in range(251)] == [True] * 250 + [False]
    portal.license = "de_std"
    assert [portal.bucket.admit("", 0.0) for _ in range(51)] == [True] * 50 + [False]


def leave(portal: Portal, method: str, **params: Any) -> None:
    """Call a method whose connection is dropped."""
    body = {**params, "auth": portal.launch(2).access_token}
    with pytest.raises(requests.ConnectionError):
        requests.post(portal.client_endpoint + method, json=body, timeout=30)


def test_a_late_call_is_executed_when_its_time_has_come(sandbox: Sandbox, portal: Portal) -> None:
    before = portal.clients(1)
    portal.faults.add("late", SET, count=1, seconds=60)
    leave(portal, SET, waitListId=1, clients=[contact(5)])
    sandbox.advance(59)
    assert portal.clients(1) == before
    sandbox.advance(2)
    assert portal.clients(1) == [("CONTACT", 5)]
    assert portal.requests[-1].fault == "late"
    assert [entry.kind for entry in portal.journal] == ["client.set"]


def test_a_late_call_overwrites_what_others_have_done_meanwhile(
    call: Caller, portal: Portal
) -> None:
    portal.faults.add("late", SET, count=1, seconds=60)
    leave(portal, SET, waitListId=1, clients=[contact(5)])
    assert call(SET, waitListId=1, clients=[contact(6)])[0] == 200
    portal.late.run_all()
    assert portal.clients(1) == [("CONTACT", 5)]


def test_a_late_call_comes_by_itself_and_a_restart_forgets_it(portal: Portal) -> None:
    portal.faults.add("late", SET, count=1, seconds=0.05)
    leave(portal, SET, waitListId=1, clients=[contact(5)])
    until = time.monotonic() + 60
    while portal.clients(1) != [("CONTACT", 5)]:
        assert time.monotonic() < until
        time.sleep(0.01)
    portal.faults.add("late", SET, count=1, seconds=60)
    leave(portal, SET, waitListId=1, clients=[contact(6)])
    portal.restart(portal.state)
    portal.late.run_all()
    assert portal.clients(1) == [("CONTACT", 5)]


@pytest.mark.parametrize(
    ("kind", "note", "stored"),
    [
        ("cut_note", "call \N{GRINNING FACE} then Anna", "call "),
        ("cut_note", "\N{GRINNING FACE}", None),
        ("cut_note", "call Anna", "call Anna"),
        ("strip_note", "call\n  Anna", "call Anna"),
    ],
)
def test_a_portal_may_store_another_note_than_it_was_given(
    call: Caller, portal: Portal, kind: str, note: str, stored: str | None
) -> None:
    portal.faults.add(kind, "*.add")
    number = call("booking.v1.waitlist.add", fields={"note": note})[1]["result"]
    assert call("booking.v1.waitlist.get", id=number)[1]["result"]["waitList"]["note"] == stored


@pytest.mark.parametrize("listed", [[13], [12, 13, 14]])
def test_a_broken_row_spoils_every_reply_that_lists_it(
    call: Caller, portal: Portal, listed: list[int]
) -> None:
    portal.faults.add("broken_row", "crm.item.list", number=13)
    params = {"entityTypeId": 3, "filter": {"@id": listed}}
    assert call("crm.item.list", **params)[1]["error"] == "WRONG_ENCODING"
    assert call("batch", cmd=["profile", "crm.item.list?entityTypeId=3"])[1].get("error")
    assert call("crm.item.list", entityTypeId=3, filter={"@id": [12]})[1]["result"]["items"]
