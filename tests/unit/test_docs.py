"""What the documents say of settings, routes and commands is what the code does."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

import settings
from tests.cast import Cast

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
DOCUMENTS = [
    *sorted(ROOT.glob("*.md")),
    ROOT / "sandbox" / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]


def test_the_readme_names_every_setting() -> None:
    read = set(re.findall(r'"([A-Z0-9_]{4,})"', Path(settings.__file__).read_text()))
    documented = set(re.findall(r"`([A-Z0-9_]{4,})`", README.split("## Configure it")[1]))
    assert documented == read


def test_the_documents_name_every_route(here: Cast) -> None:
    text = (ROOT / "docs" / "architecture.md").read_text().split("## Routes")[1]
    documented = set(re.findall(r"`(/[^`]*)`", text))
    rules = {rule.rule for rule in here.regular_user.client.application.url_map.iter_rules()}
    assert documented == rules


def test_the_commands_and_figures_for_operators_exist(here: Cast) -> None:
    text = (ROOT / "docs" / "operate.md").read_text()
    cli = here.regular_user.client.application.cli
    for words in re.findall(r"flask --app app ([a-z]+(?: [a-z]+)?)", text):
        group, _, name = words.partition(" ")
        command = cli.commands[group]
        assert not name or name in getattr(command, "commands", {}), words
    figures = here.regular_user.client.get("/metrics").text
    named = re.findall(r"`(waitlist_[a-z_]+)`", text)
    assert named
    for figure in named:
        assert f"# TYPE {figure} " in figures


def test_every_command_in_the_documents_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for document in DOCUMENTS:
        named = set(re.findall(r"(?:^|`)make ([a-z-]+)", document.read_text(), re.MULTILINE))
        assert named <= targets, document


def test_help_lists_the_targets_of_the_readme() -> None:
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    for target in ("run", "test", "lint", "types"):
        assert re.search(rf"^{target}\b", shown.stdout, re.MULTILINE)


def test_every_package_has_its_reason() -> None:
    reasons = (ROOT / "docs" / "dependencies.md").read_text()
    for name in ROOT.glob("requirements*.txt"):
        for package in re.findall(r"^([A-Za-z][\w-]*)", name.read_text(), re.MULTILINE):
            assert package.lower() in reasons.lower(), package
    packages = json.loads((ROOT / "package.json").read_text())
    for package in (*packages["dependencies"], *packages["devDependencies"]):
        assert f"| {package} |" in reasons, package


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", document.read_text()):
        assert (document.parent / target).exists(), target


def test_every_picture_is_shown_somewhere() -> None:
    shown = {
        (document.parent / target).resolve()
        for document in DOCUMENTS
        for target in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", document.read_text())
    }
    assert shown == set((ROOT / "docs" / "images").iterdir())


def test_every_path_in_the_documents_exists() -> None:
    """Names in backticks that begin with a folder of the project are paths in it."""
    made = {"instance", "artifacts", "node_modules"}
    folders = "|".join({path.name for path in ROOT.iterdir() if path.is_dir()} - made)
    name = re.compile(rf"`((?:{folders})/[\w./*{{}}-]+|[\w-]+\.(?:py|json|toml))`")
    missing = [
        (document.name, path)
        for document in DOCUMENTS
        for path in name.findall(document.read_text())
        if not list(ROOT.glob(path))
    ]
    assert missing == []


def test_the_index_of_decisions_names_every_page() -> None:
    folder = ROOT / "docs" / "decisions"
    named = re.findall(r"\]\((\d[^)]+)\)", (folder / "README.md").read_text())
    assert named == sorted(path.name for path in folder.glob("[0-9]*.md"))


@pytest.mark.parametrize(
    ("document", "heading", "least"),
    [
        ("security.md", "## What is defended", 20),
        ("reliability.md", "### Which tests check it", 13),
    ],
)
def test_every_claim_names_tests_that_exist(document: str, heading: str, least: int) -> None:
    text = (ROOT / "docs" / document).read_text()
    table = text.partition(heading)[2].partition("\n## ")[0]
    claims = re.findall(r"^\| (?!claim \||what \|)([^|]+) \|.*?([^|]*) \|$", table, re.MULTILINE)
    assert len(claims) > least
    assert [claim for claim, named in claims if not re.search(r"`test_\w+`", named)] == []
    defined = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE)
    }
    assert set(re.findall(r"`(test_\w+)`", table)) - defined == set()
