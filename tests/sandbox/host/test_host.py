"""The portal's pages without a browser: launches, who sees what, the panel, the control API."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
import requests

from sandbox import Sandbox
from sandbox.core.faults import KINDS
from sandbox.host import control_bodies
from sandbox.portal.portal import Portal
from tests.sandbox.steps import Caller

README = Path(__file__).parents[3] / "sandbox" / "README.md"


def page(portal: Portal, path: str = "/", user: int = 1) -> str:
    cookies = {f"portal_user_{portal.port}": str(user)}
    answer = requests.get(portal.url + path, cookies=cookies, timeout=5)
    assert answer.status_code == 200
    return answer.text


def frame(text: str) -> dict[str, Any]:
    match = re.search(r'id="frame-data">(.*?)</script>', text, re.DOTALL)
    assert match
    data: dict[str, Any] = json.loads(match.group(1))
    return data


def control(portal: Portal, what: str, **body: Any) -> Any:
    answer = requests.post(f"{portal.url}/_sandbox/{what}", json=body, timeout=5)
    assert answer.ok, answer.text
    return answer.json()["result"]


FIELDS = [
    "AUTH_ID", "AUTH_EXPIRES", "REFRESH_ID", "SERVER_ENDPOINT", "APPLICATION_TOKEN",
    "APPLICATION_SCOPE", "member_id", "status", "PLACEMENT",
]  # fmt: skip


def test_a_launch_has_its_fields_in_the_documented_order(portal: Portal) -> None:
    launch = portal.launch(user_id=2, lang="de")
    assert list(launch.body) == FIELDS
    query = parse_qs(urlsplit(launch.url).query)
    assert query["DOMAIN"] == [portal.domain]
    assert (query["PROTOCOL"], query["LANG"]) == (["0"], ["de"])
    assert re.fullmatch("[0-9a-f]{32}", query["APP_SID"][0])


def test_options_travel_as_a_json_string_and_are_absent_when_there_are_none(
    portal: Portal, call: Caller
) -> None:
    handler = "http://127.0.0.1:5000/tab?x=1"
    call("placement.bind", user=1, PLACEMENT="CRM_DEAL_DETAIL_TAB", HANDLER=handler)
    launch = portal.launch(2, "CRM_DEAL_DETAIL_TAB", {"ID": "7"})
    assert list(launch.body) == [*FIELDS, "PLACEMENT_OPTIONS"]
    assert json.loads(launch.body["PLACEMENT_OPTIONS"]) == {"ID": "7"}
    assert launch.url.startswith(f"{handler}&DOMAIN=")
    with pytest.raises(LookupError):
        portal.launch(2, "LEFT_MENU")


def test_the_frames_form_has_the_fields_in_the_same_order(portal: Portal) -> None:
    assert list(frame(page(portal))["fields"]) == FIELDS


def test_every_render_has_fresh_tokens_and_a_fresh_sid(portal: Portal) -> None:
    first, second = frame(page(portal)), frame(page(portal))
    assert first["fields"]["AUTH_ID"] != second["fields"]["AUTH_ID"]
    assert first["sid"] != second["sid"]
    assert first["name"] == f"{portal.domain}|0|{first['sid']}"


def test_before_the_installation_only_an_administrator_gets_the_frame(portal: Portal) -> None:
    portal.installed = False
    data = frame(page(portal, user=1))
    assert (urlsplit(data["url"]).path, data["init"]["INSTALL"]) == ("/install", True)
    text = page(portal, user=2)
    assert "The application is not fully installed yet" in text
    assert portal.administrator.full_name in text
    assert "frame-data" not in text


def test_a_user_without_access_gets_no_frame_and_no_tokens(portal: Portal) -> None:
    text = page(portal, user=3)
    assert "Access denied" in text
    assert "AUTH_ID" not in text


def test_the_pages_own_parameters_become_options_of_the_main_page(portal: Portal) -> None:
    data = frame(page(portal, "/?install_finished=Y&mute=refreshAuth&lang=de"))
    assert data["init"]["PLACEMENT_OPTIONS"] == {"install_finished": "Y"}
    assert data["init"]["LANG"] == "de"


def test_a_card_has_a_tab_per_bound_placement_once_installed(portal: Portal, call: Caller) -> None:
    handler = "http://127.0.0.1:5000/tab"
    call(
        "placement.bind",
        user=1, PLACEMENT="CRM_CONTACT_DETAIL_TAB", HANDLER=handler, TITLE="Waiting list",
    )  # fmt: skip
    assert "Waiting list</button>" in page(portal, "/crm/contact/details/5/")
    portal.installed = False
    assert "Waiting list</button>" not in page(portal, "/crm/contact/details/5/")


def test_a_tab_is_named_and_opened_in_the_language_of_the_visitor(
    portal: Portal, call: Caller
) -> None:
    titles = {"en": {"TITLE": "Waiting list"}, "de": {"TITLE": "Warteliste"}}
    handler = "http://127.0.0.1:5000/tab"
    call(
        "placement.bind",
        user=1, PLACEMENT="CRM_DEAL_DETAIL_TAB", HANDLER=handler, LANG_ALL=titles,
    )  # fmt: skip
    assert "Warteliste</button>" in page(portal, "/crm/deal/details/5/?lang=de")
    assert "Waiting list</button>" in page(portal, "/crm/deal/details/5/?lang=fr")
    (bound,) = portal.state.placements
    body = {"handler": bound.id, "options": {"ID": "5"}, "lang": "de"}
    answer = requests.post(f"{portal.url}/_portal/frame", json=body, timeout=5).json()
    assert "LANG=de" in answer["url"]


def test_cards_a_user_may_not_read_are_missing(portal: Portal) -> None:
    hidden = portal.user(2).hidden_contacts[0]
    cookies = {f"portal_user_{portal.port}": "2"}
    url = f"{portal.url}/crm/contact/details/{hidden}/"
    assert requests.get(url, cookies=cookies, timeout=5).status_code == 404
    assert requests.get(url, timeout=5).status_code == 200


def test_deep_links_hand_their_parameters_over(portal: Portal, call: Caller) -> None:
    handler = "http://127.0.0.1:5000/link"
    call("placement.bind", user=1, PLACEMENT="REST_APP_URI", HANDLER=handler)
    code = call("app.info")[1]["result"]["CODE"]
    data = frame(page(portal, f"/marketplace/view/{code}/?params[record]=5"))
    assert data["init"]["PLACEMENT_OPTIONS"] == {"record": "5"}
    again = call("placement.bind", user=1, PLACEMENT="REST_APP_URI", HANDLER=f"{handler}/2")
    assert again[1]["error"] == "ERROR_PLACEMENT_MAX_COUNT"
    other = requests.get(f"{portal.url}/marketplace/view/another.app/?params[record]=5", timeout=5)
    assert other.status_code == 404


def test_the_frames_own_calls_are_for_this_page_only(portal: Portal) -> None:
    url = f"{portal.url}/_portal"
    assert requests.post(f"{url}/auth", data={}, timeout=5).status_code == 400
    fresh = requests.post(f"{url}/auth", json={}, timeout=5).json()
    assert set(fresh) == {"AUTH_ID", "AUTH_EXPIRES", "REFRESH_ID"}
    portal.installed = False
    cookies = {f"portal_user_{portal.port}": "2"}
    answer = requests.post(f"{url}/install", json={}, cookies=cookies, timeout=5)
    assert (answer.json(), portal.installed) == ({"result": False}, False)
    login = requests.post(
        f"{url}/login",
        {"user": "2"},
        headers={"Sec-Fetch-Site": "cross-site"},
        allow_redirects=False,
        timeout=5,
    )
    assert "Set-Cookie" not in login.headers


def test_the_stored_view_shows_rows_in_order_with_the_primary_marked(
    portal: Portal, call: Caller
) -> None:
    clients = [
        {"id": 2, "type": {"module": "crm", "code": "COMPANY"}},
        {"id": 9999, "type": {"module": "crm", "code": "CONTACT"}},
    ]
    call("booking.v1.waitlist.client.set", waitListId=1, clients=clients)
    text = page(portal, "/sandbox/stored/")
    row = text.partition('<tr data-record="1">')[2].partition("</tr>")[0]
    assert row.index('data-client="COMPANY 2"') < row.index(
        'data-client="CONTACT 9999" data-primary'
    )
    assert 'data-user="2"' in row
    assert "(not in CRM)" in row


@pytest.mark.parametrize(
    "path", ["/crm/contact/list/", "/crm/company/list/?q=caf", "/crm/deal/list/"]
)
def test_lists_and_the_panel_render(portal: Portal, path: str) -> None:
    assert "<tbody>" in page(portal, path)
    assert "Sandbox panel" in page(portal, "/sandbox/panel/")


def test_the_panel_adds_faults_and_switches(portal: Portal, sandbox: Sandbox) -> None:
    url = f"{portal.url}/sandbox/panel/"
    requests.post(f"{url}add-fault", {"kind": "delay", "count": "2", "seconds": "0.1"}, timeout=5)
    (fault,) = portal.faults
    assert (fault.kind, fault.count, fault.options) == ("delay", 2, {"seconds": 0.1})
    requests.post(f"{url}remove-fault", {"id": str(fault.id)}, timeout=5)
    requests.post(
        f"{url}switches", {"limits": "1", "latency": "0.05", "utc_offset": "-10"}, timeout=5
    )
    assert (sandbox.switches.limits, sandbox.switches.latency) == (True, 0.05)
    assert portal.state.utc_offset == -10
    assert (portal.state.booking_tool, portal.state.client_types) == (False, [])
    requests.post(f"{url}colleague", {"code": "CONTACT", "id": "7", "record": "1"}, timeout=5)
    assert ("CONTACT", 7) in portal.clients(1)
    requests.post(f"{url}uninstall", {"clean": "1"}, timeout=5)
    assert "The application is not installed." in page(portal)
    requests.post(f"{url}reinstall", timeout=5)
    assert urlsplit(frame(page(portal))["url"]).path == "/install"


def test_the_control_api_does_it_all_from_another_process(portal: Portal) -> None:
    assert control(portal, "launch", user_id=2)["body"]["member_id"] == portal.member_id
    number = control(portal, "faults", kind="html", method="profile", count=1)
    faults = requests.get(f"{portal.url}/_sandbox/faults", timeout=5).json()
    assert [fault["id"] for fault in faults] == [number]
    control(portal, "clear-faults")
    control(portal, "user", id=2, app_access=False)
    assert portal.user(2).app_access is False
    control(portal, "client-types", codes=[])
    control(portal, "switches", latency=0.01, booking_tool=False, features={"booking": False})
    control(portal, "switches", utc_offset=5.5)
    time = requests.post(f"{portal.webhook_url}server.time", timeout=5).json()
    assert time["result"].endswith("+05:30")
    assert time["time"]["date_start"].endswith("+05:30")
    state = requests.get(f"{portal.url}/_sandbox/state", timeout=5).json()
    assert (state["booking_tool"], state["switches"]["latency"]) == (False, 0.01)
    assert "application_token" not in json.dumps(state)
    assert control(portal, "expire-tokens") > 0
    assert control(portal, "wait-idle") is True
    control(portal, "reset")
    assert portal.user(2).app_access is True
    assert portal.requests == []
    wrong = requests.post(f"{portal.url}/_sandbox/nonsense", json={}, timeout=5)
    assert wrong.status_code == 400
    assert "wait-idle" in wrong.json()["error"]
    absent = requests.get(f"{portal.url}/_sandbox/nonsense", timeout=5)
    assert absent.status_code == 404
    assert "oauth-faults" in absent.json()["error"]


def test_the_second_portal_is_another_firm(sandbox: Sandbox) -> None:
    first, second = sandbox.portals
    assert first.member_id != second.member_id
    assert len(second.state.contacts) < len(first.state.contacts)
    assert second.state.date_format != first.state.date_format
    assert second.state.company in page(second)


def test_the_portals_own_form_makes_a_card_with_what_is_obligatory(portal: Portal) -> None:
    portal.state.required_fields = {"contact": ["post"]}
    assert re.search(r'name="post" required', page(portal, "/crm/contact/details/0/?IFRAME=Y", 2))
    form = {"name": "Nova", "post": "Plumber", "phone": "+1 212 555 0199"}
    answer = requests.post(f"{portal.url}/crm/contact/details/0/", form, timeout=5)
    assert answer.ok
    made = portal.state.contacts[max(portal.state.contacts)]
    assert (made.title, made.fields["post"], made.fm[0].value) == ("Nova", *list(form.values())[1:])


def test_the_portals_own_form_is_closed_to_who_may_not_add(portal: Portal) -> None:
    portal.user(2).crm_add = False
    cookies = {f"portal_user_{portal.port}": "2"}
    answer = requests.get(f"{portal.url}/crm/contact/details/0/", cookies=cookies, timeout=5)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("what", "body", "named"),
    [
        ("switches", {"shufle": True}, "shufle"),
        ("switches", {"latency": "x"}, "latency"),
        ("switches", {"mirror": "nonsense"}, "mirror"),
        ("switches", {"features": {"bookings": False}}, "features"),
        ("switches", {"utc_offset": 30}, "utc_offset"),
        ("faults", {"kind": "delay", "count": "2"}, "count"),
        ("faults", {"kind": "delay", "seconds": "long"}, "seconds"),
        ("faults", {"kind": "delay", "probability": 2}, "probability"),
        ("faults", {"kind": "error", "status": "x"}, "status"),
        ("faults", {"kind": "error", "status": 20}, "status"),
        ("faults", {"kind": "redirect", "hosts": "example.com"}, "hosts"),
        ("faults", {"kind": "colleague_edit", "clients": ["CONTACT"]}, "clients"),
        ("faults", {"kind": "nonsense"}, "nonsense"),
        ("oauth-faults", {"kind": "truncated"}, "truncated"),
        ("remove-fault", {"id": "1"}, "id"),
        ("remove-fault", {"id": 0}, "id"),
        ("wait-idle", {"timeout": "x"}, "timeout"),
        ("advance", {"second": 1}, "second"),
        ("advance", {"seconds": 1e300}, "seconds"),
        ("user", {"id": 2, "app_acess": False}, "app_acess"),
        ("user", {"id": 2, "crm_read": "no"}, "crm_read"),
        ("user", {"id": 77}, "77"),
        ("user", {"id": 1, "admin": False}, "admin"),
        ("installed", {"instaled": False}, "instaled"),
        ("uninstall", {"clean": "yes"}, "clean"),
        ("client-types", {"codes": ["LEAD"]}, "codes"),
        ("client-types", {}, "codes"),
        ("link-client", {"record_id": 1, "code": "DEAL", "number": 1}, "code"),
        ("link-client", {"record_id": 1, "code": "CONTACT", "number": 5, "user_id": 77}, "77"),
        ("launch", {"user": 2}, "user"),
        ("launch", {"placement": "NOWHERE"}, "NOWHERE"),
        ("reset", {"portal": 1}, "portal"),
    ],
)
def test_what_the_control_api_does_not_understand_changes_nothing(
    portal: Portal, sandbox: Sandbox, what: str, body: dict[str, Any], named: str
) -> None:
    def seen() -> tuple[Any, ...]:
        faults = [*portal.faults, *sandbox.oauth_faults]
        return msgspec.json.encode(portal.state), dict(vars(sandbox.switches)), faults

    before = seen()
    wrong = requests.post(f"{portal.url}/_sandbox/{what}", json=body, timeout=5)
    assert wrong.status_code == 400
    assert named in wrong.json()["error"]
    assert seen() == before


@pytest.mark.parametrize(
    "given",
    [{"data": b'{"seconds": NaN}'}, {"data": b"{"}, {"json": [1]}, {"data": {"seconds": 1}}],
)
def test_what_is_no_json_object_is_refused(portal: Portal, given: dict[str, Any]) -> None:
    headers = {} if isinstance(given.get("data"), dict) else {"Content-Type": "application/json"}
    url = f"{portal.url}/_sandbox/advance"
    assert requests.post(url, headers=headers, timeout=5, **given).status_code == 400


def test_one_fault_is_removed_and_the_others_stay(portal: Portal, sandbox: Sandbox) -> None:
    first, second = (control(portal, "faults", kind="html", method="profile") for _ in range(2))
    third, fourth = (control(portal, "oauth-faults", kind="html") for _ in range(2))
    control(portal, "remove-fault", id=first)
    control(portal, "remove-fault", id=third)
    assert [fault.id for fault in portal.faults] == [second]
    listed = requests.get(f"{portal.url}/_sandbox/oauth-faults", timeout=5).json()
    assert [fault["id"] for fault in listed] == [fourth]
    assert sandbox.oauth_faults.take("html", ["app.info"])


def test_a_fault_with_all_its_options_comes_out_as_asked_for(portal: Portal) -> None:
    control(portal, "faults", kind="error", method="profile", code="X", description="Y", status=418)
    answer = requests.get(f"{portal.webhook_url}profile", timeout=5)
    assert answer.status_code == 418
    assert answer.json() == {"error": "X", "error_description": "Y"}
    edit = {"clients": [["CONTACT", 300]], "replace": True, "user_id": 4, "count": 1}
    control(portal, "faults", kind="colleague_edit", **edit)
    requests.get(f"{portal.webhook_url}booking.v1.waitlist.client.unset?waitListId=1", timeout=5)
    saved = portal.journal[-2]
    assert (saved.kind, saved.user_id, saved.clients) == ("colleague", 4, ["CONTACT 300"])


def test_the_readme_names_every_action_and_each_field_of_its_body() -> None:
    readme = README.read_text()
    listed = re.search(r"POST /_sandbox/\{(.*?)\}", readme)
    assert listed
    assert sorted(control_bodies.BODY_TYPES) == sorted(listed[1].split(","))
    rows = re.findall(r"^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \|(.*)\|$", readme, re.MULTILINE)
    told = {action: body for names, body in rows for action in re.findall("[a-z-]+", names)}
    for action, takes in control_bodies.BODY_TYPES.items():
        fields = set(re.findall(r"`(\w+)`", told.get(action, "")))
        assert fields == set(takes.__struct_fields__), action


def test_the_readme_names_every_kind_of_fault() -> None:
    section = README.read_text().split("## Faults")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]*`) \|", section, re.MULTILINE)
    assert {kind for row in rows for kind in re.findall(r"`(\w+)`", row)} == set(KINDS)
