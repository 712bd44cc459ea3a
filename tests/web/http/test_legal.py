"""The privacy policy says what the app stores and which cookies it sets."""

from __future__ import annotations

import html
import json
from dataclasses import replace

import pytest
from flask import Flask

from sandbox.portal import lifecycle
from settings import Settings
from store.retention import DAY, UNUSED
from store.schema import metadata
from tests.cast import Cast
from tests.quick_app import quick_app
from tests.web.steps import portal_event, post_event

STORED = {
    "portals": "The address and the ID of your Bitrix24.",
    "user_tokens": "the access that Bitrix24 gives the app.",
    "last_seen": "the IDs of the customers last seen on it",
    "record_events": "for a week, the fact that it has changed.",
    "changes": "For each change made with the app:",
    "attempts": "so that nothing is created twice.",
    "uninstalls": "the history of changes is deleted a week later",
    "oauth_states": "it sets one cookie for at most 10 minutes.",
}
"""What the policy says about each table."""
LOGGED = {
    "time": "For each request that the app refuses: the time,",
    "from": "the IP address it came from,",
    "member_id": "and the Bitrix24 it named.",
    "domain": "and the Bitrix24 it named.",
    "refused": "For each request that the app refuses:",
    "why": "For each request that the app refuses:",
}
"""What the policy says about each field of a line in the security log."""


ACCEPTED = {
    "time": "and each revoked session: the time,",
    "member_id": "your Bitrix24, and the user.",
    "user_id": "your Bitrix24, and the user.",
    "accepted": "For each installation, update and removal of the app",
    "delete_history": "If your administrator chooses to delete the data of the app,",
}
"""What the policy says about each field of an accepted act."""


def policy(app: Flask) -> str:
    return html.unescape(app.test_client().get("/legal/privacy").text)


def test_the_policy_names_what_each_table_holds(app: Flask) -> None:
    assert set(STORED) == set(metadata.tables)
    page = policy(app)
    assert [sentence for sentence in STORED.values() if sentence not in page] == []


def test_the_policy_names_what_the_security_log_holds(
    app: Flask, here: Cast, config: Settings
) -> None:
    stranger = here.stranger
    assert stranger.post_launch(stranger.launch(), member_id="0" * 32).status_code == 403
    (log,) = config.log_dir.glob("security-*.jsonl")
    here.administrator.open()
    lifecycle.uninstall(here.portal)
    assert post_event(here, portal_event(here, "ONAPPUNINSTALL")) == 200
    refused, *accepted = [json.loads(line) for line in log.read_text().splitlines()]
    assert set(refused) == set(LOGGED)
    assert set().union(*accepted) == set(ACCEPTED)
    page = policy(app)
    said = [*LOGGED.values(), *ACCEPTED.values()]
    assert [sentence for sentence in said if sentence not in page] == []
    assert f"deleted after {config.log_retention_days} days" in page


@pytest.mark.parametrize("days", [30, 365])
def test_the_policy_says_how_long_the_history_is_kept(config: Settings, days: int) -> None:
    page = policy(quick_app(replace(config, history_retention_days=days)))
    assert f"Changes in the history are deleted after {days} days." in page
    assert f"Access that is not used is deleted after {UNUSED // DAY} days." in page


def test_the_policy_names_the_only_cookie(app: Flask, installed: Cast) -> None:
    client = installed.regular_user.client
    assert "Set-Cookie" not in installed.regular_user.open().headers
    start = client.get(f"/oauth/start?domain={installed.portal.domain}")
    (cookie,) = start.headers.getlist("Set-Cookie")
    assert "Max-Age=600;" in cookie
    assert "Inside Bitrix24 the app sets no cookies." in policy(app)
    assert "for at most 10 minutes" in policy(app)
