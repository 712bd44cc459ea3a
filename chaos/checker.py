"""Compares what a portal carried out with what users were told."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from chaos.run import Run
from chaos.step import Step
from store.pending.writes import State

WRITES = (".set", ".unset", ".add", ".delete", ".update")
UNDONE = "because an earlier change took effect late"


@dataclass
class Findings:
    """What was wrong in a run, each in words, and what was counted."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    unsettled: list[str] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)

    @property
    def all(self) -> list[str]:
        return [*self.lost, *self.doubled, *self.wrong, *self.unsettled]


def check(run: Run) -> Findings:
    """Check a run that is over: everything late has come, and the app has looked."""
    found = Findings()
    found.counted.update(step.outcome for step in run.steps if step.requests or step.status)
    found.lost.extend(_lost(run))
    found.doubled.extend(_doubled(run))
    for step in run.steps:
        if step.action in {"save", "undo", "create", "remove"}:
            found.wrong.extend(_told_wrongly(step))
    found.wrong.extend(_missing_in_history(run))
    found.unsettled.extend(f"write {one.id} is still {one.state}" for one in run.unsettled)
    return found


def _executed(step: Step) -> list[str]:
    """Return the writes that the portal carried out for a step, also long after it."""
    return [
        call.method
        for request in step.requests
        for call in (request.calls or [])
        if call.method.lower().endswith(WRITES) and call.error is None
    ] + [
        request.method
        for request in step.requests
        if not request.calls
        and request.method.lower().endswith(WRITES)
        and request.error is None
        and request.fault in {None, "drop_after", "truncated", "late"}
    ]


def _lost(run: Run) -> Iterator[str]:
    """Yield customers who went or came back without a reason that a user was told.

    A saved change stands until a later step or a program outside the app changes it. A call that
    was sent before it is no reason.
    """
    standing: dict[str, tuple[bool, int]] = {}
    for number, step in enumerate(run.steps):
        if step.action not in {"poll", "create"}:
            _apply(standing, step, number)
    if run.is_gone or any(UNDONE in step.told for step in run.steps):
        return
    for key, (here, number) in standing.items():
        if (key in run.customers) != here:
            yield f"{key} is {'gone' if here else 'back'} after step {number}"


def _apply(standing: dict[str, tuple[bool, int]], step: Step, number: int) -> None:
    """Note what a step has made certain, and what it has made uncertain."""
    if step.action == "remove":
        standing.clear()
        return
    if step.outcome == "nothing" and step.action != "outside":
        return
    for keys, here in ((step.added, True), (step.removed, False)):
        for key in keys:
            standing.pop(key, None)
            if step.action != "outside" and step.outcome == "done":
                standing[key] = (here, number)


def _doubled(run: Run) -> Iterator[str]:
    records = run.world.portal.records.values()
    for word in run.created:
        made = [row.id for row in records if word in (row.note or "")]
        if len(made) > 1:
            yield f"{word} has made {made}"


def _told_wrongly(step: Step) -> Iterator[str]:
    executed = _executed(step)
    if step.outcome == "nothing" and executed and step.before != step.after:
        yield f"{step.action}: nothing was said to be done, but {executed} was"
    late = any(request.fault == "late" for request in step.requests)
    if step.outcome == "nothing" and late:
        yield f"{step.action}: nothing was said to be done, but a call came late"
    if step.outcome == "done" and step.action in {"save", "undo"}:
        missing = step.added - set(step.after)
        extra = step.removed & set(step.after)
        if missing or extra:
            yield f"{step.action}: said to be done, but {sorted(missing | extra)} are not"
    if step.outcome == "other" and step.action != "remove" and _is_silent(step):
        yield f"{step.action}: {step.status} without a word about the change"


def _is_silent(step: Step) -> bool:
    """Return whether an answer says nothing about the change, not even with a question."""
    words = ("no longer exists", "conflict", "still running", "was created, but", "customer")
    return not any(word in step.told for word in words)


def _missing_in_history(run: Run) -> Iterator[str]:
    """Yield saves that have changed the customers and have no row in the history.

    One case is left out: the database did not take the row, the worker was killed before it did,
    and others have changed the record since. The user is told then that the app could not find out.
    """
    services, portal = run.world.services, run.world.portal
    rows = services.changes.newest(portal.member_id, run.record, limit=200)
    known = Counter((row.user_id, frozenset(row.after)) for row in rows)
    for write in services.writes.of_portal(portal.member_id):
        known[write.user_id, frozenset(write.after)] += write.state is State.UNCLEAR
    for step in run.steps:
        if step.outcome == "done" and step.action in {"save", "undo"} and step.before != step.after:
            sets = [one for one in _executed(step) if re.search(r"\.client\.(un)?set$", one)]
            if sets and not known[step.user, frozenset(step.after)]:
                yield f"{step.action} of user {step.user} is missing in the history"
