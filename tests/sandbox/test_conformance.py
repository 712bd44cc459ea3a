"""The conformance suite against the sandbox: both columns of statuses, and nothing left behind."""

from __future__ import annotations

import ast
import os
import re
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from sandbox import Sandbox
from sandbox.portal.portal import Portal

ROOT = Path(__file__).parents[2]
SUITE = ROOT / "sandbox" / "conformance"
# What no sandbox of ours shows, because one token is an administrator's or it is not.
EMPLOYEES_ONLY = {
    "only an administrator can bind placements",
    "users can change the records of other users",
}
ADMINISTRATORS_ONLY = {
    "binding a placement twice is an error",
    "a handler can be bound once for all users and once for each user",
    "the status of a failed binding",
    "the count for one removed placement",
    "whether a bound placement has an id",
}
STATUSES = {
    "the status for a missing scope": (401, 403),
    "the status for an unknown webhook": (401, 403),
}


@dataclass
class Run:
    code: int
    output: str
    rows: dict[str, tuple[str, str]]

    def named(self, outcome: str) -> set[str]:
        return {fact for fact, row in self.rows.items() if row[0] == outcome}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(port=0, installed=True, event_delay=0, tls=True) as running:
        yield running


def command(target: Path, webhook: str, token: str, *more: str) -> list[str]:
    given = ["--webhook", webhook, "--token", token, "--report", str(target), *more]
    return [sys.executable, "-m", "pytest", str(SUITE), "-q", "-p", "no:cacheprovider", *given]


def environment(sandbox: Sandbox) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "REQUESTS_CA_BUNDLE": str(sandbox.ca_file)}


