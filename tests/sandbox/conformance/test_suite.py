"""The conformance suite against the sandbox."""

from __future__ import annotations

import ast
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from sandbox import Sandbox
from tests.sandbox.conformance.steps import (
    ROOT,
    SUITE,
    command,
    environment,
    run_suite,
    stored_data,
)

# A run has one token, either an employee's or an administrator's.
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


def test_the_sandbox_passes_the_suite_and_follows_the_source(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    portal = sandbox.portals[0]
    before, token = stored_data(portal), portal.launch(2).access_token
    run = run_suite(sandbox, tmp_path / "facts.md", portal.webhook_url, token, "--book")
    assert run.code == 0, run.output
    assert run.facts("not shown") == ADMINISTRATORS_ONLY
    assert len(run.facts("held")) > 150
    seen = [row[1] for row in run.rows.values() if row[0] == "reported"]
    assert not [text for text in seen if text.startswith(("docs", "neither"))]
    for fact, (source, _) in STATUSES.items():
        assert run.rows[fact] == ("reported", f"source: {source}")
    assert run.rows["how a client with an invalid id is returned[abc]"][1] == "as 0"
    assert run.rows["whether a webhook gets a signature for a state"][1] == "no"
    assert stored_data(portal) == before


def test_with_docs_statuses_it_passes_over_https_as_an_administrator(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    portal = sandbox.portals[0]
    sandbox.switches.docs_statuses = True
    before, token = stored_data(portal), portal.launch(1).access_token
    made = portal.state.last_id["booking"]
    run = run_suite(sandbox, tmp_path / "facts.md", portal.tls_webhook_url, token)
    assert run.code == 0, run.output
    # Without --book no message leaves and no deal is created.
    asked = {fact for fact, (_, why) in run.rows.items() if "--book" in why}
    assert run.facts("not shown") - asked == EMPLOYEES_ONLY
    assert len(asked) >= 2
    assert portal.state.last_id["booking"] == made
    for fact, (_, docs) in STATUSES.items():
        assert run.rows[fact] == ("reported", f"docs: {docs}")
    assert stored_data(portal) == before


def test_a_portal_that_differs_is_reported_and_left_clean(sandbox: Sandbox, tmp_path: Path) -> None:
    portal = sandbox.portals[0]
    before = stored_data(portal)
    portal.faults.add("drop_after", "crm.item.add", count=2)
    portal.faults.add("error", "booking.v1.waitlist.client.set", code="9", description="No.")
    run = run_suite(sandbox, tmp_path / "facts.md", portal.webhook_url)
    assert run.code == 1
    failed = run.facts("**not held**")
    assert "set replaces all clients" in failed
    assert "a page has 50 records and no next" in run.facts("held")
    assert portal.state.webhook not in run.output + (tmp_path / "facts.md").read_text()
    assert stored_data(portal) == before


def test_an_interrupted_run_leaves_the_portal_clean(sandbox: Sandbox, tmp_path: Path) -> None:
    portal = sandbox.portals[0]
    sandbox.switches.latency = 0.01
    before, target = stored_data(portal), tmp_path / "facts.md"
    # Tests that run in the background ignore SIGINT, and child processes inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(
        command(target, portal.webhook_url, ""),
        cwd=ROOT, env=environment(sandbox), stdout=subprocess.DEVNULL, text=True,
    ) as running:  # fmt: skip
        until = time.monotonic() + 300
        while len(portal.requests) < 100 and time.monotonic() < until:
            time.sleep(0.01)
        assert stored_data(portal) != before
        running.send_signal(signal.SIGINT)
    # Not always INTERRUPTED: at some points pytest itself fails when it is interrupted.
    assert running.returncode != pytest.ExitCode.OK
    assert stored_data(portal) == before


def test_the_report_names_what_could_not_be_deleted(sandbox: Sandbox, tmp_path: Path) -> None:
    portal = sandbox.portals[0]
    portal.faults.add("error", "crm.item.delete", code="NO", description="Not today.")
    target = tmp_path / "facts.md"
    run = run_suite(sandbox, target, portal.webhook_url, "", "-k", "an_item_without_phone")
    assert run.code == 0
    assert "NOT DELETED: crm.item.delete" in run.output
    assert "Could not be deleted, please delete by hand" in target.read_text()


def test_a_portal_without_client_types_shows_fewer_facts(sandbox: Sandbox, tmp_path: Path) -> None:
    portal = sandbox.portals[0]
    portal.state.client_types = []
    run = run_suite(sandbox, tmp_path / "facts.md", portal.webhook_url, "", "-k", "effects")
    assert run.code == 0, run.output
    held = run.facts("held")
    assert "only client types from that list are accepted[CONTACT]" in held
    assert "set replaces all clients" in run.facts("not shown")


def test_the_suite_imports_nothing_of_the_sandbox() -> None:
    for file in SUITE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sandbox"):
                assert (node.module or "").startswith("sandbox.conformance."), file.name
            if isinstance(node, ast.Import):
                assert not [name for name in node.names if name.name.startswith("sandbox")]


def test_every_trap_has_facts_or_a_reason_why_there_are_none() -> None:
    lines = (SUITE / "TRAPS.md").read_text().splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line[:1] == "|"]
    traps = rows[2:]
    assert [number for number, *_ in traps] == [str(number + 1) for number in range(len(traps))]
    assert f"lists {len(traps)} traps" in "\n".join(lines)
    assert f"lists {len(traps)} ways" in (SUITE.parent / "README.md").read_text()
    known = {
        node.name
        for file in SUITE.rglob("test_*.py")
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.FunctionDef)
    }
    for number, trap, shown, why in traps:
        named = re.findall(r"`(\w+)`", shown)
        assert shown == ", ".join(f"`{name}`" for name in named), number
        assert set(named) <= known, number
        assert trap, number
        assert named or why, number
