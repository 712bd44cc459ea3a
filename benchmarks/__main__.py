"""Measures, prints the tables, and writes them into docs/performance.md: `make bench`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from benchmarks.jobs import LATENCY, Run, all_runs
from benchmarks.overhead import call_times, page_rates
from benchmarks.paint import largest_paint, paint
from benchmarks.program import OURS

DOCUMENT = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->\n"


def main() -> None:
    runs = []
    for run in all_runs():
        print(f"{run.job}: {run.client}", file=sys.stderr, flush=True)
        runs.append(run)
    figures = "\n".join([*_table(runs), "", *_page(), "", *_overhead()]) + "\n"
    print(figures)
    text = DOCUMENT.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    DOCUMENT.write_text(f"{head}{BEGIN}\n{figures}\n{END}{tail}", encoding="utf-8")
    if better := [f"{run.job}: {run.client}" for run in runs if _needs_fewer(run, runs)]:
        sys.exit(f"These did the whole job with fewer requests than the app: {', '.join(better)}")


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


def _page() -> Iterable[str]:
    yield "| the main page in Chromium | 137 records | 1,000 records |"
    yield "|---|---:|---:|"
    few, many = paint(137, LATENCY), paint(1000, LATENCY)
    ratios = [ours / plain for ours, plain in map(largest_paint, (137, 1000))]
    rows = {
        "page": (_bytes(one.page, one.page_gzipped) for one in (few, many)),
        "scripts and styles, with Bitrix24's SDK": (
            _bytes(one.files, one.files_gzipped) for one in (few, many)
        ),
        "first paint, after the launch was posted": (f"{one.first:.0f} ms" for one in (few, many)),
        "all records on the screen": (f"{one.rows:.0f} ms" for one in (few, many)),
        "largest paint, to that of the page without script, processor 4 times slower": (
            f"{ratio:.2f}" for ratio in ratios
        ),
    }
    for what, figures in rows.items():
        yield f"| {what} | {' | '.join(figures)} |"


def _bytes(size: int, gzipped: int) -> str:
    return f"{size / 1024:.0f} KB ({gzipped / 1024:.0f} KB gzipped)"


def _overhead() -> Iterable[str]:
    median, slow = call_times()
    ours, bare = page_rates()
    yield "| the app's own part | figure |"
    yield "|---|---:|"
    yield f"| added to a batch of 50 commands, median | {median:.2f} ms |"
    yield f"| added to a batch of 50 commands, 95th percentile | {slow:.2f} ms |"
    yield f"| requests a second, one gunicorn worker | {ours:.0f} |"
    yield f"| requests a second, one gunicorn worker, bare Flask view | {bare:.0f} |"
    yield f"| … so a request costs | {1000 / ours - 1000 / bare:.2f} ms more than Flask alone |"


if __name__ == "__main__":
    main()
