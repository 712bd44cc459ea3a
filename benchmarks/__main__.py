"""`python -m benchmarks`: measures, prints the tables, and writes them into the document."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from benchmarks.jobs import Run, all_runs
from benchmarks.overhead import call_times, page_rates
from benchmarks.program import OURS

DOCUMENT = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->\n"


def main() -> None:
    runs = []
    for run in all_runs():
        print(f"{run.job}: {run.client}", file=sys.stderr, flush=True)
        runs.append(run)
    figures = "\n".join([*_table(runs), "", *_overhead()]) + "\n"
    print(figures)
    text = DOCUMENT.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    DOCUMENT.write_text(f"{head}{BEGIN}\n{figures}\n{END}{tail}", encoding="utf-8")


def _table(runs: Iterable[Run]) -> Iterable[str]:
    yield "| job | client | HTTP requests | seconds | times ours | complete |"
    yield "|---|---|---:|---:|---:|---|"
    for job, group in groupby(runs, key=lambda run: run.job):
        same = list(group)
        ours = next(run for run in same if run.client == OURS)
        for run in same:
            name = f"**{run.client}**" if run is ours else run.client
            ratio = run.seconds / ours.seconds
            yield (
                f"| {job} | {name} | {_requests(run)} | {_seconds(run)} | {ratio:.1f} "
                f"| {_complete(run)} |"
            )


def _requests(run: Run) -> str:
    return f"{run.requests} ({run.refused} refused)" if run.refused else str(run.requests)


def _seconds(run: Run) -> str:
    return f"≥ {run.seconds:.0f} (reckoned)" if run.reckoned else f"{run.seconds:.2f}"


def _complete(run: Run) -> str:
    if run.complete:
        return "yes"
    return f"**no**: {run.got[0]:,} of {run.there[0]:,} records, and no error"


def _overhead() -> Iterable[str]:
    median, slow = call_times()
    ours, bare = page_rates()
    yield "| the app's own part | figure |"
    yield "|---|---:|"
    yield f"| added to a batch of 50 commands, median | {median:.2f} ms |"
    yield f"| added to a batch of 50 commands, 95th percentile | {slow:.2f} ms |"
    yield f"| pages a second, one thread | {ours:.0f} |"
    yield f"| pages a second, one thread, bare Flask view | {bare:.0f} |"
    yield f"| … so a page costs | {1000 / ours - 1000 / bare:.2f} ms more than Flask alone |"


if __name__ == "__main__":
    main()
