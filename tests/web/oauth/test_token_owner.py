"""Tokens are kept only for the portal and user that the server names."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask

from sandbox import Sandbox, oauth_server
from settings import Settings
from tests.cast import ADMINISTRATOR, REGULAR_USER, Cast
from web.services import services_of

Change = Callable[[dict[str, Any]], Any]
ALTERED: dict[str, Change] = {
    "another portal": lambda reply: reply.update(member_id="f" * 32),
    "another user": lambda reply: reply.update(user_id=ADMINISTRATOR),
    "another user as text": lambda reply: reply.update(user_id=str(ADMINISTRATOR)),
}


def alter_token_answers(monkeypatch: pytest.MonkeyPatch, change: Change) -> None:
    real = oauth_server.token

    def altered(*arguments: Any) -> dict[str, Any]:
        reply = real(*arguments)
        change(reply)
        return reply

    monkeypatch.setattr(oauth_server, "token", altered)


def drop_owner(reply: dict[str, Any]) -> None:
    del reply["user_id"], reply["member_id"]


def refusals(config: Settings) -> list[dict[str, Any]]:
    paths: list[Path] = sorted(config.log_dir.glob("security-*.jsonl"))
    lines = [json.loads(line) for path in paths for line in path.read_text().splitlines()]
    return [line for line in lines if "refused" in line]


def users_asked(cast: Cast) -> set[int | None]:
    """Return the users as whom the portal was called successfully."""
    return {request.user_id for request in cast.portal.requests if request.status == 200}


@pytest.mark.parametrize("named", [True, False])
def test_a_refresh_token_of_an_administrator_never_serves_a_regular_user(
    app: Flask,
    installed: Cast,
    sandbox: Sandbox,
    config: Settings,
    monkeypatch: pytest.MonkeyPatch,
    named: bool,
) -> None:
    if not named:
        alter_token_answers(monkeypatch, drop_owner)
    user = installed.regular_user
    sandbox.advance(5)  # so that this launch is newer than the one of the installation
    stolen = installed.administrator.launch().refresh_token
    assert user.post_launch(user.launch(), REFRESH_ID=stolen).status_code == 200
    sandbox.expire_access_tokens()
    installed.portal.requests.clear()
    assert user.post("/records/1").status_code == 401
    assert ADMINISTRATOR not in users_asked(installed)
    assert services_of(app).tokens.find(installed.portal.member_id, REGULAR_USER) is None
    (line,) = refusals(config)
    assert (line["refused"], line["user_id"]) == ("tokens", REGULAR_USER)
    assert line["owner_user_id"] == ADMINISTRATOR


def test_a_refresh_token_of_another_portal_is_dropped(
    app: Flask, installed: Cast, installed_elsewhere: Cast, sandbox: Sandbox, config: Settings
) -> None:
    user = installed.regular_user
    sandbox.advance(5)
    stolen = installed_elsewhere.regular_user.launch().refresh_token
    user.post_launch(user.launch(), REFRESH_ID=stolen)
    sandbox.expire_access_tokens()
    assert user.post("/records/1").status_code == 401
    assert services_of(app).tokens.find(installed.portal.member_id, REGULAR_USER) is None
    assert refusals(config)[-1]["owner_member_id"] == installed_elsewhere.portal.member_id


@pytest.mark.parametrize("change", ALTERED.values(), ids=ALTERED)
def test_a_refresh_answer_that_names_another_owner_is_dropped(
    app: Flask,
    installed: Cast,
    sandbox: Sandbox,
    config: Settings,
    monkeypatch: pytest.MonkeyPatch,
    change: Change,
) -> None:
    alter_token_answers(monkeypatch, change)
    sandbox.expire_access_tokens()
    assert installed.regular_user.post("/records/1").status_code == 401
    assert services_of(app).tokens.find(installed.portal.member_id, REGULAR_USER) is None
    assert [line["why"] for line in refusals(config)] == ["foreign_owner"]


@pytest.mark.parametrize("field", ["user_id", "member_id"])
def test_an_answer_without_its_owner_costs_one_more_request(
    installed: Cast, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, field: str
) -> None:
    alter_token_answers(monkeypatch, lambda reply: reply.pop(field))
    sandbox.expire_access_tokens()
    sandbox.oauth_requests.clear()
    assert installed.regular_user.post("/records/1").status_code == 200
    asked = [request.path for request in sandbox.oauth_requests]
    assert asked == ["/oauth/token/", "/rest/app.info"]


def test_a_code_of_another_portal_opens_nothing(
    app: Flask, installed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    alter_token_answers(monkeypatch, lambda reply: reply.update(member_id="f" * 32))
    client = installed.regular_user.client
    before = services_of(app).tokens.find(installed.portal.member_id, REGULAR_USER)
    start = client.get(f"/oauth/start?domain={installed.portal.domain}")
    cookies = {f"portal_user_{urlsplit(installed.portal.url).port}": str(REGULAR_USER)}
    answer = requests.get(
        start.headers["Location"], cookies=cookies, allow_redirects=False, timeout=60
    )
    back = urlsplit(answer.headers["Location"])
    response = client.get(f"{back.path}?{back.query}")
    assert response.status_code == 403
    assert 'name="session"' not in response.text
    assert services_of(app).tokens.find(installed.portal.member_id, REGULAR_USER) == before
