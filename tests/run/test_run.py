"""The command of `make run`: a portal and the app, that end together and go on where they were."""

from __future__ import annotations

import base64
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import pytest
import requests

from app import GUNICORN_APP_LOAD_ERROR, create_app
from benchmarks.ports import free_port

ROOT = Path(__file__).parents[2]
Start = Callable[[], Any]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Starts a command of the Makefile with its own data. Gives the address it prints."""
    portal, app = free_port(), free_port()
    command = [
        *(sys.executable, "-m", "sandbox", "--port", str(portal)),
        *("--app-url", f"http://127.0.0.1:{app}", "--data", str(tmp_path / "sandbox.json"), "--"),
        *(sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{app}", "--threads", "4"),
        *("--log-level", "warning", "app:create_app()"),
    ]
    environment = os.environ | {
        "SECRET_KEY": "signs-the-sessions-of-these-tests",
        "TOKEN_KEYS": base64.urlsafe_b64encode(bytes(range(32))).decode(),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'app.db'}",
        "LOG_DIR": str(tmp_path / "log"),
    }

    @contextmanager
    def running() -> Iterator[str]:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line == f"Open http://localhost:{portal}/\n"
            yield line.split()[1].rstrip("/")
        finally:
            process.send_signal(signal.SIGINT)
            rest, _ = process.communicate(timeout=60)
        assert rest == ""
        with pytest.raises(requests.ConnectionError):
            requests.get(f"http://127.0.0.1:{app}/healthz", timeout=60)

    return running


def open_app(portal: str, user_id: int) -> requests.Response:
    """Posts a launch as the portal's page would."""
    answer = requests.post(f"{portal}/_sandbox/launch", json={"user_id": user_id}, timeout=60)
    launch = answer.json()["result"]
    return requests.post(launch["url"], data=launch["body"], timeout=60)


def test_it_prints_one_line_and_keeps_install_and_tokens_over_a_restart(start: Start) -> None:
    with start() as portal:
        assert ">Waiting list</a>" in requests.get(portal, timeout=60).text
        assert "Everything is set up" in open_app(portal, 1).text
        requests.post(f"{portal}/_sandbox/finish-install", json={}, timeout=60)
        page = open_app(portal, 2).text
        assert page.count('role="option"') == 137
        session = page.split('name="session" value="')[1].split('"')[0]

    with start() as portal:
        assert open_app(portal, 2).text.count('role="option"') == 137
        state = requests.get(f"{portal}/_sandbox/environment", timeout=60).json()
        # The session and the tokens of before the restart still work.
        kept = requests.post(
            f"{state['APP_URL']}/records/1", headers={"X-Frame-Session": session}, timeout=60
        )
        assert kept.status_code == 200
        assert urlsplit(state["APP_URL"]).hostname == "127.0.0.1"


@pytest.fixture
def sound(tmp_path: Path) -> dict[str, str]:
    """The environment of an app that starts."""
    return {
        "B24_CLIENT_ID": "app.1",
        "B24_CLIENT_SECRET": "secret",
        "APP_URL": "https://app.example.com",
        "SECRET_KEY": "signs-the-sessions-of-these-tests",
        "TOKEN_KEYS": base64.urlsafe_b64encode(bytes(range(32))).decode(),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'app.db'}",
        "PATH": os.environ["PATH"],
    }


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "B24_CLIENT_ID", "B24_CLIENT_SECRET", "APP_URL", "TOKEN_KEYS"]
)
def test_each_missing_setting_is_named_in_one_line(
    sound: dict[str, str], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    del sound[name]
    with (
        mock.patch.dict(os.environ, sound, clear=True),
        pytest.raises(SystemExit) as stopped,
    ):
        create_app()
    assert stopped.value.code == GUNICORN_APP_LOAD_ERROR
    assert capsys.readouterr().err == f"{name} is not set; the README says what it is for\n"


def test_a_missing_setting_stops_the_start_with_one_line(
    sound: dict[str, str], tmp_path: Path
) -> None:
    del sound["SECRET_KEY"]
    said = "SECRET_KEY is not set; the README says what it is for"
    flask = [sys.executable, "-m", "flask", "--app", "app", "routes"]
    stopped = subprocess.run(
        flask, cwd=tmp_path, env=sound | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert stopped.returncode != 0
    assert stopped.stderr.strip().splitlines() == [said]
    gunicorn = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{free_port()}"]
    ended = subprocess.run(
        [*gunicorn, "--chdir", str(ROOT), "app:create_app()"],
        env=sound,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert ended.returncode != 0
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_production_command_has_threads_so_that_a_slow_portal_stops_nobody() -> None:
    gunicorn = [sys.executable, "-m", "gunicorn", "--print-config", "app:create_app()"]
    told = subprocess.run(gunicorn, cwd=ROOT, capture_output=True, text=True, timeout=30)
    found = re.search(r"^threads\s+= (\d+)$", told.stdout, re.MULTILINE)
    assert found
    assert int(found[1]) > 1
