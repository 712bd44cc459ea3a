"""The report: a table of the facts that held, did not hold, or were only reported."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

SEEN = "seen"
HELD, NOT_HELD, REPORTED, NOT_SHOWN = "held", "**not held**", "reported", "not shown"


@dataclass(frozen=True)
class Row:
    """A line of the table: `about` is a heading, `seen` what the portal did."""

    about: str
    fact: str
    outcome: str
    seen: str


class Report:
    """A pytest plugin that collects the facts and writes the table."""

    def __init__(self, portal: str, target: Path | None) -> None:
        self.portal = portal
        self.target = target
        self.rows: list[Row] = []
        self.left_behind: list[str] = []
        self._about: dict[str, str] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            module = getattr(item, "module", None)
            self._about[item.nodeid] = (getattr(module, "__doc__", "") or "").split("\n")[0]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.failed or report.skipped:
            outcome, seen = _outcome(report)
            fact = report.nodeid.rpartition("::")[2].removeprefix("test_").replace("_", " ")
            self.rows.append(Row(self._about.get(report.nodeid, ""), fact, outcome, seen))

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        counted = Counter(row.outcome.strip("*") for row in self.rows)
        terminalreporter.section("facts")
        terminalreporter.line(", ".join(f"{number} {name}" for name, number in counted.items()))
        for row in self.rows:
            if row.outcome in (REPORTED, NOT_SHOWN):
                terminalreporter.line(f"{row.outcome}: {row.fact}: {row.seen}")
        for item in self.left_behind:
            terminalreporter.line(f"NOT DELETED: {item}")
        if self.target:
            self.target.write_text(self.table(), encoding="utf-8")
            terminalreporter.line(f"Written to {self.target}")

    def table(self) -> str:
        counted = Counter(row.outcome for row in self.rows)
        lines = [
            f"# What {self.portal} does",
            "",
            ", ".join(f"{number} {name}" for name, number in counted.items()),
            "",
            "| about | fact | outcome | seen |",
            "|---|---|---|---|",
        ]
        lines += [
            f"| {_cell(row.about)} | {_cell(row.fact)} | {row.outcome} | {_cell(row.seen)} |"
            for row in self.rows
        ]
        if self.left_behind:
            lines += ["", "Could not be deleted, please delete by hand:", ""]
            lines += [f"- `{item}`" for item in self.left_behind]
        return "\n".join([*lines, ""])


def _outcome(report: pytest.TestReport) -> tuple[str, str]:
    seen = "; ".join(str(value) for name, value in report.user_properties if name == SEEN)
    if report.skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        return NOT_SHOWN, reason.removeprefix("Skipped: ")
    if report.failed:
        crash = getattr(report.longrepr, "reprcrash", None)
        return NOT_HELD, getattr(crash, "message", "").split("\n")[0][:160]
    return (REPORTED, seen) if seen else (HELD, "")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").strip()
