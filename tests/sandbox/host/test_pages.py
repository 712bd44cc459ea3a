"""The portal's pages without a browser: launches, cards, forms, the panel."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
import requests

from sandbox import Sandbox
from sandbox.portal.portal import Portal
from tests.sandbox.steps import Caller


def page(portal: Portal, path: str = "/", user: int = 1) -> str:
    cookies = {f"portal_user_{portal.port}": str(user)}
    answer = requests.get(portal.url + path, cookies=cookies, timeout=30)
    assert answer.status_code == 200
    return answer.text


def frame(text: str) -> dict[str, Any]:
    match = re.search(r'id="frame-data">(.*?)</script>', text, re.DOTALL)
    assert match
    data: dict[str, Any] = json.loads(match.group(1))
    return data


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


def test_options_are_a_json_text_and_missing_when_there_are_none(
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


def test_each_page_has_new_tokens_and_a_new_sid(portal: Portal) -> None:
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


def test_parameters_of_the_main_page_become_options(portal: Portal) -> None:
    data = frame(page(portal, "/?install_finished=Y&mute=refreshAuth&lang=de"))
    assert data["init"]["PLACEMENT_OPTIONS"] == {"install_finished": "Y"}
    assert data["init"]["LANG"] == "de"


def test_a_card_has_a_tab_per_placement_after_the_installation(
    portal: Portal, call: Caller
) -> None:
    handler = "http://127.0.0.1:5000/tab"
    call(
        "placement.bind",
        user=1, PLACEMENT="CRM_CONTACT_DETAIL_TAB", HANDLER=handler, TITLE="Waiting list",
    )  # fmt: skip
    assert "Waiting list</button>" in page(portal, "/crm/contact/details/5/")
    portal.installed = False
    assert "Waiting list</button>" not in page(portal, "/crm/contact/details/5/")


def test_a_tab_has_its_title_and_opens_in_the_visitors_language(
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
    answer = requests.post(f"{portal.url}/_portal/frame", json=body, timeout=30).json()
    assert "LANG=de" in answer["url"]


def test_cards_that_a_user_may_not_read_are_missing(portal: Portal) -> None:
    hidden = portal.user(2).hidden_contacts[0]
    cookies = {f"portal_user_{portal.port}": "2"}
    url = f"{portal.url}/crm/contact/details/{hidden}/"
    assert requests.get(url, cookies=cookies, timeout=30).status_code == 404
    assert requests.get(url, timeout=30).status_code == 200


def test_deep_links_pass_on_their_parameters(portal: Portal, call: Caller) -> None:
    handler = "http://127.0.0.1:5000/link"
    call("placement.bind", user=1, PLACEMENT="REST_APP_URI", HANDLER=handler)
    code = call("app.info")[1]["result"]["CODE"]
    data = frame(page(portal, f"/marketplace/view/{code}/?params[record]=5"))
    assert data["init"]["PLACEMENT_OPTIONS"] == {"record": "5"}
    again = call("placement.bind", user=1, PLACEMENT="REST_APP_URI", HANDLER=f"{handler}/2")
    assert again[1]["error"] == "ERROR_PLACEMENT_MAX_COUNT"
    other = requests.get(f"{portal.url}/marketplace/view/another.app/?params[record]=5", timeout=30)
    assert other.status_code == 404


def test_the_calls_of_the_page_are_refused_to_other_sites(portal: Portal) -> None:
    url = f"{portal.url}/_portal"
    assert requests.post(f"{url}/auth", data={}, timeout=30).status_code == 400
    fresh = requests.post(f"{url}/auth", json={}, timeout=30).json()
    assert set(fresh) == {"AUTH_ID", "AUTH_EXPIRES", "REFRESH_ID"}
    portal.installed = False
    cookies = {f"portal_user_{portal.port}": "2"}
    answer = requests.post(f"{url}/install", json={}, cookies=cookies, timeout=30)
    assert (answer.json(), portal.installed) == ({"result": False}, False)
    login = requests.post(
        f"{url}/login",
        {"user": "2"},
        headers={"Sec-Fetch-Site": "cross-site"},
        allow_redirects=False,
        timeout=30,
    )
    assert "Set-Cookie" not in login.headers


def test_the_stored_page_shows_clients_in_order_and_the_primary_one(
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
def test_lists_and_panel_are_shown(portal: Portal, path: str) -> None:
    assert "<tbody>" in page(portal, path)
    assert "Sandbox panel" in page(portal, "/sandbox/panel/")


def test_the_panel_adds_faults_and_sets_switches(portal: Portal, sandbox: Sandbox) -> None:
    def post(action: str, form: Any = None, status: int = 200) -> str:
        answer = requests.post(f"{portal.url}/sandbox/panel/{action}", form or {}, timeout=30)
        assert answer.status_code == status
        return answer.text

    post("faults", {"kind": "delay", "method": "", "count": "2", "seconds": "0.1", "feature": ""})
    (fault,) = portal.faults
    assert (fault.kind, fault.method, fault.count) == ("delay", "*", 2)
    assert fault.options == {"seconds": 0.1}
    post("remove-fault", {"id": str(fault.id)})
    form = {
        "limits": ["false", "true"],
        "booking_tool": "false",
        "latency": "0.05",
        "utc_offset": "-10",
        "features[booking_multi]": "false",
        "features[booking]": ["false", "true"],
        "mirror": "late",
        "app_update": "keeps",
        "oauth_server": "1",
    }
    post("switches", form)
    switches, state = sandbox.switches, portal.state
    assert (switches.limits, switches.latency, switches.mirror) == (True, 0.05, "late")
    assert (state.utc_offset, state.booking_tool, state.oauth_server) == (-10, False, 1)
    assert (state.features["booking"], state.features["booking_multi"]) == (True, False)
    assert switches.app_update == "keeps"
    post("client-types", {"codes[]": ["COMPANY"]})
    assert [row.code for row in state.client_types] == ["COMPANY"]
    post("client-types")
    assert state.client_types == []
    post("link-client", {"code": "CONTACT", "number": "7", "record_id": "1"})
    assert ("CONTACT", 7) in portal.clients(1)
    post("uninstall", {"clean": "true"})
    assert "The application is not installed." in page(portal)
    post("reinstall")
    assert urlsplit(frame(page(portal))["url"]).path == "/install"
    post("nonsense", status=404)


def test_the_panels_form_of_switches_changes_nothing_by_itself(
    portal: Portal, sandbox: Sandbox
) -> None:
    before = vars(sandbox.switches).copy(), dict(portal.state.features), portal.state.oauth_server
    text = page(portal, "/sandbox/panel/").partition('action="/sandbox/panel/switches"')[2]
    text = text.partition("</form>")[0]
    fields = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', text)
    fields += re.findall(r'type="checkbox" name="([^"]+)" value="([^"]*)" checked', text)
    fields += re.findall(r'<input name="([^"]+)" type="number"[^>]* value="([^"]*)"', text)
    for name, options in re.findall(r'<select name="([^"]+)">(.*?)</select>', text):
        fields += [(name, value) for value in re.findall("<option selected>([^<]*)<", options)]
    assert requests.post(f"{portal.url}/sandbox/panel/switches", fields, timeout=30).ok
    after = vars(sandbox.switches), portal.state.features, portal.state.oauth_server
    assert after == before
    assert {name for name, _ in fields} >= {"limits", "features[booking]", "mirror", "latency"}


@pytest.mark.parametrize(
    ("action", "form", "named"),
    [
        ("faults", {"kind": "nonsense"}, "nonsense"),
        ("faults", {"kind": "delay", "count": "0"}, "count"),
        ("faults", {"kind": "delay", "seconds": "long"}, "seconds"),
        ("faults", {"kind": "delay", "probability": "2"}, "probability"),
        ("faults", {"kind": "error", "status": "20"}, "status"),
        ("faults", {"kind": "feature_off", "feature": "nonsense"}, "feature"),
        ("faults", {}, "kind"),
        ("faults", {"kind": "html", "seconds": "3"}, "seconds"),
        ("faults", {"kind": "broken_row"}, "number"),
        ("remove-fault", {"id": "0"}, "0"),
        ("switches", {"latency": "-1"}, "latency"),
        ("switches", {"utc_offset": "99"}, "utc_offset"),
        ("switches", {"limits": "perhaps"}, "limits"),
        ("switches", {"features[nonsense]": "true"}, "features"),
        ("switches", {"nonsense": "true"}, "nonsense"),
        ("link-client", {"code": "LEAD", "number": "1", "record_id": "1"}, "code"),
        ("link-client", {"code": "CONTACT", "number": "1", "record_id": "99999"}, "99999"),
        ("link-client", {"code": "CONTACT", "number": "-5", "record_id": "1"}, "number"),
        ("client-types", {"codes[]": "LEAD"}, "codes"),
        ("uninstall", {"clean": "perhaps"}, "clean"),
    ],
)
def test_the_panel_refuses_what_the_control_api_refuses(
    portal: Portal, sandbox: Sandbox, action: str, form: dict[str, str], named: str
) -> None:
    before = msgspec.json.encode(portal.state), vars(sandbox.switches).copy()
    answer = requests.post(f"{portal.url}/sandbox/panel/{action}", form, timeout=30)
    assert answer.status_code == 400
    alert = answer.text.partition('role="alert">')[2].partition("</p>")[0]
    assert named in alert
    assert (msgspec.json.encode(portal.state), vars(sandbox.switches)) == before
    assert list(portal.faults) == []


def test_the_second_portal_is_a_smaller_firm(sandbox: Sandbox) -> None:
    first, second = sandbox.portals
    assert first.member_id != second.member_id
    assert len(second.state.contacts) < len(first.state.contacts)
    assert second.state.date_format != first.state.date_format
    assert second.state.company in page(second)


def test_the_portals_own_form_adds_a_contact_with_required_fields(portal: Portal) -> None:
    portal.state.required_fields = {"contact": ["post"]}
    assert re.search(r'name="post" required', page(portal, "/crm/contact/details/0/?IFRAME=Y", 2))
    form = {"name": "Nova", "post": "Plumber", "phone": "+1 212 555 0199"}
    answer = requests.post(f"{portal.url}/crm/contact/details/0/", form, timeout=30)
    assert answer.ok
    made = portal.state.contacts[max(portal.state.contacts)]
    assert (made.title, made.fields["post"], made.fm[0].value) == ("Nova", *list(form.values())[1:])


def test_the_portals_own_form_is_refused_without_the_right_to_add(portal: Portal) -> None:
    portal.user(2).crm_add = False
    cookies = {f"portal_user_{portal.port}": "2"}
    answer = requests.get(f"{portal.url}/crm/contact/details/0/", cookies=cookies, timeout=30)
    assert answer.status_code == 403
