"""Runs many seeds, harms servers, and prints figures. Fails when one is missed.

`make chaos` runs 10,000 seeds. `RUNS=500 make chaos` runs fewer, and `SEED=1083 make chaos`
replays one run and prints its steps.
"""

import logging
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from chaos import kills
from chaos.checker import Findings, check
from chaos.run import Run
from chaos.server import Server
from chaos.world import running

RUNS, PART, KILLS = 10_000, 250, 60
PROCESSES = os.cpu_count() or 2


def run_seeds(first: int, last: int) -> tuple[Counter[str], dict[int, list[str]], Counter[str]]:
    """Run seeds. Returns what was told, the findings of each bad seed, and their kinds."""
    logging.disable(logging.CRITICAL)
    told, bad, kinds = Counter[str](), dict[int, list[str]](), Counter[str]()
    with running() as world:
        for seed in range(first, last):
            found = _run(Run(world, seed))
            told.update(found.counted)
            for kind in ("lost", "doubled", "wrong", "unsettled"):
                kinds[kind] += len(getattr(found, kind))
            if found.all:
                bad[seed] = found.all
    return told, bad, kinds


def _run(run: Run) -> Findings:
    run.go()
    return check(run)


def replay(seed: int) -> int:
    """Run one seed, and print its steps and what is wrong."""
    logging.disable(logging.CRITICAL)
    with running() as world:
        run = Run(world, seed)
        found = _run(run)
    for step in run.steps:
        added, removed = (",".join(sorted(keys)) for keys in (step.added, step.removed))
        print(f"{step.action:8} user {step.user}  +{added} -{removed}  {step.outcome}")
    print("\n".join(found.all) or "nothing is wrong")
    return len(found.all)


def _harm_servers(count: int) -> Iterator[kills.Figures]:
    """Harm servers: workers `count` times, all else a third as often."""
    few = max(1, count // 3)
    series: list[tuple[str, kills.Harm, int]] = [
        ("workers killed, SQLite", Server.kill_worker, count),
        ("master killed, SQLite", Server.kill_master, few),
        ("disk of the logs full, SQLite", Server.fill_disk, few),
        ("folder of the logs gone, SQLite", Server.lock_logs, few),
    ]
    for name, harm, times in series:
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{folder}/kills.db"
            yield kills.run(name, harm, url, Path(folder), times)
    with ExitStack() as stack:
        try:
            from tests.postgres import running_server

            postgres = stack.enter_context(running_server())
        except (AssertionError, OSError, RuntimeError) as error:
            print(f"PostgreSQL is not here: {error}", file=sys.stderr)
            return
        restart = postgres.restart
        series = [("workers killed, PostgreSQL", Server.kill_worker, count)]
        if restart:
            series.append(("PostgreSQL restarted", lambda _: restart(), few))
        for name, harm, times in series:
            with postgres.database() as url, tempfile.TemporaryDirectory() as folder:
                yield kills.run(name, harm, url, Path(folder), times)


def main() -> int:
    """Print the figures. Returns how many things were wrong."""
    if seed := os.environ.get("SEED"):
        return min(1, replay(int(seed)))
    runs = int(os.environ.get("RUNS", RUNS))
    parts = [(first, min(first + PART, runs)) for first in range(0, runs, PART)]
    told, bad, kinds = Counter[str](), dict[int, list[str]](), Counter[str]()
    with ProcessPoolExecutor(PROCESSES) as pool:
        for one, some, more in pool.map(run_seeds, *zip(*parts, strict=True)):
            told.update(one)
            bad |= some
            kinds.update(more)
    print(
        f"runs {runs}: done {told['done']}, nothing {told['nothing']}, unknown {told['unknown']},"
    )
    print(f"  note only {told['note']}, worker ended {told['killed']}")
    print(f"  lost {kinds['lost']}, doubled {kinds['doubled']}, told wrongly {kinds['wrong']}, ")
    print(f"  still unknown at the end {kinds['unsettled']}")
    for number in sorted(bad):
        print(f"  seed {number}: {'; '.join(bad[number])}")
    wrong = len(bad)
    for figures in _harm_servers(int(os.environ.get("KILLS", KILLS))):
        print(", ".join(f"{name} {value}" for name, value in asdict(figures).items()), flush=True)
        wrong += figures.faults
    return min(1, wrong)


if __name__ == "__main__":
    sys.exit(main())
