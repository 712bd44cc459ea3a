"""Rules of the house: what imports what in the tests, and how large files and folders are."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
PRODUCT = (
    "bitrix24",
    "checks",
    "installation",
    "oauth",
    "sandbox",
    "static",
    "store",
    "templates",
    "waitlist",
    "web",
)
CODE = {".py", ".js", ".html", ".css"}
NOT_OURS = {"static/vendor"}
"""Browser packages."""
MOST_LINES = 250
MOST_FILES = 14
MOST_MILLISECONDS = 300
MOST_LETTERS = 80
SENTENCE_END = re.compile(r"(?<=[.:])\s")
WAIT = re.compile(r"wait_for_timeout\(([\d_]+)\)|time\.sleep\(([\d_.]+)\)")


def product_files() -> Iterator[Path]:
    yield from ROOT.glob("*.py")
    for room in PRODUCT:
        for path in (ROOT / room).rglob("*"):
            place = path.relative_to(ROOT).as_posix()
            if path.suffix in CODE and not any(place.startswith(start) for start in NOT_OURS):
                yield path


def first_sentences(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            text = " ".join((ast.get_docstring(node) or "").split())
            yield SENTENCE_END.split(text, maxsplit=1)[0]


def imported(path: Path) -> Iterator[str]:
    """The modules that a file imports, and what it imports from packages."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_no_test_module_and_no_conftest_is_imported() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in TESTS.rglob("*.py")
        for name in imported(path)
        if name.startswith("tests.")
        and any(part.startswith("test_") or part == "conftest" for part in name.split("."))
    ]
    assert found == [], "steps that tests share stand in steps.py"


def test_no_module_is_long() -> None:
    lines = {path: len(path.read_text().splitlines()) for path in product_files()}
    assert {path: count for path, count in lines.items() if count > MOST_LINES} == {}


def test_no_folder_holds_many_files() -> None:
    files = Counter(path.parent for path in product_files() if path.name != "__init__.py")
    assert {folder: count for folder, count in files.items() if count > MOST_FILES} == {}


def test_the_fast_tests_hold_one_file_of_each_room() -> None:
    definition = re.search(r"^FAST := (.*?[^\\])$", (ROOT / "Makefile").read_text(), re.S | re.M)
    assert definition
    fast = [ROOT / name for name in definition[1].replace("\\", "").split()]
    assert [path for path in fast if not path.exists()] == []
    over_http = (*TESTS.glob("web/*/test_*.py"), *TESTS.glob("sandbox/*/test_*.py"))
    # The suite for real portals is a command of its own, which starts pytest again.
    rooms = {path.parent for path in over_http} - {TESTS / "sandbox" / "conformance"}
    chosen = Counter(path.parent for path in fast if path.is_file())
    assert chosen == Counter(rooms)


def test_browser_tests_do_not_sleep() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {wait[0]}"
        for path in (TESTS / "browser").rglob("*.py")
        for wait in WAIT.finditer(path.read_text())
        if max(float(wait[1] or 0), 1000 * float(wait[2] or 0)) > MOST_MILLISECONDS
    ]
    assert long == [], "move the page's clock on, or wait for the thing itself"


def test_browser_tests_measure_a_page_that_has_settled() -> None:
    own = [
        path.relative_to(ROOT).as_posix()
        for path in (TESTS / "browser").rglob("*.py")
        if ".bounding_box(" in path.read_text()
    ]
    assert own == ["tests/browser/desk.py"], "Desk.box waits before it measures"


def test_browser_tests_wait_without_eval() -> None:
    """Playwright's `wait_for_function` calls `eval`, which pages of the app forbid."""
    own = [
        path
        for path in (TESTS / "browser").rglob("*.py")
        if ".wait_for_function(" in path.read_text()
    ]
    assert own == [], "steps.wait_until waits for the same"


def test_browser_tests_read_no_text_of_a_hidden_element() -> None:
    """The inner text of an element that is not shown is all its text, shown or not."""
    own = [
        path for path in (TESTS / "browser").rglob("*.py") if "use_inner_text" in path.read_text()
    ]
    assert own == [], "choose what is shown, with :visible"


def test_the_first_sentence_of_a_docstring_is_short() -> None:
    ours = (path for path in (*product_files(), *TESTS.rglob("*.py")) if path.suffix == ".py")
    long = [
        f"{path.relative_to(ROOT)}: {sentence}"
        for path in ours
        for sentence in first_sentences(path)
        if len(sentence) > MOST_LETTERS
    ]
    assert long == []
