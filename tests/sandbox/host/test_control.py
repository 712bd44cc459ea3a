"""The control API, and the README's list of its actions."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
import requests

from sandbox import Sandbox
from sandbox.core.faults import KINDS
from sandbox.host.actions import ACTIONS
from sandbox.portal.portal import Portal

README = Path(__file__).parents[3] / "sandbox" / "README.md"


def control(portal: Portal, what: str, **body: Any) -> Any:
    answer = requests.post(f"{portal.url}/_sandbox/{what}", json=body, timeout=30)
    assert answer.ok, answer.text
    return answer.json()["result"]


def test_the_control_api_runs_its_actions(portal: Portal) -> None:
    assert control(portal, "launch", user_id=2)["body"]["member_id"] == portal.member_id
    number = control(portal, "faults", kind="html", method="profile", count=1)
    faults = requests.get(f"{portal.url}/_sandbox/faults", timeout=30).json()
    assert [fault["id"] for fault in faults] == [number]
    control(portal, "clear-faults")
    control(portal, "user", id=2, app_access=False)
    assert portal.user(2).app_access is False
    control(portal, "client-types", codes=[])
    control(portal, "switches", latency=0.01, booking_tool=False, features={"booking": False})
    control(portal, "switches", utc_offset=5.5)
    time = requests.post(f"{portal.webhook_url}server.time", timeout=30).json()
    assert time["result"].endswith("+05:30")
    assert time["time"]["date_start"].endswith("+05:30")
    state = requests.get(f"{portal.url}/_sandbox/state", timeout=30).json()
    assert (state["booking_tool"], state["switches"]["latency"]) == (False, 0.01)
    assert "application_token" not in json.dumps(state)
    assert control(portal, "expire-tokens") > 0
    assert control(portal, "wait-idle") is True
    control(portal, "reset")
    assert portal.user(2).app_access is True
    assert portal.requests == []
    wrong = requests.post(f"{portal.url}/_sandbox/nonsense", json={}, timeout=30)
    assert wrong.status_code == 400
    assert "wait-idle" in wrong.json()["error"]
    absent = requests.get(f"{portal.url}/_sandbox/nonsense", timeout=30)
    assert absent.status_code == 404
    assert "oauth-faults" in absent.json()["error"]


@pytest.mark.parametrize(
    ("what", "body", "named"),
    [
        ("switches", {"shufle": True}, "shufle"),
        ("switches", {"latency": "x"}, "latency"),
        ("switches", {"mirror": "nonsense"}, "mirror"),
        ("switches", {"features": {"bookings": False}}, "features"),
        ("switches", {"utc_offset": 30}, "utc_offset"),
        ("switches", {"utc_offset": 0.1}, "utc_offset"),
        ("switches", {"app_update": "nonsense"}, "app_update"),
        ("switches", {"oauth_server": 2}, "oauth_server"),
        ("switches", {"oauth_server": 3}, "oauth_server"),
        ("faults", {"kind": "delay", "count": "2"}, "count"),
        ("faults", {"kind": "delay", "seconds": "long"}, "seconds"),
        ("faults", {"kind": "delay", "probability": 2}, "probability"),
        ("faults", {"kind": "error", "status": "x"}, "status"),
        ("faults", {"kind": "error", "status": 20}, "status"),
        ("faults", {"kind": "redirect", "hosts": "example.com"}, "hosts"),
        ("faults", {"kind": "colleague_edit", "clients": ["CONTACT"]}, "clients"),
        ("faults", {"kind": "nonsense"}, "nonsense"),
        ("faults", {"kind": "delay", "method": "booking.v2.*"}, "booking.v2.*"),
        ("faults", {"kind": "delay", "method": ""}, "method"),
        ("faults", {"kind": "html", "seconds": 3}, "seconds"),
        ("faults", {"kind": "delay", "status": 500}, "status"),
        ("faults", {"kind": "colleague_race", "replace": True}, "replace"),
        ("faults", {"kind": "broken_row"}, "number"),
        ("faults", {"kind": "broken_row", "number": 0}, "number"),
        ("faults", {"kind": "colleague_edit", "clients": [["CONTACT", -5]]}, "clients"),
        ("faults", {"kind": "colleague_edit", "user_id": 77}, "77"),
        ("faults", {"kind": "redirect", "host": "a.example\r\nX: y"}, "host"),
        ("faults", {"kind": "redirect", "host": "a.example/path"}, "host"),
        ("faults", {"kind": "redirect", "path": "no slash"}, "path"),
        ("oauth-faults", {"kind": "truncated"}, "truncated"),
        ("oauth-faults", {"kind": "html", "seconds": 1}, "seconds"),
        ("oauth-faults", {"kind": "delay", "method": "profile"}, "profile"),
        ("remove-fault", {"id": "1"}, "id"),
        ("remove-fault", {"id": 0}, "id"),
        ("wait-idle", {"timeout": "x"}, "timeout"),
        ("advance", {"second": 1}, "second"),
        ("advance", {"seconds": 1e300}, "seconds"),
        ("user", {"id": 2, "app_acess": False}, "app_acess"),
        ("user", {"id": 2, "crm_read": "no"}, "crm_read"),
        ("user", {"id": 77}, "77"),
        ("user", {"id": 2, "hidden_contacts": [-1]}, "hidden_contacts"),
        ("user", {"id": 2, "hidden_deals": [0]}, "hidden_deals"),
        ("user", {"id": 1, "admin": False}, "admin"),
        ("installed", {"instaled": False}, "instaled"),
        ("uninstall", {"clean": "yes"}, "clean"),
        ("client-types", {"codes": ["LEAD"]}, "codes"),
        ("client-types", {}, "codes"),
        ("link-client", {"record_id": 1, "code": "DEAL", "number": 1}, "code"),
        ("link-client", {"record_id": 1, "code": "CONTACT", "number": 5, "user_id": 77}, "77"),
        ("link-client", {"record_id": 1, "code": "CONTACT", "number": -5}, "number"),
        ("link-client", {"record_id": 1, "code": "COMPANY", "number": 2**70}, "number"),
        ("launch", {"user": 2}, "user"),
        ("launch", {"lang": "de\n"}, "lang"),
        ("launch", {"handler": "javascript:x"}, "handler"),
        ("launch", {"placement": "NOWHERE"}, "NOWHERE"),
        ("reset", {"portal": 1}, "portal"),
    ],
)
def test_an_invalid_body_is_refused_and_changes_nothing(
    portal: Portal, sandbox: Sandbox, what: str, body: dict[str, Any], named: str
) -> None:
    def seen() -> tuple[Any, ...]:
        faults = [*portal.faults, *sandbox.oauth_faults]
        return msgspec.json.encode(portal.state), dict(vars(sandbox.switches)), faults

    before = seen()
    wrong = requests.post(f"{portal.url}/_sandbox/{what}", json=body, timeout=30)
    assert wrong.status_code == 400
    assert named in wrong.json()["error"]
    assert seen() == before


@pytest.mark.parametrize(
    "given",
    [{"data": b'{"seconds": NaN}'}, {"data": b"{"}, {"json": [1]}, {"data": {"seconds": 1}}],
)
def test_a_body_that_is_not_a_json_object_is_refused(portal: Portal, given: dict[str, Any]) -> None:
    headers = {} if isinstance(given.get("data"), dict) else {"Content-Type": "application/json"}
    url = f"{portal.url}/_sandbox/advance"
    assert requests.post(url, headers=headers, timeout=30, **given).status_code == 400


def test_removing_one_fault_keeps_the_others(portal: Portal, sandbox: Sandbox) -> None:
    first, second = (control(portal, "faults", kind="html", method="profile") for _ in range(2))
    third, fourth = (control(portal, "oauth-faults", kind="html") for _ in range(2))
    control(portal, "remove-fault", id=first)
    control(portal, "remove-fault", id=third)
    assert [fault.id for fault in portal.faults] == [second]
    listed = requests.get(f"{portal.url}/_sandbox/oauth-faults", timeout=30).json()
    assert [fault["id"] for fault in listed] == [fourth]
    assert sandbox.oauth_faults.take("html", ["app.info"])


def test_a_fault_follows_all_its_options(portal: Portal) -> None:
    control(portal, "faults", kind="error", method="profile", code="X", description="Y", status=418)
    answer = requests.get(f"{portal.webhook_url}profile", timeout=30)
    assert answer.status_code == 418
    assert answer.json() == {"error": "X", "error_description": "Y"}
    edit = {"clients": [["CONTACT", 300]], "replace": True, "user_id": 4, "count": 1}
    control(portal, "faults", kind="colleague_edit", **edit)
    requests.get(f"{portal.webhook_url}booking.v1.waitlist.client.unset?waitListId=1", timeout=30)
    saved = portal.journal[-2]
    assert (saved.kind, saved.user_id, saved.clients) == ("colleague", 4, ["CONTACT 300"])


def test_the_readme_names_every_action_and_each_field_of_its_body() -> None:
    readme = README.read_text()
    listed = re.search(r"POST /_sandbox/\{(.*?)\}", readme)
    assert listed
    assert sorted(ACTIONS) == sorted(listed[1].split(","))
    rows = re.findall(r"^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \|(.*)\|$", readme, re.MULTILINE)
    told = {action: body for names, body in rows for action in re.findall("[a-z-]+", names)}
    for action, (takes, _) in ACTIONS.items():
        fields = set(re.findall(r"`(\w+)`", told.get(action, "")))
        assert fields == set(takes.__struct_fields__), action


def test_the_readme_names_every_kind_of_fault() -> None:
    section = README.read_text().split("## Faults")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]*`) \|", section, re.MULTILINE)
    assert {kind for row in rows for kind in re.findall(r"`(\w+)`", row)} == set(KINDS)
