"""What is due is deleted at the start, after requests now and then, or by command."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine, func, insert, select

from settings import Settings
from store import schema
from store.uninstalls import Uninstall
from tests.cast import REGULAR_USER, Cast
from tests.quick_app import quick_app
from web.operator.housekeeping import MOST_STEPS, PAUSE, SHORT_PAUSE
from web.services import Services, services_of

YEAR = 365 * 24 * 3600


@pytest.fixture
def app(config: Settings) -> Flask:
    """An app that shares no housekeeping with the apps of other tests."""
    return quick_app(config)


@pytest.fixture
def shared(app: Flask, installed: Cast) -> Services:
    assert installed.portal.member_id
    return services_of(app)


def visit(app: Flask, path: str = "/") -> None:
    """Send a request as a server does, which closes the answer."""
    app.test_client().get(path).close()


def add_changes(shared: Services, cast: Cast, count: int, age: float = YEAR + 3600) -> None:
    row = {
        "member_id": cast.portal.member_id,
        "record_id": 1,
        "user_id": REGULAR_USER,
        "before": "",
        "after": "CONTACT:1",
        "made_at": int(time.time() - age),
    }
    with shared.engine.begin() as connection:
        connection.execute(insert(schema.changes), [row] * count)


def changes_of(engine: Engine) -> int:
    with engine.begin() as connection:
        return connection.execute(select(func.count()).select_from(schema.changes)).scalar_one()


def start(shared: Services) -> None:
    quick_app(shared.settings)


def test_the_history_is_pruned_at_the_start(shared: Services, installed: Cast) -> None:
    add_changes(shared, installed, 3)
    add_changes(shared, installed, 2, age=YEAR - 3600)
    start(shared)
    assert changes_of(shared.engine) == 2


@pytest.mark.parametrize("days", [1, 30])
def test_the_setting_says_how_long_the_history_is_kept(
    shared: Services, installed: Cast, config: Settings, days: int
) -> None:
    add_changes(shared, installed, 3, age=(days + 1) * 24 * 3600)
    add_changes(shared, installed, 2, age=days * 24 * 3600 - 60)
    quick_app(replace(config, history_retention_days=days))
    assert changes_of(shared.engine) == 2


@pytest.mark.parametrize("path", ["/", "/nothing", "/legal/privacy"])
def test_a_request_prunes_once_an_hour(
    app: Flask, shared: Services, installed: Cast, path: str
) -> None:
    add_changes(shared, installed, 3)
    visit(app, path)
    assert changes_of(shared.engine) == 3
    with time_machine.travel(time.time() + PAUSE + 1):
        visit(app, path)
        assert changes_of(shared.engine) == 0
        add_changes(shared, installed, 3)
        visit(app, path)
        assert changes_of(shared.engine) == 3


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_a_probe_deletes_nothing(app: Flask, shared: Services, installed: Cast, path: str) -> None:
    add_changes(shared, installed, 3)
    with time_machine.travel(time.time() + PAUSE + 1):
        visit(app, path)
    assert changes_of(shared.engine) == 3


def test_the_answer_does_not_wait(app: Flask, shared: Services, installed: Cast) -> None:
    add_changes(shared, installed, 3)
    with time_machine.travel(time.time() + PAUSE + 1):
        answer = app.test_client().get("/", buffered=False)
        assert answer.text
        assert changes_of(shared.engine) == 3
        answer.close()
    assert changes_of(shared.engine) == 0


def test_what_is_left_follows_soon(
    app: Flask, shared: Services, installed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.deletion.ROWS_AT_ONCE", 4)
    add_changes(shared, installed, 4 * MOST_STEPS + 1)
    moment = time.time() + PAUSE + 1
    with time_machine.travel(moment):
        visit(app)
        assert changes_of(shared.engine) == 1
    with time_machine.travel(moment + SHORT_PAUSE + 1):
        visit(app)
        assert changes_of(shared.engine) == 0


def test_the_command_deletes_everything_that_is_due(
    app: Flask, shared: Services, installed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.deletion.ROWS_AT_ONCE", 4)
    count = 4 * MOST_STEPS + 1
    add_changes(shared, installed, count)
    result = app.test_cli_runner().invoke(args=["prune"])
    assert result.exit_code == 0
    assert f"{count} rows deleted from changes." in result.output
    assert changes_of(shared.engine) == 0


def due_deletion(shared: Services, cast: Cast) -> None:
    add_changes(shared, cast, 2, age=60)
    yesterday = int(time.time()) - 24 * 3600
    due = Uninstall(cast.portal.member_id, yesterday, delete_history=True, proven=True)
    shared.uninstalls.save(due)


@pytest.mark.parametrize("how", ["start", "request", "command"])
def test_a_due_deletion_needs_no_event(
    app: Flask, shared: Services, installed: Cast, how: str
) -> None:
    due_deletion(shared, installed)
    if how == "start":
        start(shared)
    elif how == "command":
        app.test_cli_runner().invoke(args=["prune"])
    else:
        with time_machine.travel(time.time() + PAUSE + 1):
            visit(app)
    assert changes_of(shared.engine) == 0
    assert shared.uninstalls.find(installed.portal.member_id) is None


@pytest.mark.parametrize("how", ["request", "command"])
def test_an_unproven_uninstall_is_tried_again_without_an_event(
    app: Flask, shared: Services, installed: Cast, how: str
) -> None:
    member_id = installed.portal.member_id
    yesterday = int(time.time()) - 24 * 3600
    shared.uninstalls.save(Uninstall(member_id, yesterday, delete_history=True, proven=False))
    if how == "command":
        app.test_cli_runner().invoke(args=["prune"])
    else:
        with time_machine.travel(time.time() + PAUSE + 1):
            visit(app)
    # The tokens work, so there was none.
    assert shared.uninstalls.find(member_id) is None
    assert shared.portals.installed()


def test_old_files_are_deleted_even_if_nothing_is_written(app: Flask, config: Settings) -> None:
    old = datetime.now(UTC) - timedelta(days=30)
    paths = [config.log_dir / f"{name}-{old:%Y-%m-%d}.jsonl" for name in ("rest", "security")]
    for path in paths:
        path.write_text("{}\n")
    with time_machine.travel(time.time() + PAUSE + 1):
        visit(app)
    assert [path for path in paths if path.exists()] == []


def test_a_database_that_does_not_answer_costs_a_line_in_the_log(
    app: Flask, shared: Services, caplog: pytest.LogCaptureFixture
) -> None:
    with shared.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE attempts")
    with time_machine.travel(time.time() + PAUSE + 1), caplog.at_level(logging.ERROR):
        answer = app.test_client().get("/", buffered=False)
        answer.close()
    assert answer.status_code == 200
    assert "what is due could not be deleted: OperationalError" in caplog.text
