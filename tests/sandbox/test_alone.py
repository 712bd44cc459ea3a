"""Whoever wants the sandbox alone installs what its own list names, and nothing more."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PINNED = re.compile(r"^([\w-]+)==(\S+)$", re.MULTILINE)
COMES_WITH = {"werkzeug": "flask"}
"""Packages that another one of the list brings along."""


def pins(path: str) -> dict[str, str]:
    found: list[tuple[str, str]] = PINNED.findall((ROOT / path).read_text())
    return {name.lower(): version for name, version in found}


def imported() -> set[str]:
    """The top-level names of everything that the sandbox imports from elsewhere."""
    names: set[str] = set()
    for path in (ROOT / "sandbox").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module)
    tops = {name.partition(".")[0] for name in names}
    return {COMES_WITH.get(top, top) for top in tops - sys.stdlib_module_names - {"sandbox"}}


def test_the_list_names_what_is_imported_and_nothing_else() -> None:
    assert pins("sandbox/requirements.txt").keys() == imported()


def test_the_list_has_the_versions_of_the_app_beside_it() -> None:
    wanted, ours = pins("sandbox/requirements.txt"), pins("requirements.txt")
    both = wanted.keys() & ours.keys()
    assert both
    assert {name: wanted[name] for name in both} == {name: ours[name] for name in both}
