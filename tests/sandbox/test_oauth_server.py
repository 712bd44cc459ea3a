"""The OAuth server: tokens, codes, errors, app.info."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox import Sandbox
from sandbox.portal import lifecycle
from sandbox.portal.portal import Portal
from tests.sandbox.steps import Caller


def ask(sandbox: Sandbox, verb: str = "post", **changes: str | None) -> requests.Response:
    fields = {"client_id": sandbox.client_id, "client_secret": sandbox.client_secret, **changes}
    kept = {key: value for key, value in fields.items() if value is not None}
    url = f"{sandbox.oauth_url}/oauth/token/"
    if verb == "get":
        return requests.get(url, params=kept, timeout=30)
    return requests.post(url, data=kept, timeout=30)


@pytest.mark.parametrize("verb", ["get", "post"])
def test_a_refresh_token_works_once_and_returns_new_tokens(
    sandbox: Sandbox, portal: Portal, verb: str
) -> None:
    launch = portal.launch(2)
    first = ask(sandbox, verb, grant_type="refresh_token", refresh_token=launch.refresh_token)
    body = first.json()
    assert (body["user_id"], body["member_id"], body["expires_in"]) == (2, portal.member_id, 3600)
    assert body["client_endpoint"] == portal.client_endpoint
    assert body["domain"] == sandbox.oauth_url.removeprefix("http://")
    assert body["refresh_token"] != launch.refresh_token
    again = ask(sandbox, verb, grant_type="refresh_token", refresh_token=launch.refresh_token)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert [(record.grant_type, record.ok) for record in sandbox.oauth_requests] == [
        ("refresh_token", True),
        ("refresh_token", False),
    ]


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_id": "someone.else"}, 200, "wrong_client"),
        ({"client_secret": "wrong"}, 400, "invalid_client"),
        ({"refresh_token": None}, 400, "invalid_request"),
        ({"refresh_token": "unknown"}, 400, "invalid_grant"),
        ({"grant_type": "authorization_code", "code": "unknown"}, 400, "invalid_grant"),
        ({"grant_type": None}, 400, "invalid_request"),
        ({"scope": "booking,tasks"}, 403, "invalid_scope"),
    ],
)
def test_each_error_has_its_status(
    sandbox: Sandbox, changes: dict[str, Any], status: int, error: str
) -> None:
    fields: dict[str, Any] = {"grant_type": "refresh_token", "refresh_token": "x", **changes}
    answer = ask(sandbox, **fields)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_the_code_flow_returns_to_the_registered_address(sandbox: Sandbox, portal: Portal) -> None:
    query = {"client_id": sandbox.client_id, "state": "s1", "redirect_uri": "http://evil.example/"}
    url = f"{portal.url}/oauth/authorize/"
    answer = requests.get(url, params=query, allow_redirects=False, timeout=30)
    target = answer.headers["Location"]
    assert target.startswith("http://127.0.0.1:5000/oauth/callback?code=")
    assert "state=s1" in target
    code = target.partition("code=")[2].partition("&")[0]
    body = ask(sandbox, grant_type="authorization_code", code=code).json()
    assert body["member_id"] == portal.member_id
    assert "user_id" not in body
    used = ask(sandbox, grant_type="authorization_code", code=code)
    assert used.json()["error"] == "bad_verification_code"


def test_a_code_is_valid_for_thirty_seconds(sandbox: Sandbox, portal: Portal) -> None:
    code = sandbox.hub.tokens.issue_code(portal.member_id, 2)
    sandbox.advance(31)
    answer = ask(sandbox, grant_type="authorization_code", code=code)
    assert (answer.status_code, answer.json()["error"]) == (400, "bad_verification_code")


def test_a_user_without_access_is_refused_on_the_portals_page(
    sandbox: Sandbox, portal: Portal
) -> None:
    answer = requests.get(
        f"{portal.url}/oauth/authorize/",
        params={"client_id": sandbox.client_id},
        cookies={f"portal_user_{portal.port}": "3"},
        allow_redirects=False,
        timeout=30,
    )
    assert answer.status_code == 403
    assert "Access denied" in answer.text


def test_an_access_token_is_valid_for_an_hour(sandbox: Sandbox, call: Caller) -> None:
    assert call("profile")[0] == 200
    sandbox.advance(3601)
    assert call("profile") == (
        401,
        {
            "error": "expired_token",
            "error_description": "The access token provided has expired",
        },
    )


def test_tokens_can_be_expired_and_refreshed(sandbox: Sandbox, portal: Portal) -> None:
    launch = portal.launch(2)
    sandbox.expire_access_tokens()
    info = f"{sandbox.oauth_url}/rest/app.info"
    old = requests.get(info, {"auth": launch.access_token}, timeout=30)
    assert (old.status_code, old.json()["error"]) == (401, "expired_token")
    fresh = ask(sandbox, grant_type="refresh_token", refresh_token=launch.refresh_token).json()
    assert requests.get(info, {"auth": fresh["access_token"]}, timeout=30).ok


@pytest.mark.parametrize("how", ["params", "data", "json"])
def test_app_info_returns_the_owner_of_a_token(sandbox: Sandbox, portal: Portal, how: str) -> None:
    token = {"auth": portal.launch(2).access_token}
    url = f"{sandbox.oauth_url}/rest/app.info"
    answer = (
        requests.get(url, params=token, timeout=30)
        if how == "params"
        else requests.post(url, timeout=30, **{how: token})  # type: ignore[arg-type]
    )
    result = answer.json()["result"]
    assert (result["client_id"], result["user_id"]) == (sandbox.client_id, 2)
    install = result["install"]
    assert install["member_id"] == portal.member_id
    assert install["client_endpoint"] == portal.client_endpoint
    assert install["uri"] == portal.url


def test_app_info_refuses_unknown_tokens(sandbox: Sandbox) -> None:
    url = f"{sandbox.oauth_url}/rest/app.info"
    assert requests.get(url, timeout=30).json()["error"] == "NO_AUTH_FOUND"
    assert requests.get(url, {"auth": "x"}, timeout=30).json()["error"] == "invalid_token"


def test_an_uninstalled_application_gets_no_tokens(sandbox: Sandbox, portal: Portal) -> None:
    refresh = portal.launch(2).refresh_token
    lifecycle.uninstall(portal)
    answer = ask(sandbox, grant_type="refresh_token", refresh_token=refresh)
    assert (answer.status_code, answer.json()["error"]) == (401, "NOT_INSTALLED")
    lifecycle.reinstall(portal)
    answer = ask(sandbox, grant_type="refresh_token", refresh_token=refresh)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert portal.launch(2).access_token


def test_with_the_switch_a_portal_caches_a_token_check_for_an_hour(
    sandbox: Sandbox, call: Caller, portal: Portal
) -> None:
    sandbox.switches.token_cache = True
    assert call("profile")[0] == 200
    portal.user(2).app_access = False
    assert call("profile")[0] == 200
    sandbox.switches.token_cache = False
    assert call("profile")[1]["error"] == "user_access_error"


def test_the_oauth_server_has_faults_too(sandbox: Sandbox) -> None:
    sandbox.oauth_faults.add("server_error", "oauth/token", count=1)
    assert ask(sandbox).status_code == 500
    sandbox.oauth_faults.add("drop_before", "oauth/token", count=1)
    with pytest.raises(requests.ConnectionError):
        ask(sandbox)


def test_localhost_is_the_portal_and_127_0_0_1_the_oauth_server(
    sandbox: Sandbox, portal: Portal
) -> None:
    assert requests.get(f"{portal.url}/oauth/token/", timeout=30).status_code == 404
    assert requests.get(f"{sandbox.oauth_url}/rest/profile", timeout=30).status_code == 404
    second = sandbox.portals[1].url.replace("localhost", "127.0.0.1")
    assert requests.get(second, timeout=30).status_code == 421


@pytest.fixture
def two_servers() -> Iterator[Sandbox]:
    with Sandbox(port=0, portals=2, oauth_servers=2, installed=True) as running:
        yield running


def test_only_the_second_server_knows_the_tokens_of_a_portal_that_is_moved_to_it(
    two_servers: Sandbox,
) -> None:
    sandbox, portal = two_servers, two_servers.portals[0]
    portal.state.oauth_server = 2
    launch = portal.launch(2)
    first, second = sandbox.hub.plain_oauth_urls
    assert launch.body["SERVER_ENDPOINT"] == f"{second}/rest/"
    auth = {"auth": launch.access_token}
    answers = [requests.get(f"{url}/rest/app.info/", auth, timeout=30) for url in (first, second)]
    assert [answer.status_code for answer in answers] == [401, 200]
    assert answers[0].json()["error"] == "invalid_token"
    given = {
        "grant_type": "refresh_token",
        "client_id": sandbox.client_id,
        "client_secret": sandbox.client_secret,
        "refresh_token": launch.refresh_token,
    }
    refused = requests.get(f"{first}/oauth/token/", given, timeout=30)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    reply = requests.get(f"{second}/oauth/token/", given, timeout=30).json()
    assert reply["server_endpoint"] == f"{second}/rest/"
    assert reply["domain"] == second.removeprefix("http://")
    assert [record.server for record in sandbox.oauth_requests] == [1, 2, 1, 2]
    # The other portal stays where it is, and an application is told of both servers.
    other = sandbox.portals[1].launch(1)
    assert other.body["SERVER_ENDPOINT"] == f"{first}/rest/"
    assert sandbox.environment()["B24_OAUTH_URLS"] == f"{first},{second}"
    alone = requests.get(second.replace("127.0.0.1", "localhost"), timeout=30)
    assert alone.status_code == 421


def test_with_one_server_again_it_knows_all_tokens(tmp_path: Path) -> None:
    data = tmp_path / "sandbox.json"
    with Sandbox(port=0, portals=2, oauth_servers=2, data=data) as before:
        before.portals[0].state.oauth_server = 2
    with Sandbox(port=0, data=data) as sandbox:
        assert len(sandbox.portals) == 1
        launch = sandbox.portals[0].launch(1)
        assert launch.body["SERVER_ENDPOINT"] == f"{sandbox.oauth_url}/rest/"
        auth = {"auth": launch.access_token}
        assert requests.get(f"{sandbox.oauth_url}/rest/app.info", auth, timeout=30).ok
