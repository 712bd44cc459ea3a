"""Measures, prints the table, and writes it into docs/reliability.md: `make load`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median

from benchmarks.load.measure import Figures, measure

DOCUMENT = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->\n"
MOST_RATIO, MOST_HEALTH = 1.2, 50.0
"""A neighbor's p95 as a multiple of the calm app's, and that of `/healthz` in ms."""


def main() -> None:
    rounds = list(measure())
    figures = "\n".join(table(rounds)) + "\n"
    print(figures)
    text = DOCUMENT.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    DOCUMENT.write_text(f"{head}{BEGIN}\n{figures}\n{END}{tail}", encoding="utf-8")
    if missing := missed(rounds):
        sys.exit(f"These figures are missed: {', '.join(missing)}")


def missed(rounds: Sequence[Figures]) -> list[str]:
    """Return what costs a neighbor too much, or `/healthz` where the calm app has time."""
    return [
        name
        for name in rounds[0]
        if _ratio(name, rounds) > MOST_RATIO
        or _health(name, rounds) > max(MOST_HEALTH, MOST_RATIO * _calm_health(name, rounds))
    ]


def table(rounds: Sequence[Figures]) -> Iterable[str]:
    """Return the medians of all rounds, and the range of the ratios."""
    yield (
        "| what happens | a neighbor opens a record, p95 | calm app | ratio (of each round) "
        "| `/healthz`, p95 | calm app |"
    )
    yield "|---|---:|---:|---:|---:|---:|"
    for name in rounds[0]:
        ratios = sorted(one[name].ratio for one in rounds)
        disturbed = median(one[name].disturbed.record for one in rounds)
        calm = median(one[name].calm.record for one in rounds)
        yield (
            f"| {name} | {disturbed:.0f} ms | {calm:.0f} ms "
            f"| {_ratio(name, rounds):.2f} ({ratios[0]:.2f}–{ratios[-1]:.2f}) "
            f"| {_health(name, rounds):.0f} ms | {_calm_health(name, rounds):.0f} ms |"
        )


def _ratio(name: str, rounds: Iterable[Figures]) -> float:
    return median(one[name].ratio for one in rounds)


def _health(name: str, rounds: Iterable[Figures]) -> float:
    return median(one[name].disturbed.health for one in rounds)


def _calm_health(name: str, rounds: Iterable[Figures]) -> float:
    return median(one[name].calm.health for one in rounds)


if __name__ == "__main__":
    main()
