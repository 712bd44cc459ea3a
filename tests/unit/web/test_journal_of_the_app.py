"""Calls to portals are journaled and counted, and operators can read both."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.fernet import Fernet
from flask import Flask

import settings
from app import create_app
from sandbox import Sandbox
from tests.cast import Cast


def journal_of(app: Flask, member_id: str) -> list[dict[str, Any]]:
    printed = app.test_cli_runner().invoke(args=["journal", "export", member_id])
    assert printed.exit_code == 0
    return [json.loads(line) for line in printed.output.splitlines()]


def test_every_call_to_a_portal_is_in_the_journal(app: Flask, installed: Cast) -> None:
    before = len(journal_of(app, installed.portal.member_id))
    installed.regular_user.open()
    lines = journal_of(app, installed.portal.member_id)[before:]
    assert lines[0]["method"] == "app.info"
    asked = [line["method"] for line in lines if line["method"] != "app.info"]
    assert asked == [made.method for made in installed.portal.requests]
    inner = [
        [call["method"] for call in line["calls"]] for line in lines if line["method"] == "batch"
    ]
    # Parallel calls may end in another order.
    asked_for = [made.methods for made in installed.portal.requests if made.calls]
    assert sorted(inner) == sorted(asked_for)
    assert {line["user_id"] for line in lines} == {installed.regular_user.user_id}


def test_calls_of_one_request_share_an_id(app: Flask, installed: Cast) -> None:
    member_id = installed.portal.member_id
    before = len(journal_of(app, member_id))
    installed.regular_user.open()
    first = {line["request_id"] for line in journal_of(app, member_id)[before:]}
    installed.regular_user.open()
    both = {line["request_id"] for line in journal_of(app, member_id)[before:]}
    assert len(first) == 1
    assert len(both) == 2


def test_a_refresh_is_journaled_without_its_tokens(
    app: Flask, installed: Cast, sandbox: Sandbox, config: settings.Settings
) -> None:
    sandbox.expire_access_tokens()
    installed.regular_user.post("/customers/search", {"q": "Anna Schmidt"})
    lines = journal_of(app, installed.portal.member_id)
    assert "oauth.token" in {line["method"] for line in lines}
    oauth = sandbox.state.oauth
    secrets = {oauth.client_secret, installed.portal.application_token, "Anna", "Schmidt"}
    secrets |= oauth.access.keys() | oauth.refresh.keys()
    written = "".join(path.read_text() for path in config.log_dir.glob("*.jsonl"))
    assert [secret for secret in secrets if secret in written] == []


def test_the_journal_of_an_unknown_portal_is_empty(app: Flask, installed: Cast) -> None:
    assert installed.portal.installed
    assert journal_of(app, "nobody") == []


def test_metrics_count_the_calls_by_method_and_outcome(app: Flask, installed: Cast) -> None:
    installed.regular_user.open()
    text = app.test_client().get("/metrics").text
    assert 'waitlist_portal_call_seconds_count{method="app.info",outcome="ok"}' in text
    assert 'waitlist_portal_call_seconds_count{method="batch",outcome="ok"}' in text


@pytest.fixture
def rotated(config: settings.Settings) -> settings.Settings:
    """The settings after an operator added a new key before the old one."""
    new = Fernet.generate_key().decode()
    return settings.Settings(
        **{
            name: getattr(config, name)
            for name in config.__dataclass_fields__
            if name != "token_keys"
        },
        token_keys=(new, *config.token_keys),
    )


def test_keys_rotate_seals_with_the_first_key(installed: Cast, rotated: settings.Settings) -> None:
    assert installed.portal.installed
    runner = create_app(rotated).test_cli_runner()
    first = runner.invoke(args=["keys", "rotate"])
    again = runner.invoke(args=["keys", "rotate"])
    assert (first.exit_code, again.exit_code) == (0, 0)
    assert first.output == "10 values are now sealed with the first key.\n"
    assert again.output == "0 values are now sealed with the first key.\n"
    acts = accepted(rotated)
    assert [(act["accepted"], act["resealed"]) for act in acts[-2:]] == [
        ("key rotation", 10),
        ("key rotation", 0),
    ]


def test_keys_rotate_says_when_a_key_is_missing(
    installed: Cast, rotated: settings.Settings
) -> None:
    assert installed.portal.installed
    values = {name: getattr(rotated, name) for name in rotated.__dataclass_fields__}
    lost = settings.Settings(**(values | {"token_keys": rotated.token_keys[:1]}))
    result = create_app(lost).test_cli_runner().invoke(args=["keys", "rotate"])
    assert result.exit_code == 1
    assert "10 values open with none of the keys" in result.output
    assert accepted(lost)[-1]["unreadable"] == 10


def accepted(config: settings.Settings) -> list[dict[str, Any]]:
    """Return the accepted acts in the security log."""
    (path,) = config.log_dir.glob("security-*.jsonl")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return [line for line in lines if "accepted" in line]


def test_an_export_of_the_journal_is_logged(
    app: Flask, installed: Cast, config: settings.Settings
) -> None:
    member_id = installed.portal.member_id
    app.test_cli_runner().invoke(args=["journal", "export", member_id])
    act = accepted(config)[-1]
    assert (act["accepted"], act["member_id"]) == ("export of the journal", member_id)
