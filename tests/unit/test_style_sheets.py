"""No rule of the main page makes a browser look at all rows when one changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

CSS = Path(__file__).parents[2] / "static" / "css"
SHEETS = [sheet for sheet in CSS.glob("*.css") if sheet.name != "card.css"]
"""Those of the main page; card.css is for the tabs."""
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
BRACKETS = re.compile(r"(:[a-z-]+)?\([^()]*\)|\[[^\]]*\]")
AROUND = r"(^|[\s>+~,])(html|body|#app|\.(page|is-board|cols|list|group)|#records)$"


def looks() -> Iterator[tuple[str, str]]:
    """What stands before each `:has(`, and what is in its brackets."""
    for sheet in SHEETS:
        for selector in re.findall(r"([^{};]+)\{", COMMENT.sub("", sheet.read_text())):
            for found in re.finditer(r":has\(", selector):
                depth, end = 1, found.end()
                while depth:
                    depth += {"(": 1, ")": -1}.get(selector[end], 0)
                    end += 1
                yield selector[: found.start()], selector[found.end() : end - 1]


def bare(selector: str) -> str:
    """Leave out attributes and pseudo-classes with brackets, also open ones."""
    while (shorter := BRACKETS.sub("", selector)) != selector:
        selector = shorter
    return re.sub(r"(:[a-z-]+\()+$", "", selector).strip()


def test_no_rule_looks_for_what_is_hidden() -> None:
    """Else each row that a search hides is compared with what a rule looks for."""
    assert [look for look in looks() if "[hidden]" in look[1]] == []


def test_rules_around_the_rows_name_the_way_to_what_they_look_for() -> None:
    """Else a browser looks through the whole page when something comes or goes."""
    around = [look for look in looks() if re.search(AROUND, bare(look[0]))]
    assert len(around) > 10
    for before, argument in around:
        for way in bare(argument).split(","):
            steps = re.sub(r"\s*[>+~]\s*", ">", way.strip())
            assert re.fullmatch(r">\S*", steps), f"{before}:has({argument})"
