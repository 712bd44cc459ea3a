"""Only a real launch opens the app. A forged one reveals nothing and costs little."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from flask import Flask

from sandbox import Sandbox
from settings import Settings
from tests.cast import REGULAR_USER, Cast
from tests.quick_app import copied_app
from web.services import services_of


def test_a_real_launch_opens_the_main_page(installed: Cast) -> None:
    response = installed.regular_user.open()
    assert response.status_code == 200
    assert response.text.count('role="option"') == len(installed.portal.records)


def test_a_launch_is_verified_with_one_request(installed: Cast, sandbox: Sandbox) -> None:
    sandbox.oauth_requests.clear()
    installed.regular_user.open()
    assert [request.path for request in sandbox.oauth_requests] == ["/rest/app.info"]


@pytest.mark.parametrize("path", ["/", "/install", "/card/contact", "/card/company"])
def test_without_a_launch_the_page_says_where_to_open_the_app(here: Cast, path: str) -> None:
    client = here.regular_user.client
    response = client.get(path)
    assert response.status_code == 200
    assert "Open it from your Bitrix24 menu" in response.text
    assert client.head(path).status_code == 200
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("AUTH_ID", ""),
        ("AUTH_ID", "x" * 513),
        ("AUTH_ID", "ä" * 20),
        ("AUTH_ID", "two words here"),
        ("REFRESH_ID", ""),
        ("member_id", ""),
        ("member_id", "../../etc"),
        ("member_id", "a" * 65),
        ("DOMAIN", ""),
        ("DOMAIN", "evil.example/path"),
        ("DOMAIN", "user@evil.example"),
    ],
)
def test_a_malformed_launch_is_refused_without_a_request(
    installed: Cast, sandbox: Sandbox, field: str, value: str
) -> None:
    launch = installed.regular_user.launch()
    fields = {**launch.body, "DOMAIN": installed.portal.domain, field: value}
    sandbox.oauth_requests.clear()
    response = installed.regular_user.client.post("/", data=fields)
    assert_refused(response.status_code, response.text, 400)
    assert sandbox.oauth_requests == []


def test_an_unknown_access_token_is_refused(installed: Cast) -> None:
    user = installed.regular_user
    response = user.post_launch(user.launch(), AUTH_ID="0123456789abcdef" * 4)
    assert_refused(response.status_code, response.text, 401)


def test_a_token_of_another_application_is_refused(installed: Cast) -> None:
    with Sandbox(app_url="http://127.0.0.1:5999", port=0) as other_vendor:
        foreign = other_vendor.portals[0].launch(user_id=REGULAR_USER)
    user = installed.regular_user
    response = user.post_launch(user.launch(), AUTH_ID=foreign.access_token)
    assert_refused(response.status_code, response.text, 401)


def test_a_token_of_another_application_on_the_same_portal_is_refused(
    here: Cast, config: Settings
) -> None:
    other_app = copied_app(replace(config, client_id="app.of.somebody.else"))
    launch = here.regular_user.launch()
    response = other_app.test_client().post(f"/?DOMAIN={here.portal.domain}", data=launch.body)
    assert_refused(response.status_code, response.text, 403)


def test_a_token_of_another_portal_is_refused_under_this_member_id(
    installed: Cast, installed_elsewhere: Cast
) -> None:
    theirs = installed_elsewhere.regular_user.launch()
    response = installed_elsewhere.regular_user.post_launch(
        theirs, member_id=installed.portal.member_id
    )
    assert_refused(response.status_code, response.text, 403)


def test_a_token_of_another_portal_is_refused_under_this_domain(
    installed: Cast, installed_elsewhere: Cast
) -> None:
    theirs = installed_elsewhere.regular_user.launch()
    response = installed.regular_user.client.post(
        f"/?DOMAIN={installed.portal.domain}", data=theirs.body
    )
    assert_refused(response.status_code, response.text, 403)


def test_a_posted_server_endpoint_is_never_contacted(
    installed: Cast, trap: tuple[str, list[bytes]]
) -> None:
    url, heard = trap
    address = f"{url}/rest/"
    user = installed.regular_user
    response = user.post_launch(user.launch(), SERVER_ENDPOINT=address)
    assert response.status_code == 200
    assert heard == []


def test_a_server_that_answers_html_opens_nothing(installed: Cast, sandbox: Sandbox) -> None:
    user = installed.regular_user
    sandbox.oauth_faults.add("html", "app.info", count=1)
    assert_refused(user.post_launch(user.launch()).status_code, "", 503)


def test_a_server_that_hangs_up_opens_nothing(installed: Cast, sandbox: Sandbox) -> None:
    user = installed.regular_user
    sandbox.oauth_faults.add("drop_before", "app.info", count=1)
    assert_refused(user.post_launch(user.launch()).status_code, "", 503)


def test_an_old_launch_does_not_replace_newer_tokens(
    app: Flask, installed: Cast, sandbox: Sandbox
) -> None:
    user = installed.regular_user
    old = user.launch()
    sandbox.advance(5)
    newest = user.launch()
    user.post_launch(newest)
    assert user.post_launch(old).status_code == 200
    stored = services_of(app).tokens.find(user.portal.member_id, user.user_id)
    assert stored is not None
    assert stored.access_token == newest.access_token


def test_a_reloaded_frame_with_an_expired_launch_gets_a_page_without_data(
    installed: Cast, sandbox: Sandbox
) -> None:
    user = installed.regular_user
    launch = user.launch()
    sandbox.expire_access_tokens()
    response = user.post_launch(launch)
    assert response.status_code == 401
    assert "Logging you in again" in response.text
    assert_refused(response.status_code, response.text, 401)
    policy = response.headers["Content-Security-Policy"]
    assert f"frame-ancestors {installed.portal.url.rstrip('/')}" in policy
    for secret in (launch.access_token, launch.refresh_token, installed.portal.application_token):
        assert secret not in response.text


def test_refused_launches_with_one_token_cost_one_outgoing_request(
    installed: Cast, sandbox: Sandbox
) -> None:
    user = installed.regular_user
    launch = user.launch()
    sandbox.oauth_requests.clear()
    for _ in range(5):
        user.post_launch(launch, AUTH_ID="0123456789abcdef" * 4)
    assert len(sandbox.oauth_requests) == 1


def test_a_caller_with_many_refusals_is_throttled(installed: Cast) -> None:
    user = installed.regular_user
    statuses = [user.client.post("/", data={"AUTH_ID": "x"}).status_code for _ in range(40)]
    assert statuses[0] == 400
    assert statuses[-1] == 429


@pytest.mark.parametrize("peer", ["127.0.0.1", "10.0.0.7", ""])
def test_behind_a_proxy_only_the_refused_caller_is_throttled(installed: Cast, peer: str) -> None:
    client = installed.regular_user.client

    def forged(address: str) -> int:
        headers = {"X-Forwarded-For": f"192.0.2.9, {address}"}
        environ = {"REMOTE_ADDR": peer}
        answer = client.post("/", data={"AUTH_ID": "x"}, headers=headers, environ_base=environ)
        return answer.status_code

    for _ in range(40):
        forged("203.0.113.7")
    assert forged("203.0.113.7") == 429
    assert forged("203.0.113.8") == 400


@pytest.mark.records(3)
def test_many_good_launches_from_one_address_are_not_throttled(installed: Cast) -> None:
    statuses = {installed.regular_user.open().status_code for _ in range(40)}
    assert statuses == {200}


@pytest.mark.parametrize(
    "options",
    [
        "not json",
        "[]",
        "7",
        '"text"',
        "null",
        json.dumps({"ID": {"$gt": 0}}),
        "[" * 5000,
        "{" * 9000,
    ],
)
def test_malformed_placement_options_are_ignored(installed: Cast, options: str) -> None:
    user = installed.regular_user
    launch = user.portal.launch(
        user_id=REGULAR_USER, placement="CRM_CONTACT_DETAIL_TAB", options={"ID": "1"}
    )
    response = user.post_launch(launch, PLACEMENT_OPTIONS=options)
    assert response.status_code == 200
    assert "This card has not been saved yet" in response.text


def test_a_body_that_is_too_large_is_refused(here: Cast) -> None:
    response = here.regular_user.client.post("/", data={"AUTH_ID": "x" * 500_000})
    assert response.status_code == 413


def assert_refused(status: int, text: str, expected: int) -> None:
    assert status == expected
    assert 'name="session"' not in text
    assert 'role="option"' not in text


def test_every_refusal_is_logged_with_its_claims(installed: Cast, config: Settings) -> None:
    user = installed.regular_user
    user.post_launch(user.launch(), member_id="f" * 32)
    user.client.post("/events", data={"event": "x\ny"})
    (path,) = config.log_dir.glob("security-*.jsonl")
    launch, event = map(json.loads, path.read_text().splitlines()[-2:])
    assert (launch["refused"], launch["why"]) == ("launch", "foreign_portal")
    assert launch["member_id"] == "f" * 32
    assert (event["refused"], event["why"]) == ("event", "malformed")
    assert path.stat().st_mode & 0o077 == 0
