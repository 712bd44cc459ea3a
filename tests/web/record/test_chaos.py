"""Random runs: what users were told is so.

`SEED=1083 make chaos` replays one of them. `make chaos` runs 10,000, and kills workers.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from chaos.checker import check
from chaos.run import Run
from chaos.world import World, running
from store.pending import elapsed, idempotency
from waitlist import pending_writes

SEEDS, TOGETHER = 400, 25
"""A run takes about 60 ms of processor time. docs/reliability.md says why these are enough."""

MENDED = (8378, 8551, 8747, 9423, 9564)
"""Seeds at which a late call, or a worker that ended, was once told wrongly."""


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """One world for all runs. The app's own clock comes back afterwards."""
    time, patience = elapsed.__dict__["time"], pending_writes.PATIENCE
    logging.disable(logging.CRITICAL)
    with running() as started:
        yield started
    logging.disable(logging.NOTSET)
    for module in (elapsed, idempotency):
        module.__dict__["time"] = time
    pending_writes.PATIENCE = patience


def found_by(world: World, seed: int) -> list[str]:
    run = Run(world, seed)
    run.go()
    return check(run).all


@pytest.mark.thorough
@pytest.mark.parametrize("first", range(0, SEEDS, TOGETHER))
def test_nothing_is_lost_doubled_or_told_wrongly(world: World, first: int) -> None:
    seeds = range(first, first + TOGETHER)
    bad = {f"SEED={seed} make chaos": found for seed in seeds if (found := found_by(world, seed))}
    assert bad == {}


@pytest.mark.parametrize("seed", MENDED)
def test_what_was_once_told_wrongly_is_mended(world: World, seed: int) -> None:
    assert found_by(world, seed) == []


def test_a_seed_replays_its_run(world: World) -> None:
    """Nothing of a run depends on the runs before it."""

    def told(seed: int) -> list[tuple[str, str, int, tuple[str, ...]]]:
        run = Run(world, seed)
        run.go()
        return [(step.action, step.outcome, step.status, step.after) for step in run.steps]

    seen = [told(seed) for seed in range(5)]
    assert [told(seed) for seed in reversed(range(5))] == seen[::-1]


SAFEGUARDS: dict[str, tuple[int, str, object]] = {
    "a write blocks others": (2, "store.pending.writes.Write.blocks", property(lambda _: False)),
    "a late call is waited for": (53, "waitlist.records.reconcile.HORIZON", 0),
    "no answer is not a no": (41, "bitrix24.errors.NoAnswer.is_final", property(lambda _: True)),
    "lists are merged": (6, "waitlist.records.save.merge", lambda _base, mine, _theirs: mine),
    "a late record is waited for": (
        212,
        "waitlist.idempotency.Attempt.may_arrive",
        property(lambda _: False),
    ),
    "a lost record is looked for": (
        14,
        "waitlist.records.create._find_or_refuse",
        lambda *_, **__: 0,
    ),
    "rows wait for the database": (6, "store.pending.deferred.Deferred.run", lambda _, job: job()),
    "ages do not follow the time of day": (
        8,
        "store.pending.elapsed.Moment.age",
        lambda moment: max(0.0, elapsed.__dict__["time"].time() - moment.at),
    ),
    "what is found later gets its row": (
        226,
        "waitlist.records.reconcile._close_done",
        lambda context, write, *_, **__: context.writes.close(write, None, None),
    ),
}
"""What may be taken away, where it is, and the first seed at which that is found."""


@pytest.mark.parametrize(("seed", "name", "value"), SAFEGUARDS.values(), ids=SAFEGUARDS)
def test_the_checker_finds_what_happens_unless(
    world: World, monkeypatch: pytest.MonkeyPatch, seed: int, name: str, value: object
) -> None:
    monkeypatch.setattr(name, value)
    assert any(found_by(world, one) for one in (seed, *range(SEEDS)))
