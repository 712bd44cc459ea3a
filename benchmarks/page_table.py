"""The table of the main page in a browser, and which of its figures are missed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

SIZES = (137, 1000, 5000)
"""Records on the pages that are measured."""
PROMISED = 1000
"""Longer lists are measured, too, but nothing is promised for them."""
MOST_SHIFT, MOST_LATER, LONGEST_TASK = 0.02, 1.1, 50
SLOWER = 4
"""How many times slower the processor is made than this one."""


@dataclass(frozen=True, slots=True)
class Painted:
    """Sizes in bytes, plain and compressed; times in ms."""

    page: int
    page_gzipped: int
    files: int
    files_gzipped: int
    first: float
    """First paint after the launch."""
    rows: float
    shift: float
    """Sum of the layout shifts."""
    task: float
    """Longest task while typing, on a slow processor."""
    largest: float = 0
    """Largest paint on a slow processor, and that of the same page without script."""
    plain: float = 1

    @property
    def later(self) -> float:
        return self.largest / self.plain


def table(pages: Mapping[int, Painted]) -> Iterator[str]:
    yield f"| the main page in Chromium | {' | '.join(f'{size:,} records' for size in pages)} |"
    yield f"|---|{'---:|' * len(pages)}"
    slow = f"processor {SLOWER} times slower"
    for what, figure in {
        "page": lambda one: _bytes(one.page, one.page_gzipped),
        "scripts and styles, with Bitrix24's SDK": lambda one: _bytes(one.files, one.files_gzipped),
        "first paint, after the launch was posted": lambda one: f"{one.first:.0f} ms",
        "all records on the screen": lambda one: f"{one.rows:.0f} ms",
        "layout shift": lambda one: f"{one.shift:.3f}",
        f"largest paint, {slow}": lambda one: f"{one.largest:.0f} ms",
        "… times that of the page without script": lambda one: f"{one.later:.2f}",
        f"longest task while typing, {slow}": lambda one: f"{one.task:.0f} ms",
    }.items():
        yield f"| {what} | {' | '.join(map(figure, pages.values()))} |"


def missed(pages: Mapping[int, Painted]) -> Iterator[str]:
    """Say which figures are worse than they may be."""
    for size, one in pages.items():
        if size > PROMISED:
            continue
        for what, figure, most in (
            ("layout shift", one.shift, MOST_SHIFT),
            ("largest paint, times that without script", one.later, MOST_LATER),
            ("ms of the longest task while typing", one.task, LONGEST_TASK),
        ):
            if figure > most:
                yield f"{size:,} records: {what}: {figure:.3g}, at most {most}"


def _bytes(size: int, gzipped: int) -> str:
    return f"{size / 1024:.0f} KB ({gzipped / 1024:.0f} KB gzipped)"
