"""How the conformance suite is started: make, pytest, its options."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox import Sandbox
from tests.sandbox.conformance.steps import (
    ROOT,
    SUITE,
    environment,
    read_run,
    relay,
    run_suite,
)


def test_make_conformance_asks_for_a_webhook() -> None:
    given = ("WEBHOOK", "PORTAL", "MAKELEVEL", "MAKEFLAGS")
    kept = {name: value for name, value in os.environ.items() if name not in given}
    done = subprocess.run(
        ["make", "conformance"], cwd=ROOT, env=kept, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stdout.startswith("Which portal? make conformance WEBHOOK=")


def test_make_conformance_reaches_a_portal_at_another_address(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    portal, target = sandbox.portals[0], tmp_path / "facts.md"
    here = f"BIN={Path(sys.executable).parent}", f"REPORT={target}"
    with relay(portal) as address:
        done = subprocess.run(
            ["make", "--old-file", ".venv/.dev", "conformance", *here],
            cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
            env={
                **environment(sandbox),
                "WEBHOOK": f"{address}/rest/1/{portal.state.webhook}/",
                "PYTEST_ADDOPTS": "-k get_works_like_post",
            },
        )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert read_run(done, target).facts("held") == {"get works like post"}


@pytest.mark.parametrize("given", [[], ["--webhook", "1/x"], ["--portal", "localhost"]])
def test_the_suite_asks_for_a_portal(given: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", str(SUITE), "-p", "no:cacheprovider", *given],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "ERROR: " in done.stderr


def test_a_webhook_can_be_given_without_its_address(sandbox: Sandbox, tmp_path: Path) -> None:
    portal = sandbox.portals[0]
    more = ("--portal", portal.url, "-k", "get_works_like_post")
    run = run_suite(sandbox, tmp_path / "facts.md", f"1/{portal.state.webhook}", "", *more)
    assert run.facts("held") == {"get works like post"}
