"""Measures, prints the table, and writes it into docs/reliability.md: `make load`."""

import sys
from pathlib import Path

from benchmarks.load.measure import ROUNDS, measure
from benchmarks.load.rows import HEAD, rows_of, verdict

DOCUMENT = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->\n"


def main() -> None:
    rounds = []
    for figures in measure():
        rounds.append(figures)
        print(f"round {len(rounds)} of {ROUNDS}", file=sys.stderr, flush=True)
    rows = list(rows_of(rounds))
    told = verdict(rows)
    table = "\n".join([HEAD, *map(str, rows), "", told or "All figures are met."]) + "\n"
    print(table)
    text = DOCUMENT.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    DOCUMENT.write_text(f"{head}{BEGIN}\n{table}\n{END}{tail}", encoding="utf-8")
    if told:
        sys.exit(1)


if __name__ == "__main__":
    main()
