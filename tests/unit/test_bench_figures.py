"""docs/performance.md has the figures that `make bench` prints, and their limits."""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.jobs import CLIENTS
from benchmarks.page_table import (
    LONGEST_TASK,
    MOST_LATER,
    MOST_SHIFT,
    SIZES,
    Painted,
    missed,
    table,
)

DOCUMENT = (Path(__file__).parents[2] / "docs" / "performance.md").read_text()
GOOD = Painted(
    page=1024, page_gzipped=512, files=2048, files_gzipped=1024, first=10, rows=20, shift=0.02,
    task=50, largest=110, plain=100,
)  # fmt: skip


def first_cells(lines: list[str]) -> list[str]:
    return [line.split(" | ")[0] for line in lines]


def test_the_document_has_the_rows_of_the_main_page() -> None:
    printed = list(table(dict.fromkeys(SIZES, GOOD)))
    start = DOCUMENT.index(printed[0])
    section = DOCUMENT[start:].split("\n\n")[0].splitlines()
    assert first_cells(section) == first_cells(printed)


def test_each_job_was_done_by_each_client() -> None:
    table = DOCUMENT.split("| job | client |")[1].split("\n\n")[0]
    rows = re.findall(r"^\| ([^|]+) \| \**([^|*]+?)\** \| ", table, re.MULTILINE)
    jobs = {job for job, _ in rows}
    assert len(jobs) == 6
    for job in jobs:
        assert {client for one, client in rows if one == job} >= set(CLIENTS), job


def test_figures_that_are_worse_than_promised_are_named() -> None:
    assert list(missed({1000: GOOD})) == []
    bad = Painted(1, 1, 1, 1, first=1, rows=1, shift=0.021, task=51, largest=1.11, plain=1)
    assert len(list(missed({137: bad, 1000: bad}))) == 6
    # Nothing is promised for longer lists.
    assert list(missed({5000: bad})) == []


def test_the_document_says_what_is_promised() -> None:
    promised = f"{MOST_SHIFT}|{MOST_LATER} times|{LONGEST_TASK} ms"
    assert set(re.findall(promised, DOCUMENT.split("## How to read it")[1])) == set(
        promised.split("|")
    )
