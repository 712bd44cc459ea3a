"""`flask check` has a line for each thing that has to be right."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import flask.cli
import pytest
from click.testing import CliRunner
from flask import Flask

from sandbox import Sandbox
from settings import Settings
from tests.cast import Cast
from tests.quick_app import quick_app
from web.services import services_of

ROOT = Path(__file__).parents[3]


def check(app: Flask) -> tuple[int, dict[str, str]]:
    result = app.test_cli_runner().invoke(args=["check"])
    lines = [line.split(": ", 1) for line in result.output.splitlines()]
    return result.exit_code, {subject: text for subject, text in lines}


def test_a_healthy_app_has_a_line_for_each_thing(app: Flask, installed: Cast) -> None:
    code, found = check(app)
    server = services_of(app).settings.oauth_urls[0]
    assert code == 0
    assert found == {
        "settings": "complete, the app is at http://127.0.0.1:5999",
        "database": "sqlite answers",
        "keys": "they open every portal",
        "manifest": "install.json 1.0.0, 4 placements, 9 events",
        f"authorization server {server}": "knows the app",
        installed.portal.url: "as install.json says",
    }


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"client_secret": "another"}, "does not know B24_CLIENT_ID with this B24_CLIENT_SECRET"),
        ({"client_id": "local.1"}, "does not know B24_CLIENT_ID with this B24_CLIENT_SECRET"),
        ({"oauth_urls": ("http://127.0.0.1:1",)}, "cannot be asked (ConnectionError)"),
    ],
)
def test_an_authorization_server_that_does_not_know_the_app_is_a_finding(
    config: Settings, changes: dict[str, Any], said: str
) -> None:
    changed = replace(config, **changes)
    code, found = check(quick_app(changed))
    assert code == 1
    assert found[f"authorization server {changed.oauth_urls[0]}"] == said


@pytest.mark.parametrize("kind", ["drop_before", "html", "server_error"])
def test_an_authorization_server_that_does_not_answer_is_a_finding(
    app: Flask, sandbox: Sandbox, kind: str
) -> None:
    sandbox.oauth_faults.add(kind, "oauth/token")
    code, found = check(app)
    assert code == 1
    assert "cannot be asked (" in found[f"authorization server {sandbox.oauth_url}"]


def test_loopback_beside_https_is_a_finding(config: Settings) -> None:
    code, found = check(quick_app(replace(config, app_url="https://app.example.com")))
    assert code == 1
    assert found["settings"].startswith("B24_ALLOW_LOOPBACK is on")


def test_lost_keys_are_a_finding(config: Settings, installed: Cast) -> None:
    other = base64.urlsafe_b64encode(os.urandom(32)).decode()
    code, found = check(quick_app(replace(config, token_keys=(other,))))
    assert code == 1
    assert found["keys"] == "TOKEN_KEYS does not open 1 stored portals; a key is missing"
    assert installed.portal.url not in found


def test_a_database_that_cannot_be_read_is_a_finding(app: Flask) -> None:
    services = services_of(app)
    with services.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE portals RENAME TO gone")
    code, found = check(app)
    assert code == 1
    assert found["database"] == "cannot be read (OperationalError)"
    assert "manifest" in found


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("APP_URL", "", "APP_URL is not set"),
        ("TOKEN_KEYS", "x", "TOKEN_KEYS must be"),
        ("DATABASE_URL", "sqlite:////proc/none/app.db", "DATABASE_URL: the database cannot be"),
        ("DATABASE_URL", "sqlite://", "DATABASE_URL: "),
        ("DATABASE_URL", "no address", "DATABASE_URL: the database cannot be used (ArgumentError)"),
        ("DATABASE_URL", "oracle://x/y", "DATABASE_URL: the database cannot be used (Arg"),
        ("DATABASE_URL", "postgresql://[::1", "DATABASE_URL: the database cannot be used (Val"),
        ("DATABASE_URL", "postgresql://h:x/y", "DATABASE_URL: the database cannot be used (Val"),
        ("DATABASE_URL", "postgresql://h:1:2/y", "DATABASE_URL: the database cannot be used (Val"),
    ],
)
def test_what_stops_the_app_is_one_line(tmp_path: Path, name: str, value: str, said: str) -> None:
    environ = {
        "B24_CLIENT_ID": "local.1",
        "B24_CLIENT_SECRET": "secret",
        "APP_URL": "https://app.example.com",
        "SECRET_KEY": "signs-the-sessions-of-these-tests",
        "TOKEN_KEYS": base64.urlsafe_b64encode(bytes(range(32))).decode(),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'app.db'}",
        "LOG_DIR": str(tmp_path / "log"),
        "FLASK_SKIP_DOTENV": "1",
        name: value,
    }
    done = CliRunner().invoke(flask.cli.cli, ["--app", "app", "check"], env=environ)
    assert done.exit_code != 0
    (line,) = done.stderr.splitlines()
    assert line.startswith(said)
    assert done.stdout == ""


def test_the_command_ends_with_one_line_and_no_traceback() -> None:
    bare = {name: value for name, value in os.environ.items() if name != "APP_URL"}
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "check"],
        cwd=ROOT,
        env=bare | {"B24_CLIENT_ID": "local.1", "FLASK_SKIP_DOTENV": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""
