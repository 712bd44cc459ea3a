"""Every package is pinned with hashes, so that a changed archive is not installed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PIN = re.compile(r"^([A-Za-z][\w.-]*)(?:\[\w+\])?==(\S+)", re.MULTILINE)
LOCKS = {
    "requirements-run.lock": ("requirements.txt", "requirements-run.txt"),
    "requirements.lock": (
        "requirements.txt",
        "requirements-run.txt",
        "requirements-dev.txt",
        "sandbox/requirements.txt",
    ),
}


def pins(name: str) -> set[tuple[str, str]]:
    found: list[tuple[str, str]] = PIN.findall((ROOT / name).read_text())
    return {(package.lower().replace("_", "-"), version) for package, version in found}


@pytest.mark.parametrize(("lock", "sources"), LOCKS.items())
def test_a_lock_has_the_versions_of_the_requirements(lock: str, sources: tuple[str, ...]) -> None:
    wanted = set[tuple[str, str]]().union(*map(pins, sources))
    assert wanted - pins(lock) == set()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_of_a_lock_has_hashes(lock: str) -> None:
    text = (ROOT / lock).read_text().replace("\\\n", "")
    packages = [line for line in text.splitlines() if not line.startswith("#")]
    assert packages
    assert [line for line in packages if "--hash=sha256:" not in line] == []


def test_production_has_the_versions_that_are_tested() -> None:
    assert pins("requirements-run.lock") <= pins("requirements.lock")


def test_make_installs_nothing_without_hashes() -> None:
    commands = re.findall(r"pip install.*", (ROOT / "Makefile").read_text())
    assert commands
    assert [command for command in commands if "--require-hashes" not in command] == []
