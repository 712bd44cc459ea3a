"""The command, and what a restart and a reset keep."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from benchmarks.ports import free_port
from sandbox import Sandbox
from sandbox.core.storage import DataFileError
from tests.sandbox.steps import contact, run_sandbox, sandbox_command

CHILD = """
import http.server, os, sys
print(os.environ["B24_CLIENT_ID"], os.environ["B24_OAUTH_URLS"], file=sys.stderr, flush=True)
port = int(os.environ["APP_URL"].rpartition(":")[2])
http.server.HTTPServer(("127.0.0.1", port), http.server.BaseHTTPRequestHandler).serve_forever()
"""


def test_a_restart_keeps_installation_tokens_keys_and_data(tmp_path: Path) -> None:
    data = tmp_path / "state" / "sandbox.json"
    with Sandbox(port=0, data=data) as first:
        portal, keys = first.portals[0], (first.client_id, first.client_secret)
        token = portal.launch(1).access_token
        portal.installed = True
        body = {"auth": token, "waitListId": 1, "clients": [contact(5)]}
        method = "booking.v1.waitlist.client.set"
        assert requests.post(portal.client_endpoint + method, json=body, timeout=30).ok
    with Sandbox(port=0, data=data) as second:
        portal = second.portals[0]
        assert (second.client_id, second.client_secret) == keys
        assert portal.installed
        assert portal.clients(1) == [("CONTACT", 5)]
        assert requests.get(portal.client_endpoint + "profile", {"auth": token}, timeout=30).ok
    assert data.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in data.parent.iterdir()] == ["sandbox.json"]


def test_another_app_url_changes_the_addresses_of_tabs_and_handlers(tmp_path: Path) -> None:
    data, tab = tmp_path / "sandbox.json", "CRM_DEAL_DETAIL_TAB"
    elsewhere = "http://127.0.0.1:50001/events"
    with Sandbox(app_url="http://127.0.0.1:5000", port=0, data=data, installed=True) as first:
        portal = first.portals[0]
        url, auth = portal.client_endpoint, {"auth": portal.launch(1).access_token}
        for handler in ("http://127.0.0.1:5000/events", elsewhere):
            bound = auth | {"event": "ONAPPTEST", "handler": handler}
            assert requests.post(f"{url}event.bind", bound, timeout=30).ok
        bound = auth | {"PLACEMENT": tab, "HANDLER": "http://127.0.0.1:5000/card?of=deal"}
        assert requests.post(f"{url}placement.bind", bound, timeout=30).ok
    with Sandbox(app_url="http://127.0.0.1:5007/", port=0, data=data) as second:
        portal = second.portals[0]
        listed = requests.post(f"{portal.client_endpoint}event.get", auth, timeout=30).json()
        handlers = [row["handler"] for row in listed["result"]]
        assert handlers == ["http://127.0.0.1:5007/events", elsewhere]
        assert portal.handler_url(tab) == "http://127.0.0.1:5007/card?of=deal"


def test_a_damaged_data_file_is_named_and_not_changed(tmp_path: Path) -> None:
    data = tmp_path / "sandbox.json"
    data.write_text("{")
    with pytest.raises(DataFileError, match=r"sandbox\.json"):
        Sandbox(port=0, data=data)
    assert data.read_text() == "{"


def test_several_sandboxes_can_run_and_answer_no_more_after_closing() -> None:
    with Sandbox(port=0) as one, Sandbox(port=0) as two:
        assert one.url != two.url
        url = one.url
        assert requests.get(url, timeout=30).ok
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=30)


@pytest.mark.parametrize(
    ("start", "installed"),
    [({"installed": True}, True), ({"install_path": None}, True), ({}, False)],
)
def test_after_a_reset_the_application_is_installed_as_at_the_start(
    start: dict[str, Any], installed: bool
) -> None:
    with Sandbox(port=0, **start) as sandbox:
        sandbox.portals[0].installed = not installed
        sandbox.reset()
        assert sandbox.portals[0].installed is installed


def test_the_same_sizes_give_the_same_people() -> None:
    with Sandbox(port=0) as one, Sandbox(port=0) as two:
        titles = [[c.title for c in s.portals[0].state.contacts.values()] for s in (one, two)]
        assert titles[0] == titles[1]
        assert len(set(titles[0])) < len(titles[0])


def test_phones_and_mails_are_reserved_for_fiction() -> None:
    prefixes = ("+1 ", "+44 20 7946 0", "+49 30 23125 ", "+33 1 99 00 ", "+44 7700 900")
    with Sandbox(port=0) as sandbox:
        state = sandbox.portals[0].state
        for item in [*state.contacts.values(), *state.companies.values()]:
            for field in item.fm:
                if field.type_id == "EMAIL":
                    assert field.value.rpartition("@")[2] in (
                        "example.com",
                        "example.org",
                        "example.net",
                    )
                else:
                    assert field.value.startswith(prefixes)
                    assert not field.value.startswith("+1 ") or " 555 01" in field.value


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_command_starts_the_application_and_ends_it_on_a_signal(
    tmp_path: Path, ending: signal.Signals
) -> None:
    port, app_port = free_port(), free_port()
    app = ("--app-url", f"http://127.0.0.1:{app_port}", "--", sys.executable, "-c", CHILD)
    with subprocess.Popen(
        sandbox_command(tmp_path, port, *app),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout
        assert running.stdout.readline() == f"Open http://localhost:{port}/\n"
        environment = requests.get(
            f"http://localhost:{port}/_sandbox/environment", timeout=30
        ).json()
        running.send_signal(ending)
        rest, errors = running.communicate(timeout=30)
    assert (running.returncode, rest) == (0, "")
    assert errors == f"{environment['B24_CLIENT_ID']} http://127.0.0.1:{port}\n"
    assert json.loads((tmp_path / "sandbox.json").read_text())["format"] == 1
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", app_port), timeout=1)


def test_an_application_that_exits_ends_the_command_with_its_code(tmp_path: Path) -> None:
    more = ("--app-url", f"http://127.0.0.1:{free_port()}", "--", sys.executable, "-c", "exit(3)")
    done = run_sandbox(tmp_path, free_port(), *more)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "sandbox: the application exited with code 3\n"


@pytest.mark.parametrize(
    ("portals_is_taken", "change"),
    [(True, "--port (make run SANDBOX_PORT=…)"), (False, "--app-url (make run PORT=…)")],
)
def test_a_port_in_use_is_an_error_that_says_what_to_change(
    tmp_path: Path, portals_is_taken: bool, change: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ours, apps = (port, free_port()) if portals_is_taken else (free_port(), port)
        app = ("--app-url", f"http://127.0.0.1:{apps}", "--", sys.executable, "-c", CHILD)
        done = run_sandbox(tmp_path, ours, *app)
    assert (done.returncode, done.stdout) == (1, "")
    name = f"port {port}" if portals_is_taken else f"http://127.0.0.1:{port}"
    told = f"{name} is in use; stop what listens there, or choose another with {change}"
    assert done.stderr == f"sandbox: {told}\n"


def test_the_application_cannot_have_the_address_of_a_portal(tmp_path: Path) -> None:
    port = free_port()
    more = ("--portals", "2", "--app-url", f"http://localhost:{port + 1}", "--", "true")
    done = run_sandbox(tmp_path, port, *more)
    assert (done.returncode, done.stdout) == (1, "")
    told = f"http://localhost:{port + 1} is the address of a portal; change --app-url or --port"
    assert done.stderr == f"sandbox: {told}\n"


@pytest.mark.parametrize("address", ["localhost:5000", "http://", "http://127.0.0.1:x", "5000"])
def test_an_invalid_address_of_the_application_is_refused(tmp_path: Path, address: str) -> None:
    done = run_sandbox(tmp_path, free_port(), "--app-url", address)
    assert (done.returncode, done.stdout) == (2, "")
    told = f"argument --app-url: '{address}' is not an address like http://127.0.0.1:5000\n"
    assert done.stderr.endswith(told)


def test_the_makefile_has_the_ports_that_the_error_names() -> None:
    makefile = (Path(__file__).parents[2] / "Makefile").read_text()
    run = makefile.partition("\nrun: ")[2].partition("\n\n")[0]
    assert "--port $(SANDBOX_PORT) --app-url http://127.0.0.1:$(PORT)" in run


def test_an_unplugged_portal_refuses_connections_and_the_others_answer() -> None:
    with Sandbox(port=0, portals=2) as sandbox:
        first, second = sandbox.portals
        sandbox.unplug(second)
        with pytest.raises(requests.ConnectionError):
            requests.get(second.url, timeout=60)
        assert requests.get(first.url, timeout=60).status_code == 200
