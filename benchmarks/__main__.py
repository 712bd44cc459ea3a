"""Measures, prints the tables, and writes them into docs/performance.md: `make bench`."""

import sys
from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby

from benchmarks.document import write_figures
from benchmarks.jobs import LATENCY, Run, run_jobs
from benchmarks.overhead import measure_call_times, measure_page_rates
from benchmarks.page_table import SIZES, Painted, missed, table
from benchmarks.paint import measure_largest_paint, measure_page
from benchmarks.program import OURS


def main() -> None:
    runs = []
    for run in run_jobs():
        print(f"{run.job}: {run.client}", file=sys.stderr, flush=True)
        runs.append(run)
    pages = {size: _measure_page(size) for size in SIZES}
    lines = [*_table(runs), "", *table(pages), "", *_overhead(), ""]
    write_figures("performance.md", "\n".join(lines))
    better = [
        f"fewer requests than the app: {r.job}: {r.client}" for r in runs if _needs_fewer(r, runs)
    ]
    if worse := [*better, *missed(pages)]:
        sys.exit("\n".join(["Missed:", *worse]))


def _needs_fewer(run: Run, runs: Iterable[Run]) -> bool:
    """Tell whether this run did the whole job with fewer HTTP requests than the app."""
    ours = next(one for one in runs if one.job == run.job and one.client == OURS)
    return run.complete and run.requests < ours.requests


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
    if run.background_requests:
        return f"{run.requests}, then {run.background_requests} in the background"
    return f"{run.requests} ({run.refused} refused)" if run.refused else str(run.requests)


def _seconds(run: Run) -> str:
    return f"≥ {run.seconds:.0f} (estimated)" if run.estimated else f"{run.seconds:.2f}"


def _complete(run: Run) -> str:
    if run.complete:
        return "yes"
    return f"**no**: {run.result[0]:,} of {run.expected[0]:,} records, and no error"


def _measure_page(size: int) -> Painted:
    print(f"{size:,} records in a browser", file=sys.stderr, flush=True)
    largest, plain = measure_largest_paint(size)
    return replace(measure_page(size, LATENCY), largest=largest, plain=plain)


def _overhead() -> Iterable[str]:
    median, slow = measure_call_times()
    ours, bare = measure_page_rates()
    yield "| the app's own part | figure |"
    yield "|---|---:|"
    yield f"| added to a batch of 50 commands, median | {median:.2f} ms |"
    yield f"| added to a batch of 50 commands, 95th percentile | {slow:.2f} ms |"
    yield f"| requests a second, one gunicorn worker | {ours:.0f} |"
    yield f"| requests a second, one gunicorn worker, bare Flask view | {bare:.0f} |"
    yield f"| … so a request costs | {1000 / ours - 1000 / bare:.2f} ms more than Flask alone |"


if __name__ == "__main__":
    main()
