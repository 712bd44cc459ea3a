"""Measures, prints the table, and writes it into docs/reliability.md: `make load`."""

import sys

from benchmarks.document import write_figures
from benchmarks.load.measure import ROUNDS, measure
from benchmarks.load.rows import HEAD, rows_of, verdict


def main() -> None:
    rounds = []
    for figures in measure():
        rounds.append(figures)
        print(f"round {len(rounds)} of {ROUNDS}", file=sys.stderr, flush=True)
    rows = list(rows_of(rounds))
    told = verdict(rows)
    lines = [HEAD, *map(str, rows), "", told or "All figures are met.", ""]
    write_figures("reliability.md", "\n".join(lines))
    if told:
        sys.exit(1)


if __name__ == "__main__":
    main()
