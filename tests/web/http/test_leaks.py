"""No token or secret is in any page, address, header, log, error or database."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from sandbox import Sandbox
from sandbox.portal import lifecycle
from settings import Settings
from tests.cast import REGULAR_USER, Cast, Person


class Recorder:
    """Records every response that a person gets, with headers."""

    def __init__(self, person: Person) -> None:
        self.seen = ""
        send = person.client.open

        def open_and_keep(*args: object, **kwargs: object) -> object:
            response = send(*args, **kwargs)  # type: ignore[arg-type]
            self.seen += str(response.headers) + response.get_data(as_text=True)
            return response

        person.client.open = open_and_keep  # type: ignore[method-assign, assignment]


def test_no_secret_is_in_any_output(
    here: Cast,
    sandbox: Sandbox,
    config: Settings,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    people = (here.administrator, here.regular_user, here.stranger)
    recorders = [Recorder(person) for person in people]
    secrets = {config.client_secret, config.secret_key, *config.token_keys}

    here.administrator.open()
    lifecycle.finish_install(here.portal, 1)
    sandbox.events.wait_idle()
    secrets |= {here.portal.application_token}
    for person in people:
        launch = person.launch()
        secrets |= {launch.access_token, launch.refresh_token}
        person.post_launch(launch)
        person.open()
    user = here.regular_user
    user.post("/records/1")
    user.post("/customers/search", {"q": "anna"})
    user.post("/records/new/save", {"customer": ["CONTACT:1"]})
    user.post("/records/1/history")
    provoke_errors(here, sandbox, secrets)

    shown = "".join(recorder.seen for recorder in recorders)
    output = capfd.readouterr()
    logged = caplog.text + output.out + output.err
    kept = "".join(
        path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*") if path.is_file()
    )
    addresses = "".join(str(request) for request in sandbox.oauth_requests)
    for secret in secrets:
        assert len(secret) > 8
        assert secret not in shown
        assert secret not in logged
        assert secret not in kept
        assert secret not in addresses


def provoke_errors(cast: Cast, sandbox: Sandbox, secrets: set[str]) -> None:
    """Open the app while the portal and the authorization server fail in every way."""
    user = cast.regular_user
    for kind in (
        "QUERY_LIMIT_EXCEEDED",
        "server_error",
        "html",
        "drop_before",
        "truncated",
        "expired_token",
        "user_access_error",
        "redirect",
        "PAYMENT_REQUIRED",
    ):
        cast.portal.faults.add(kind, "*", count=1)
        user.post("/records/1")
        cast.portal.faults.clear()
    for kind in ("server_error", "html", "drop_before"):
        launch = cast.portal.launch(user_id=REGULAR_USER)
        secrets |= {launch.access_token, launch.refresh_token}
        sandbox.oauth_faults.add(kind, "app.info", count=1)
        user.post_launch(launch)
        sandbox.expire_access_tokens()
        sandbox.oauth_faults.add(kind, "oauth/token", count=1)
        user.post("/records/1")
    cast.stranger.client.post("/events", data={"event": "ONAPPUNINSTALL"})
    cast.stranger.client.get("/oauth/callback?code=guessed&state=guessed")
    user.client.post("/", data={"AUTH_ID": "x" * 300_000})
    user.client.get("/no/such/page")


def test_a_crash_shows_and_logs_no_token(installed: Cast, caplog: pytest.LogCaptureFixture) -> None:
    user = installed.regular_user
    launch = user.launch()
    installed.portal.faults.add("error", "*", code="ERROR_CORE", description=launch.access_token)
    response = user.post_launch(launch)
    assert launch.access_token not in response.text
    assert launch.access_token not in caplog.text
