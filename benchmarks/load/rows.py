"""The rows of the table: what a disturbance costs neighbors, and whether that is little."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from benchmarks.load.measure import NOTHING, Figures

QUIET_RATIO, QUIET_SPREAD = 1.1, 1.5
"""On a quiet machine two apps are alike, and the p95 of one is near its median."""
MOST_RATIO, MOST_HEALTH = 1.2, 50.0
"""A neighbor's p95 as a multiple of the calm app's, and that of `/healthz` in ms."""
HEAD = """\
| what happens | a neighbor opens a record, p95 | calm app | ratio (of a round) | `/healthz`, p95 \
| calm app |
|---|---:|---:|---:|---:|---:|"""


@dataclass(frozen=True, slots=True)
class Row:
    """95th percentiles of all rounds together, in ms, and the ratios of the rounds."""

    name: str
    record: float
    calm_record: float
    health: float
    calm_health: float
    calm_median: float
    ratios: tuple[float, ...]

    @property
    def ratio(self) -> float:
        return self.record / self.calm_record

    def is_met(self, chance: float) -> bool:
        """Tell whether neighbors and `/healthz` notice little.

        `chance` is the ratio of two apps to which nothing happens. What the calm app cannot do
        either is not held against the other.
        """
        most_health = max(MOST_HEALTH, MOST_RATIO * self.calm_health)
        return self.ratio <= MOST_RATIO * max(1.0, chance) and self.health <= most_health

    def __str__(self) -> str:
        return (
            f"| {self.name} | {self.record:.0f} ms | {self.calm_record:.0f} ms "
            f"| {self.ratio:.2f} ({min(self.ratios):.2f} to {max(self.ratios):.2f}) "
            f"| {self.health:.0f} ms | {self.calm_health:.0f} ms |"
        )


def rows_of(rounds: Sequence[Figures]) -> Iterator[Row]:
    for name in rounds[0]:
        pairs = [one[name] for one in rounds]
        yield Row(
            name,
            p95([time for pair in pairs for time in pair.disturbed.records]),
            p95([time for pair in pairs for time in pair.calm.records]),
            p95([time for pair in pairs for time in pair.disturbed.healths]),
            p95([time for pair in pairs for time in pair.calm.healths]),
            median([time for pair in pairs for time in pair.calm.records]) * 1000,
            tuple(p95(pair.disturbed.records) / p95(pair.calm.records) for pair in pairs),
        )


def missed(rows: Sequence[Row]) -> list[str]:
    """Return the names of the disturbances that cost neighbors too much."""
    chance = next(row.ratio for row in rows if row.name == NOTHING)
    return [row.name for row in rows if not row.is_met(chance)]


def verdict(rows: Sequence[Row]) -> str:
    """Return what the figures show; "" if all are met."""
    nothing = next(row for row in rows if row.name == NOTHING)
    missing = missed(rows)
    spread = nothing.calm_record / nothing.calm_median
    if missing and (nothing.ratio > QUIET_RATIO or spread > QUIET_SPREAD):
        return (
            f"This machine was too busy to tell. With nothing, the ratio was {nothing.ratio:.2f}, "
            f"and the calm app's p95 was {spread:.1f} times its median."
        )
    return f"These figures are missed: {', '.join(missing)}." if missing else ""


def p95(times: Sequence[float]) -> float:
    """Return the 95th percentile in ms."""
    return quantiles(times, n=20)[18] * 1000
