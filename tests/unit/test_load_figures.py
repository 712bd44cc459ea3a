"""`make load` tells apart what a disturbance costs and what the machine costs."""

from __future__ import annotations

import pytest

from benchmarks.load.measure import NOTHING, Figures, Pair, Times
from benchmarks.load.rows import missed, rows_of, verdict

OTHER = "two portals hang"


def times(record: float, health: float = 5) -> Times:
    return Times([record / 1000] * 50, [health / 1000] * 50)


def figures(nothing: Pair, other: Pair) -> Figures:
    return {NOTHING: nothing, OTHER: other}


CALM = times(100)
NOISY = Times([0.1] * 40 + [0.3] * 10, [0.005] * 50)
CASES = {
    "no difference": ([figures(Pair(CALM, CALM), Pair(CALM, CALM))], []),
    "a fifth longer": ([figures(Pair(CALM, CALM), Pair(times(119), CALM))], []),
    "a quarter longer": ([figures(Pair(CALM, CALM), Pair(times(125), CALM))], [OTHER]),
    "a slow monitor": (
        [figures(Pair(CALM, CALM), Pair(times(100, 51), CALM))],
        [OTHER],
    ),
    "a busy machine": (
        [figures(Pair(times(300), times(300)), Pair(times(300, 90), times(300, 80)))],
        [],
    ),
    "chance": ([figures(Pair(times(110), CALM), Pair(times(130), CALM))], []),
    "more than chance": (
        [figures(Pair(times(110), CALM), Pair(times(140), CALM))],
        [OTHER],
    ),
    "one round of three": (
        [figures(Pair(CALM, CALM), Pair(times(100 + extra), CALM)) for extra in (0, 0, 400)],
        [OTHER],
    ),
}


@pytest.mark.parametrize(("rounds", "expected"), CASES.values(), ids=CASES)
def test_a_figure_is_missed_when_neighbors_notice(
    rounds: list[Figures], expected: list[str]
) -> None:
    assert missed(list(rows_of(rounds))) == expected


@pytest.mark.parametrize(
    ("nothing", "other", "expected"),
    [
        (Pair(CALM, CALM), Pair(CALM, CALM), ""),
        (Pair(CALM, CALM), Pair(times(140), CALM), "missed: two portals hang."),
        (Pair(times(115), CALM), Pair(times(140), CALM), "too busy to tell."),
        (Pair(NOISY, NOISY), Pair(times(999), NOISY), "too busy to tell."),
        (Pair(NOISY, NOISY), Pair(NOISY, NOISY), ""),
    ],
)
def test_a_busy_machine_gives_no_verdict(nothing: Pair, other: Pair, expected: str) -> None:
    assert expected in verdict(list(rows_of([figures(nothing, other)])))
    assert bool(expected) == bool(verdict(list(rows_of([figures(nothing, other)]))))
