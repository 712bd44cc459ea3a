"""The script that a page needs at first is small. It is fetched at once when the page is drawn."""

from __future__ import annotations

import gzip
import re
from pathlib import Path, PurePosixPath

import pytest

from tests.cast import Cast
from web.http.assets import STATIC

MOST = 15 * 1024
FETCHED = re.compile(
    r'(?:<script type="module"|<link rel="modulepreload")[^>]*?/static/\w+/([^"]+)"'
)
TEMPLATE = re.compile(r"<template\b.*?</template>", re.DOTALL)
IMPORTED = re.compile(r"^(?:import|export)\b[^;]*?['\"](\.[^'\"]+)['\"];", re.MULTILINE)


@pytest.fixture
def fetched(installed: Cast) -> set[str]:
    """The scripts that the main page names."""
    return set(FETCHED.findall(installed.regular_user.open().text))


def imported_by(script: str) -> set[str]:
    """What a module imports before it runs; `import()` waits until it is wanted."""
    source = (STATIC / script).read_text()
    folder = PurePosixPath(script).parent
    found = {(STATIC / folder / name).resolve() for name in IMPORTED.findall(source)}
    return {str(path.relative_to(Path(STATIC).resolve())) for path in found}


def test_the_script_of_the_main_page_is_small(fetched: set[str]) -> None:
    assert "js/board/page.js" in fetched
    weights = {name: len(gzip.compress((STATIC / name).read_bytes(), 9)) for name in fetched}
    assert sum(weights.values()) <= MOST, weights


def test_every_imported_module_is_preloaded(fetched: set[str]) -> None:
    assert imported_by("js/board/page.js")
    for script in fetched:
        assert imported_by(script) <= fetched, f"{script} imports what the page does not preload"


def test_only_imported_modules_are_preloaded(fetched: set[str]) -> None:
    wanted = {"js/board/page.js"}.union(*(imported_by(script) for script in fetched))
    assert fetched == wanted


def test_no_script_holds_up_the_first_drawing(installed: Cast) -> None:
    page = installed.regular_user.open().text
    assert FETCHED.findall(page)
    assert FETCHED.findall(TEMPLATE.sub("", page)) == []
