"""Only forgeries count as abuse. A portal may show every answer to a launch that names it."""

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from sandbox import Sandbox
from tests.cast import Cast

MANY = 40
"""More refusals than one caller may have."""


def launch_fields(cast: Cast) -> dict[str, str]:
    """Return all fields of a launch of the regular user."""
    return {**cast.regular_user.launch().body, "DOMAIN": cast.portal.domain, "LANG": "en"}


def post(cast: Cast, fields: dict[str, str], path: str = "/") -> TestResponse:
    return cast.regular_user.client.post(path, data=fields)


def may_be_framed(cast: Cast, answer: TestResponse) -> bool:
    policy = answer.headers["Content-Security-Policy"]
    return f"frame-ancestors {cast.portal.url.rstrip('/')}" in policy


def assert_good_callers_pass(cast: Cast) -> None:
    user = cast.regular_user
    assert user.open().status_code == 200
    assert user.post("/session", launch_fields(cast)).status_code == 200
    assert post(cast, launch_fields(cast), "/session").status_code == 200


@pytest.mark.parametrize("forgotten", [False, True])
def test_expired_launches_do_not_count(installed: Cast, sandbox: Sandbox, forgotten: bool) -> None:
    launches = [launch_fields(installed) for _ in range(MANY)]
    sandbox.expire_access_tokens()
    if forgotten:
        sandbox.state.oauth.access.clear()
    answers = [post(installed, fields) for fields in launches]
    assert {answer.status_code for answer in answers} == {401}
    assert "Logging you in again" in answers[-1].text
    assert_good_callers_pass(installed)


@pytest.mark.parametrize("fault", ["drop_before", "html", "server_error"])
def test_launches_that_could_not_be_verified_do_not_count(
    installed: Cast, sandbox: Sandbox, fault: str
) -> None:
    sandbox.oauth_faults.add(fault, "app.info")
    statuses = {post(installed, launch_fields(installed)).status_code for _ in range(MANY)}
    sandbox.oauth_faults.clear()
    assert statuses == {503}
    assert_good_callers_pass(installed)


def test_users_without_access_do_not_count(installed: Cast) -> None:
    stranger = installed.stranger
    statuses = {stranger.post_launch(stranger.launch()).status_code for _ in range(MANY)}
    assert statuses == {403}
    assert_good_callers_pass(installed)


@pytest.mark.parametrize("lost", ["AUTH_ID", "REFRESH_ID", "member_id"])
def test_launches_that_lost_a_field_do_not_count(installed: Cast, lost: str) -> None:
    fields = launch_fields(installed) | {lost: ""}
    assert {post(installed, fields).status_code for _ in range(MANY)} == {400}
    assert_good_callers_pass(installed)


@pytest.mark.parametrize(
    ("field", "value"),
    [("member_id", "f" * 32), ("AUTH_ID", "two words"), ("REFRESH_ID", "x" * 600)],
)
def test_good_callers_pass_where_a_forger_is_throttled(
    installed: Cast, field: str, value: str
) -> None:
    answers = [post(installed, launch_fields(installed) | {field: value}) for _ in range(MANY)]
    assert answers[0].status_code in {400, 403}
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert_good_callers_pass(installed)


def test_forged_tokens_do_not_cost_calls_without_end(installed: Cast, sandbox: Sandbox) -> None:
    user = installed.regular_user
    sandbox.oauth_requests.clear()
    for number in range(200):
        fields = {"AUTH_ID": f"made-up-token-{number}", "REFRESH_ID": "made-up-token"}
        answer = post(installed, launch_fields(installed) | fields)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert may_be_framed(installed, answer)
    assert len(sandbox.oauth_requests) < 150
    assert user.post("/session", launch_fields(installed)).status_code == 200


def test_links_of_an_ended_sign_in_throttle_no_good_one(installed: Cast) -> None:
    client = installed.regular_user.client
    answers = [client.get("/oauth/callback?code=x&state=x") for _ in range(MANY)]
    assert [answers[0].status_code, answers[-1].status_code] == [403, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0


@pytest.mark.parametrize("path", ["/", "/install", "/session", "/card/deal"])
@pytest.mark.parametrize(
    ("field", "value"),
    [("AUTH_ID", ""), ("AUTH_ID", "x"), ("REFRESH_ID", ""), ("member_id", ""), ("member_id", "-")],
)
def test_a_launch_without_its_fields_may_be_framed(
    installed: Cast, path: str, field: str, value: str
) -> None:
    answer = post(installed, launch_fields(installed) | {field: value}, path)
    assert answer.status_code == 400
    assert may_be_framed(installed, answer)


def test_a_launch_that_lost_its_body_may_be_framed(installed: Cast) -> None:
    answer = installed.regular_user.client.post(f"/?DOMAIN={installed.portal.domain}&LANG=de")
    assert answer.status_code == 400
    assert may_be_framed(installed, answer)
    assert '<html lang="de"' in answer.text


def test_a_throttled_launch_and_one_that_is_too_large_may_be_framed(installed: Cast) -> None:
    bad = launch_fields(installed) | {"AUTH_ID": "x"}
    answers = [post(installed, bad) for _ in range(MANY)]
    assert answers[-1].status_code == 429
    assert may_be_framed(installed, answers[-1])
    large = installed.regular_user.client.post(
        f"/?DOMAIN={installed.portal.domain}", data={"AUTH_ID": "x" * 500_000}
    )
    assert large.status_code == 413
    assert may_be_framed(installed, large)


@pytest.mark.parametrize(
    "domain", ["evil.example", "evil.example;script-src *", "", "*", "'self'", "a" * 300]
)
def test_no_other_page_may_frame_a_refusal(app: Flask, installed: Cast, domain: str) -> None:
    fields = {"AUTH_ID": "x", "DOMAIN": domain, "member_id": installed.portal.member_id}
    policy = app.test_client().post("/", data=fields).headers["Content-Security-Policy"]
    assert "evil" not in policy
    expected = installed.portal.url.rstrip("/") if not domain else "'none'"
    assert f"frame-ancestors {expected}" in policy