def suite(sandbox: Sandbox, target: Path, webhook: str, token: str = "", *more: str) -> Run:
    done = subprocess.run(
        command(target, webhook, token, *more),
        cwd=ROOT, env=environment(sandbox),
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    return told(done, target)


def told(done: subprocess.CompletedProcess[str], target: Path) -> Run:
    cells = [line.strip("| ").split(" | ") for line in target.read_text().splitlines()[6:]]
    rows = {row[1]: (row[2], row[3] if len(row) > 3 else "") for row in cells if len(row) > 2}
    return Run(done.returncode, done.stdout + done.stderr, rows)


@contextmanager
def elsewhere(portal: Portal) -> Iterator[str]:
    """The portal under an address that the project's own tests may not reach."""
    home = urlsplit(portal.url).port

    class Relay(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection(("127.0.0.1", home)) as inner:
                back = threading.Thread(target=shutil.copyfileobj, args=pipe(inner, self.request))
                back.start()
                shutil.copyfileobj(*pipe(self.request, inner))
                inner.shutdown(socket.SHUT_WR)
                back.join()

    with socketserver.ThreadingTCPServer(("127.0.0.2", 0), Relay) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.2:{server.server_address[1]}"
        server.shutdown()


def pipe(source: socket.socket, target: socket.socket) -> tuple[socket.SocketIO, socket.SocketIO]:
    return source.makefile("rb", 0), target.makefile("wb", 0)


def stored(portal: Portal) -> list[object]:
    state = portal.state
    with portal.lock:
        return [
            sorted(portal.records),
            [portal.clients(number) for number in portal.records],
            sorted(state.contacts),
            sorted(state.companies),
            sorted(state.deals),
            [booking for booking in state.bookings.values() if not booking.deleted],
            list(state.event_handlers),
            list(state.placements),
        ]


def test_every_fact_holds_and_disagreements_go_the_way_of_the_source(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    portal = sandbox.portals[0]
    before, token = stored(portal), portal.launch(2).access_token
    run = suite(sandbox, tmp_path / "facts.md", portal.webhook_url, token)
    assert run.code == 0, run.output
    assert run.named("not shown") == ADMINISTRATORS_ONLY
    assert len(run.named("held")) > 150
    seen = [row[1] for row in run.rows.values() if row[0] == "reported"]
    assert not [text for text in seen if text.startswith(("docs", "neither"))]
    for fact, (source, _) in STATUSES.items():
        assert run.rows[fact] == ("reported", f"source: {source}")
    assert run.rows["how a client with an invalid id is returned[abc]"][1] == "as 0"
    assert run.rows["whether a webhook gets a signature for a state"][1] == "no"
    assert stored(portal) == before


def test_the_column_of_the_docs_over_https_for_an_administrator(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    portal = sandbox.portals[0]
    sandbox.switches.docs_statuses = True
    before, token = stored(portal), portal.launch(1).access_token
    run = suite(sandbox, tmp_path / "facts.md", portal.tls_webhook_url, token)
    assert run.code == 0, run.output
    assert run.named("not shown") == EMPLOYEES_ONLY
    for fact, (_, docs) in STATUSES.items():
        assert run.rows[fact] == ("reported", f"docs: {docs}")
    assert stored(portal) == before


def test_a_portal_that_is_otherwise_is_told_so_and_left_clean(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    portal = sandbox.portals[0]
    before = stored(portal)
    portal.faults.add("drop_after", "crm.item.add", count=2)
    portal.faults.add("error", "booking.v1.waitlist.client.set", code="9", description="No.")
    run = suite(sandbox, tmp_path / "facts.md", portal.webhook_url)
    assert run.code == 1
    failed = run.named("**not held**")
    assert "set replaces all clients" in failed
    assert "a page has 50 records and no next" in run.named("held")
    assert portal.state.webhook not in run.output + (tmp_path / "facts.md").read_text()
    assert stored(portal) == before


def test_somebody_who_stops_it_half_way_finds_the_portal_clean(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    portal = sandbox.portals[0]
    sandbox.switches.latency = 0.01
    before, target = stored(portal), tmp_path / "facts.md"
    # Whoever starts the tests in the background has them ignore Ctrl-C, and their children too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(
        command(target, portal.webhook_url, ""),
        cwd=ROOT, env=environment(sandbox), stdout=subprocess.DEVNULL, text=True,
    ) as running:  # fmt: skip
        until = time.monotonic() + 60
        while len(portal.requests) < 100 and time.monotonic() < until:
            time.sleep(0.01)
        assert stored(portal) != before
        running.send_signal(signal.SIGINT)
    # Not always INTERRUPTED: at some points of a program pytest stumbles over the interrupt itself.
    assert running.returncode != pytest.ExitCode.OK
    assert stored(portal) == before


def test_what_could_not_be_deleted_is_named(sandbox: Sandbox, tmp_path: Path) -> None:
    portal = sandbox.portals[0]
    portal.faults.add("error", "crm.item.delete", code="NO", description="Not today.")
    target = tmp_path / "facts.md"
    run = suite(sandbox, target, portal.webhook_url, "", "-k", "an_item_without_phone")
    assert run.code == 0
    assert "NOT DELETED: crm.item.delete" in run.output
    assert "Could not be deleted, please delete by hand" in target.read_text()


def test_a_portal_that_never_linked_a_client_shows_less_and_breaks_nothing(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    portal = sandbox.portals[0]
    portal.state.client_types = []
    run = suite(sandbox, tmp_path / "facts.md", portal.webhook_url, "", "-k", "effects")
    assert run.code == 0, run.output
    held = run.named("held")
    assert "only client types from that list are accepted[CONTACT]" in held
    assert "set replaces all clients" in run.named("not shown")


def test_the_suite_knows_nothing_of_the_sandbox() -> None:
    for file in SUITE.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sandbox"):
                assert (node.module or "").startswith("sandbox.conformance."), file.name
            if isinstance(node, ast.Import):
                assert not [name for name in node.names if name.name.startswith("sandbox")]


def test_every_trap_has_facts_that_show_it_or_a_reason_why_none_can() -> None:
    lines = (SUITE / "TRAPS.md").read_text().splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line[:1] == "|"]
    traps = rows[2:]
    assert [number for number, *_ in traps] == [str(number) for number in range(1, 59)]
    known = {
        node.name
        for file in SUITE.glob("test_*.py")
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.FunctionDef)
    }
    for number, trap, shown, why in traps:
        named = re.findall(r"`(\w+)`", shown)
        assert shown == ", ".join(f"`{name}`" for name in named), number
        assert set(named) <= known, number
        assert trap, number
        assert named or why, number


def test_the_command_asks_for_a_webhook_politely() -> None:
    given = ("WEBHOOK", "PORTAL", "MAKELEVEL", "MAKEFLAGS")
    kept = {name: value for name, value in os.environ.items() if name not in given}
    done = subprocess.run(
        ["make", "conformance"], cwd=ROOT, env=kept, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stdout.startswith("Which portal? make conformance WEBHOOK=")


def test_the_command_reaches_a_portal_that_is_not_on_this_address(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    portal, target = sandbox.portals[0], tmp_path / "facts.md"
    here = f"BIN={Path(sys.executable).parent}", f"REPORT={target}"
    with elsewhere(portal) as address:
        done = subprocess.run(
            ["make", "--old-file", ".venv/.dev", "conformance", *here],
            cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
            env={
                **environment(sandbox),
                "WEBHOOK": f"{address}/rest/1/{portal.state.webhook}/",
                "PYTEST_ADDOPTS": "-k get_works_like_post",
            },
        )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert told(done, target).named("held") == {"get works like post"}


@pytest.mark.parametrize("given", [[], ["--webhook", "1/x"], ["--portal", "localhost"]])
def test_the_suite_itself_asks_which_portal(given: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", str(SUITE), "-p", "no:cacheprovider", *given],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "ERROR: " in done.stderr


def test_a_webhook_may_be_given_without_its_address(sandbox: Sandbox, tmp_path: Path) -> None:
    portal = sandbox.portals[0]
    more = ("--portal", portal.url, "-k", "get_works_like_post")
    run = suite(sandbox, tmp_path / "facts.md", f"1/{portal.state.webhook}", "", *more)
    assert run.named("held") == {"get works like post"}
