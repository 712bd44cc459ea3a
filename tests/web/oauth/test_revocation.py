"""An operator can end the sessions of a portal before they expire."""

from __future__ import annotations

import json

import pytest
from flask import Flask

from settings import Settings
from tests.cast import REGULAR_USER, Cast
from tests.web.routes import SESSION_ROUTES
from web.services import services_of


def revoke(app: Flask, *arguments: str) -> str:
    result = app.test_cli_runner().invoke(args=["sessions", "revoke", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("name", ["member_id", "domain"])
def test_all_sessions_of_a_portal_end_at_once(
    app: Flask, installed: Cast, installed_elsewhere: Cast, name: str
) -> None:
    people = (installed.regular_user, installed.administrator)
    assert {person.post("/records/1").status_code for person in people} == {200}
    told = revoke(app, "--portal", getattr(installed.portal, name))
    assert installed.portal.url in told
    installed.portal.requests.clear()
    for path in sorted(SESSION_ROUTES):
        assert {person.post(path).status_code for person in people} == {401}, path
    assert installed.portal.requests == []
    assert installed_elsewhere.regular_user.post("/records/1").status_code == 200


def test_a_page_that_is_open_logs_in_again_by_itself(app: Flask, installed: Cast) -> None:
    user = installed.regular_user
    stolen = user.session
    revoke(app, "--portal", installed.portal.member_id)
    page = user.submit("/")
    assert page.status_code == 401
    assert 'name="member_id"' in page.text
    launch = user.launch()
    fields = {**launch.body, "DOMAIN": installed.portal.domain}
    renewed = user.post("/session", fields)
    assert renewed.status_code == 200
    user.session = renewed.json["session"] if renewed.json else ""
    assert user.post("/records/1").status_code == 200
    user.session = stolen
    assert user.post("/records/1").status_code == 401


def test_a_user_who_lost_access_does_not_come_back(app: Flask, installed: Cast) -> None:
    user = installed.regular_user
    installed.portal.faults.add("error", "profile", code="user_access_error")
    revoke(app, "--portal", installed.portal.member_id)
    renewed = user.post("/session", {**user.launch().body, "DOMAIN": installed.portal.domain})
    assert renewed.status_code == 403
    assert user.post("/records/1").status_code == 401


def test_the_access_of_one_user_can_be_forgotten(app: Flask, installed: Cast) -> None:
    tokens, member_id = services_of(app).tokens, installed.portal.member_id
    revoke(app, "--portal", member_id, "--user", str(REGULAR_USER))
    assert tokens.find(member_id, REGULAR_USER) is None
    assert tokens.find(member_id, installed.administrator.user_id) is not None


def test_the_app_stays_installed(app: Flask, installed: Cast) -> None:
    revoke(app, "--portal", installed.portal.member_id)
    (portal,) = services_of(app).portals.installed()
    assert portal.application_token == installed.portal.application_token
    assert installed.regular_user.open().status_code == 200


def test_a_revocation_is_logged(app: Flask, installed: Cast, config: Settings) -> None:
    revoke(app, "--portal", installed.portal.member_id, "--user", "7")
    (log,) = config.log_dir.glob("security-*.jsonl")
    act = json.loads(log.read_text().splitlines()[-1])
    assert act["accepted"] == "revocation of sessions"
    assert (act["member_id"], act["user_id"]) == (installed.portal.member_id, 7)


@pytest.mark.parametrize("name", ["unknown.example.com", "0" * 32, "", "a b"])
def test_an_unknown_portal_is_an_error(app: Flask, installed: Cast, name: str) -> None:
    assert installed.portal.installed
    result = app.test_cli_runner().invoke(args=["sessions", "revoke", "--portal", name])
    assert result.exit_code == 1
    assert "no portal of this name" in result.output
