"""Who is calling"""

from __future__ import annotations

import pytest

from sandbox.conformance.conftest import Sides
from sandbox.conformance.rest import Rest

BINDING = {
    "event.bind": {"event": "ONBOOKINGRESOURCEADD", "handler": "https://conformance.invalid/"},
    "placement.bind": {"placement": "LEFT_MENU", "handler": "https://conformance.invalid/"},
}


def test_an_unknown_token_is_refused(stranger: Rest) -> None:
    answer = stranger.call("profile", auth="0123456789abcdef0123456789abcdef")
    assert (answer.status, answer.error) == (401, "invalid_token")


@pytest.mark.parametrize("name", ["auth", "access_token"])
def test_an_empty_token_is_none(stranger: Rest, name: str) -> None:
    answer = stranger.call("profile", **{name: ""})
    assert (answer.status, answer.error) == (401, "NO_AUTH_FOUND")


def test_a_header_that_is_no_bearer_is_ignored(stranger: Rest) -> None:
    answer = stranger.send("POST", "profile", headers={"Authorization": "Basic eDp5"})
    assert answer.error == "NO_AUTH_FOUND"


def test_a_webhook_that_does_not_exist_is_refused(stranger: Rest) -> None:
    assert stranger.call("1/nonsense/profile").error == "INVALID_CREDENTIALS"


def test_the_status_for_a_wrong_webhook(stranger: Rest, sides: Sides) -> None:
    sides(stranger.call("1/nonsense/profile").status, source=401, docs=403)


@pytest.mark.parametrize("method", BINDING)
def test_a_webhook_may_not_bind(portal: Rest, method: str) -> None:
    needed = "placement" if method.startswith("placement") else None
    if needed and needed not in portal.call("scope").result:
        pytest.skip("the webhook lacks the scope placement")
    answer = portal.call(method, **BINDING[method])
    portal.call(method.replace("bind", "unbind"), **BINDING[method])
    assert (answer.status, answer.error) == (403, "WRONG_AUTH_TYPE")


def test_app_info_tells_a_webhook_its_scopes(portal: Rest) -> None:
    assert {"SCOPE", "LICENSE"} <= set(portal.call("app.info").result)


def test_options_of_an_application_need_an_application(portal: Rest) -> None:
    answer = portal.call("app.option.get")
    assert answer.error == "ACCESS_DENIED"
    assert "Application context required" in answer.text


def test_profile_says_who_calls_and_needs_no_scope(portal: Rest) -> None:
    me = portal.call("profile").result
    assert me["ID"].isdigit()
    assert isinstance(me["ADMIN"], bool)
    assert portal.call("user.admin").result is me["ADMIN"]


def test_a_user_has_upper_case_fields_and_a_number_as_text(portal: Rest) -> None:
    if not {"user", "user_basic", "user_brief"} & set(portal.call("scope").result):
        pytest.skip("the webhook lacks a scope for users")
    assert portal.call("user.current").result["ID"] == portal.call("profile").result["ID"]


def test_methods_of_the_whole_system_need_no_scope(portal: Rest) -> None:
    for method in ("scope", "methods", "server.time"):
        assert portal.call(method).result
    found = portal.call("method.get", name="booking.v1.waitlist.client.set").result
    assert found == {"isExisting": True, "isAvailable": True}
