"""event.*, placement.*, options and the other system methods."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from sandbox.portal.portal import Portal
from tests.sandbox.steps import Caller

URL = "http://127.0.0.1:5000/tab"


@pytest.mark.parametrize(
    ("event", "handler", "error"),
    [
        ("", URL, "ERROR_ARGUMENT"),
        ("ONAPPINSTALL", "", "ERROR_ARGUMENT"),
        ("ONNOSUCH", URL, "ERROR_EVENT_NOT_FOUND"),
        ("ONAPPINSTALL", "http://localhost/x", "ERROR_WRONG_HANDLER_URL"),
        ("ONAPPINSTALL", "http://[::1.x/", "ERROR_WRONG_HANDLER_URL"),
        ("ONAPPINSTALL", "http://a..b/x", "ERROR_WRONG_HANDLER_URL"),
    ],
)
def test_a_bad_event_or_handler_is_refused(
    call: Caller, event: str, handler: str, error: str
) -> None:
    given = {name: value for name, value in (("event", event), ("handler", handler)) if value}
    status, body = call("event.bind", user=1, **given)
    assert (status, body["error"]) == (400, error)


@pytest.mark.parametrize(
    ("placement", "handler", "more", "error"),
    [
        ("LEFT_MENU", "http://a.b:x/", {}, "ERROR_WRONG_HANDLER_URL"),
        ("CRM_DEAL_DETAIL_TAB", "ftp://a.b/x", {}, "ERROR_UNSUPPORTED_PROTOCOL"),
        ("DEFAULT", URL, {}, "ERROR_ARGUMENT"),
        (["x"], URL, {}, "ERROR_ARGUMENT"),
        ("NO_SUCH", URL, {}, "ERROR_PLACEMENT_NOT_FOUND"),
        ("LEFT_MENU", URL, {"user_id": 2}, "ERROR_PLACEMENT_USER_MODE"),
    ],
)
def test_a_bad_placement_or_handler_is_refused(
    call: Caller, placement: Any, handler: str, more: dict[str, int], error: str
) -> None:
    given = {"placement": placement, "handler": handler, **more}
    status, body = call("placement.bind", user=1, **given)
    assert (status, body["error"]) == (400, error)


def test_a_place_takes_several_handlers_of_the_application(call: Caller) -> None:
    bound = {"PLACEMENT": "CRM_CONTACT_DETAIL_TAB"}
    for handler in (URL, f"{URL}/2"):
        assert call("placement.bind", user=1, HANDLER=handler, **bound)[1]["result"] is True
        assert call("event.bind", user=1, HANDLER=handler, EVENT="ONAPPINSTALL")[0] == 200


def test_an_unbind_counts_twice_and_without_a_handler_zero(call: Caller) -> None:
    call("placement.bind", user=1, PLACEMENT="LEFT_MENU", HANDLER=URL, TITLE="Queue")
    (bound,) = call("placement.get", user=1)[1]["result"]
    assert (bound["placement"], bound["title"], bound["langAll"]) == ("LEFT_MENU", "Queue", [])
    assert call("placement.unbind", user=1, PLACEMENT="LEFT_MENU")[1]["result"] == {"count": 2}
    assert call("placement.unbind", user=1, PLACEMENT="LEFT_MENU")[1]["result"] == {"count": 0}


def test_a_regular_user_can_only_bind_events_with_own_tokens(call: Caller) -> None:
    call("event.bind", user=2, EVENT="ONAPPINSTALL", HANDLER=URL)
    named = call("event.bind", user=2, EVENT="ONAPPINSTALL", HANDLER=URL, AUTH_TYPE=1)
    assert (named[0], named[1]["error"]) == (403, "ACCESS_DENIED")
    assert call("event.get", user=2)[1]["result"][0]["auth_type"] == "2"
    unbind = {"EVENT": "ONAPPINSTALL", "HANDLER": URL}
    assert call("event.unbind", user=2, AUTH_TYPE="2", **unbind)[0] == 403
    assert call("event.unbind", user=2, **unbind)[1]["result"] == {"count": 1}


def test_an_event_cannot_be_bound_for_an_unknown_user(call: Caller) -> None:
    bind = {"EVENT": "ONAPPINSTALL", "HANDLER": URL}
    status, body = call("event.bind", user=1, AUTH_TYPE=99, **bind)
    assert (status, body["error"]) == (403, "ACCESS_DENIED")
    assert call("event.get", user=1)[1]["result"] == []
    assert call("event.bind", user=1, AUTH_TYPE=2, **bind)[0] == 200


def test_lists_of_placements_and_events_depend_on_the_scope(call: Caller) -> None:
    assert "CRM_DEAL_DETAIL_TAB" in call("placement.list")[1]["result"]
    assert "USER_PROFILE_MENU" not in call("placement.list")[1]["result"]
    assert "ONBOOKINGWAITLISTITEMUPDATE" in call("events")[1]["result"]


def test_options_are_stored_per_application_and_per_user(call: Caller) -> None:
    assert call("app.option.get")[1]["result"] == []
    assert call("app.option.set", user=2, options={"a": 1})[1]["error"] == "ACCESS_DENIED"
    assert call("app.option.set", user=1, options={"a": 1})[1]["result"] is True
    assert call("app.option.get", option="a")[1]["result"] == 1
    call("user.option.set", user=2, options={"b": 2})
    assert call("user.option.get", user=1)[1]["result"] == []
    assert call("user.option.get", user=2)[1]["result"] == {"b": 2}


def test_the_other_system_methods_answer(call: Caller, portal: Portal) -> None:
    assert call("method.get", name="batch.x")[1]["result"]["isExisting"] is False
    assert call("method.get", name="crm.item.list")[1]["result"]["isAvailable"] is True
    assert call("scope")[1]["result"] == ["booking", "crm", "placement"]
    assert "profile" in call("methods")[1]["result"]
    assert call("feature.get", code="booking")[1]["result"] == {"value": "Y"}
    assert call("user.admin", user=1)[1]["result"] is True
    info = call("app.info")[1]["result"]
    assert (info["VERSION"], info["INSTALLED"], info["STATUS"]) == (1, True, "L")
    hook = requests.get(portal.webhook_url + "app.info", timeout=30).json()["result"]
    assert set(hook) == {"SCOPE", "LICENSE"}


def test_events_are_listed_by_scope_or_in_full(call: Caller, portal: Portal) -> None:
    def names(**given: Any) -> list[str]:
        return list(call("events", **given)[1]["result"])

    everything = names(FULL=1)
    by_scope = {scope: names(SCOPE=scope) for scope in ("booking", "crm", "_global", "")}
    assert "ONBOOKINGWAITLISTITEMADD" in by_scope["booking"]
    assert by_scope["_global"] == by_scope[""] == names(SCOPE="", FULL=1)
    assert "ONAPPINSTALL" in by_scope[""]
    assert names(SCOPE="nonsense") == []
    parts = (by_scope["booking"], by_scope["crm"], by_scope[""])
    assert sorted(name for part in parts for name in part) == everything
    assert names() == everything
    portal.hub.tokens.state.access[next(reversed(portal.hub.tokens.state.access))].scope = "crm"
    assert names() == sorted([*by_scope["crm"], *by_scope[""]])
    assert names(full=True) == everything
    hook = requests.get(f"{portal.webhook_url}events", timeout=30)
    assert (hook.status_code, hook.json()["error"]) == (403, "WRONG_AUTH_TYPE")
