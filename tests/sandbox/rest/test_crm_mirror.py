"""crm.activity.list: the CRM mirror of the waiting list."""

from __future__ import annotations

import json
from typing import Any

import requests

from sandbox import Sandbox
from sandbox.portal.colleague import link_client
from sandbox.portal.portal import Portal
from tests.sandbox.steps import Caller, contact

MIRROR = {"filter": {"=PROVIDER_ID": "CRM_WAIT_LIST_ITEM", "COMPLETED": "N"}}


def mirrored(call: Caller, record: int) -> list[list[Any]]:
    filters = {**MIRROR["filter"], "=ASSOCIATED_ENTITY_ID": record}
    body = call("crm.activity.list", user=1, filter=filters, select=["SETTINGS"])[1]
    clients = body["result"][0]["SETTINGS"]["FIELDS"]["clients"]
    return [[row["typeCode"], row["id"]] for row in clients]


def test_the_crm_mirror_has_all_records_that_have_ever_had_a_client(
    call: Caller, portal: Portal
) -> None:
    body = call("crm.activity.list", user=1, **MIRROR)[1]
    assert (body["total"], body["next"]) == (len(portal.state.activities), 50)
    assert 0 < body["total"] < len(portal.records)


def test_the_crm_mirror_changes_after_the_reply_and_keeps_the_last_clients(
    call: Caller, portal: Portal
) -> None:
    old = mirrored(call, 1)
    select = "crm.activity.list?filter[=ASSOCIATED_ENTITY_ID]=1&select[0]=SETTINGS"
    setting = "booking.v1.waitlist.client.set?waitListId=1&clients[0][id]=5"
    setting += "&clients[0][type][module]=crm&clients[0][type][code]=CONTACT"
    reply = call("batch", user=1, cmd={"s": setting, "m": select})[1]["result"]["result"]
    inside = reply["m"][0]["SETTINGS"]["FIELDS"]["clients"]
    assert [[row["typeCode"], row["id"]] for row in inside] == old
    assert mirrored(call, 1) == [["CONTACT", 5]]
    portal.records[1].external = []
    call("booking.v1.waitlist.client.unset", waitListId=1)
    assert mirrored(call, 1) == [["CONTACT", 5]]
    call("booking.v1.waitlist.delete", id=1)
    assert 1 not in portal.state.activities


def test_a_late_crm_mirror_catches_up(call: Caller, portal: Portal, sandbox: Sandbox) -> None:
    old = mirrored(call, 1)
    sandbox.switches.mirror = "late"
    call("booking.v1.waitlist.client.set", waitListId=1, clients=[contact(5)])
    link_client(portal, 1, "CONTACT", 6)
    assert mirrored(call, 1) == old
    sandbox.switches.mirror = "true"
    call("profile")
    assert mirrored(call, 1) == [["CONTACT", 5], ["CONTACT", 6]]


def test_a_reset_drops_what_a_late_crm_mirror_has_not_written(
    call: Caller, portal: Portal, sandbox: Sandbox
) -> None:
    sandbox.switches.mirror = "late"
    assert call("booking.v1.waitlist.add", fields={})[0] == 200
    portal.operating.add("oauth", "profile", 500, sandbox.clock.now())
    sandbox.reset()
    sandbox.switches.mirror = "true"
    assert requests.get(f"{portal.webhook_url}profile", timeout=30).status_code == 200
    assert not portal.mirror_pending
    assert portal.operating.used("oauth", "profile", sandbox.clock.now()) == 0


def test_a_crm_mirror_can_be_wrong_or_have_other_settings(call: Caller, sandbox: Sandbox) -> None:
    truth = mirrored(call, 1)
    sandbox.switches.mirror = "false"
    assert mirrored(call, 1) != truth
    filters = {**MIRROR["filter"], "=ASSOCIATED_ENTITY_ID": 1}
    shown = {}
    for behavior in ("true", "text", "empty"):
        sandbox.switches.mirror = behavior
        body = call("crm.activity.list", user=1, filter=filters)[1]
        shown[behavior] = body["result"][0]["SETTINGS"]
    assert shown["empty"] == []
    assert json.loads(shown["text"]) == shown["true"]


def test_the_records_of_a_customer_are_found_by_binding(call: Caller) -> None:
    call("booking.v1.waitlist.client.set", waitListId=2, clients=[contact(77)])
    binding = [{"OWNER_TYPE_ID": 3, "OWNER_ID": 77}]
    filters = {**MIRROR["filter"], "BINDINGS": binding}
    found = call("crm.activity.list", user=1, filter=filters)[1]["result"]
    assert "2" in [row["ASSOCIATED_ENTITY_ID"] for row in found]
