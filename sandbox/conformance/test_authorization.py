"""Authorization"""

import pytest

from sandbox.conformance.conftest import Compare
from sandbox.conformance.rest import Rest

BINDING = {
    "event.bind": {"event": "ONBOOKINGRESOURCEADD", "handler": "https://conformance.invalid/"},
    "placement.bind": {"placement": "LEFT_MENU", "handler": "https://conformance.invalid/"},
}


def test_an_unknown_token_is_refused(anonymous: Rest) -> None:
    answer = anonymous.call("profile", auth="0123456789abcdef0123456789abcdef")
    assert (answer.status, answer.error) == (401, "invalid_token")


@pytest.mark.parametrize("name", ["auth", "access_token"])
def test_an_empty_token_counts_as_missing(anonymous: Rest, name: str) -> None:
    answer = anonymous.call("profile", **{name: ""})
    assert (answer.status, answer.error) == (401, "NO_AUTH_FOUND")


def test_an_authorization_header_other_than_bearer_is_ignored(anonymous: Rest) -> None:
    answer = anonymous.send("POST", "profile", headers={"Authorization": "Basic eDp5"})
    assert answer.error == "NO_AUTH_FOUND"


def test_an_unknown_webhook_is_refused(anonymous: Rest) -> None:
    assert anonymous.call("1/nonsense/profile").error == "INVALID_CREDENTIALS"


def test_the_status_for_an_unknown_webhook(anonymous: Rest, compare: Compare) -> None:
    compare(anonymous.call("1/nonsense/profile").status, source=401, docs=403)


@pytest.mark.parametrize("method", BINDING)
def test_a_webhook_cannot_bind_handlers(portal: Rest, method: str) -> None:
    needed = "placement" if method.startswith("placement") else None
    if needed and needed not in portal.call("scope").result:
        pytest.skip("the webhook lacks the scope placement")
    answer = portal.call(method, **BINDING[method])
    portal.call(method.replace("bind", "unbind"), **BINDING[method])
    assert (answer.status, answer.error) == (403, "WRONG_AUTH_TYPE")


def test_app_info_returns_the_scopes_of_a_webhook(portal: Rest) -> None:
    assert {"SCOPE", "LICENSE"} <= set(portal.call("app.info").result)


def test_application_options_need_the_token_of_an_application(portal: Rest) -> None:
    answer = portal.call("app.option.get")
    assert answer.error == "ACCESS_DENIED"
    assert "Application context required" in answer.text


def test_profile_returns_the_calling_user_and_needs_no_scope(portal: Rest) -> None:
    me = portal.call("profile").result
    assert me["ID"].isdigit()
    assert isinstance(me["ADMIN"], bool)
    assert portal.call("user.admin").result is me["ADMIN"]


def test_a_user_has_upper_case_fields_and_an_id_as_text(portal: Rest) -> None:
    if not {"user", "user_basic", "user_brief"} & set(portal.call("scope").result):
        pytest.skip("the webhook lacks a scope for users")
    assert portal.call("user.current").result["ID"] == portal.call("profile").result["ID"]


def test_system_methods_need_no_scope(portal: Rest) -> None:
    for method in ("scope", "methods", "server.time"):
        assert portal.call(method).result
    found = portal.call("method.get", name="booking.v1.waitlist.client.set").result
    assert found == {"isExisting": True, "isAvailable": True}
