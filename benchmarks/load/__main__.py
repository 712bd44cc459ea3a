"""Measures, prints the table, and writes it into docs/reliability.md: `make load`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from statistics import median

from benchmarks.load.measure import CONTROL, UNDISTURBED, Figures, measure

DOCUMENT = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->\n"
MOST_RATIO, MOST_HEALTH = 1.2, 50.0
"""A neighbor's p95 as a multiple of the undisturbed one, and that of `/healthz` in ms."""


def main() -> None:
    rounds = list(measure())
    figures = "\n".join(_table(rounds)) + "\n"
    print(figures)
    text = DOCUMENT.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    DOCUMENT.write_text(f"{head}{BEGIN}\n{figures}\n{END}{tail}", encoding="utf-8")
    if missed := [name for name in rounds[0] if not _is_met(name, rounds)]:
        sys.exit(f"These figures are missed: {', '.join(missed)}")


def _ratio(name: str, rounds: Iterable[Figures]) -> float:
    """Compare with both undisturbed measurements of the same round."""
    return median(
        2 * one[name].record / (one[UNDISTURBED].record + one[CONTROL].record) for one in rounds
    )


def _health(name: str, rounds: Iterable[Figures]) -> float:
    return median(one[name].health for one in rounds)


def _is_met(name: str, rounds: list[Figures]) -> bool:
    return _ratio(name, rounds) <= MOST_RATIO and _health(name, rounds) <= MOST_HEALTH


def _table(rounds: list[Figures]) -> Iterable[str]:
    yield "| what happens | a neighbor opens a record, p95 | times undisturbed | `/healthz`, p95 |"
    yield "|---|---:|---:|---:|"
    for name in rounds[0]:
        record = median(one[name].record for one in rounds)
        ratio, health = _ratio(name, rounds), _health(name, rounds)
        yield f"| {name} | {record:.0f} ms | {ratio:.2f} | {health:.0f} ms |"


if __name__ == "__main__":
    main()
