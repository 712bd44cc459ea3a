"""The sandbox runs alone, with the packages of its own requirements."""

from __future__ import annotations

import ast
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from sandbox import Sandbox

ROOT = Path(__file__).parents[2]
PINNED = re.compile(r"^([\w-]+)==(\S+)$", re.MULTILINE)


def pins(path: str) -> dict[str, str]:
    found: list[tuple[str, str]] = PINNED.findall((ROOT / path).read_text())
    return {name.lower(): version for name, version in found}


def imported() -> set[str]:
    """The packages that the sandbox imports."""
    names: set[str] = set()
    for path in (ROOT / "sandbox").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module)
    tops = {name.partition(".")[0] for name in names}
    return tops - sys.stdlib_module_names - {"sandbox"}


def test_the_requirements_are_exactly_the_imported_packages() -> None:
    assert pins("sandbox/requirements.txt").keys() == imported()


def test_the_requirements_have_the_versions_of_the_project() -> None:
    wanted = pins("sandbox/requirements.txt")
    ours = pins("requirements.txt") | pins("requirements-dev.txt")
    both = wanted.keys() & ours.keys()
    assert both
    assert {name: wanted[name] for name in both} == {name: ours[name] for name in both}


@pytest.fixture
def without(tmp_path: Path) -> Callable[..., list[str]]:
    """`without("flask")` is a Python command that lacks these packages."""

    def python(*missing: str) -> list[str]:
        packages = tmp_path / "packages"
        packages.mkdir()
        for entry in Path(requests.__file__).parents[1].iterdir():
            if not entry.name.startswith(missing):
                (packages / entry.name).symlink_to(entry)
        path = f"import sys; sys.path.append({str(packages)!r})"
        start = (
            "import runpy; runpy.run_module(sys.argv.pop(1), run_name='__main__', alter_sys=True)"
        )
        return [sys.executable, "-S", "-c", f"{path}; {start}"]

    return python


@pytest.mark.parametrize(
    ("missing", "more"),
    [("flask", []), ("werkzeug", []), ("msgspec", []), ("trustme", ["--tls"])],
)
def test_a_missing_package_is_an_error_that_says_how_to_install_it(
    tmp_path: Path, without: Callable[..., list[str]], missing: str, more: list[str]
) -> None:
    data = str(tmp_path / "sandbox.json")
    done = subprocess.run(
        [*without(missing), "sandbox", "--port", "0", "--data", data, *more],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    told = f"sandbox: {missing} is not installed; pip install -r sandbox/requirements.txt\n"
    assert done.stderr == told


def test_only_https_needs_trustme(tmp_path: Path, without: Callable[..., list[str]]) -> None:
    more = ("sandbox", "--port", "0", "--data", str(tmp_path / "sandbox.json"))
    with subprocess.Popen(
        [*without("trustme"), *more], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout
        url = running.stdout.readline().removeprefix("Open ").strip()
        assert requests.get(url, timeout=30).ok
        running.send_signal(signal.SIGINT)
    assert running.returncode == 0


def test_the_conformance_suite_needs_pytest_and_requests_only(
    tmp_path: Path, without: Callable[..., list[str]]
) -> None:
    python = without("flask", "werkzeug", "msgspec", "trustme", "pytest_socket")
    target = tmp_path / "facts.md"
    with Sandbox(port=0) as sandbox:
        more = ("--webhook", sandbox.portals[0].webhook_url, "--report", str(target))
        done = subprocess.run(
            [*python, "pytest", "sandbox/conformance", "-k", "get_works_like_post", *more],
            cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "| get works like post | held |" in target.read_text()
