"""Runs the jobs on the sandbox, each on a portal that nobody has asked anything yet."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.program import OURS
from sandbox import Sandbox
from sandbox.core.limits import LEAK_PER_SECOND, THRESHOLD
from sandbox.portal.portal import Portal

LATENCY = 0.08
SIZES = (49, 137, 1000)
RECORD, CONTACT, WORD = 4, 77, "anna"
MANY = 200
CLIENTS = (OURS, "b24pysdk", "fast_bitrix24", "requests")
LONGEST = 500
"""Requests: more take minutes at the portal's pace, so they are counted and reckoned instead."""


@dataclass(frozen=True, slots=True)
class Run:
    job: str
    client: str
    requests: int
    refused: int
    seconds: float
    got: list[int]
    there: list[int]
    reckoned: bool = False
    afterwards: int = 0

    @property
    def complete(self) -> bool:
        return self.got == self.there


def all_runs() -> Iterator[Run]:
    for size in SIZES:
        for client in CLIENTS:
            yield _board(size, client)
            if client not in (OURS, "requests"):
                yield _board(size, client, by_hand=True)
    for job in ("save", "search"):
        for client in CLIENTS:
            yield run(job, job, client, 137)
    for client in CLIENTS:
        # One call at a time is three for each record.
        slow = client == "requests" and 3 * MANY > LONGEST
        yield run(f"change of {MANY} records", "change", client, MANY + 20, reckoned=slow)


def _board(size: int, client: str, *, by_hand: bool = False) -> Run:
    title = f"main page, {size:,} records"
    slow = client == "requests" and size > LONGEST
    return run(title, "board", client, size, by_hand=by_hand, reckoned=slow)


def run(
    title: str, job: str, client: str, size: int, *, by_hand: bool = False, reckoned: bool = False
) -> Run:
    """One job. `reckoned` lets the portal answer at once and without limits, and says how long it
    would have taken at least."""
    latency = 0.0 if reckoned else LATENCY
    with Sandbox(
        port=0, installed=True, records=size, tls=True, limits=not reckoned, latency=latency
    ) as sandbox:
        portal = sandbox.portals[0]
        many = list(portal.records)[:MANY]
        there = {"board": _there(portal), "change": [len(many)]}.get(job, [1])
        task = {
            "ca_file": str(sandbox.ca_file),
            "webhook_url": portal.tls_webhook_url,
            "client_endpoint": f"{portal.tls_url}/rest/",
            "token": portal.launch(1).access_token,
            "by_hand": by_hand,
            "record": RECORD,
            "before": [f"{kind}:{number}" for kind, number in portal.clients(RECORD)],
            "records": many,
            "contact": CONTACT,
            "word": WORD,
        }
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "benchmarks.program", client, job, json.dumps(task)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{client} could not do {title}:\n{done.stderr[-2000:]}")
        said = json.loads(done.stdout.splitlines()[-1])
        count = len(portal.requests) - said["afterwards"]
        refused = sum(request.status == 503 for request in portal.requests)
    seconds = max(count * LATENCY, (count - THRESHOLD) / LEAK_PER_SECOND)
    name = f"{client}, pages turned by hand" if by_hand else client
    took = seconds if reckoned else said["seconds"]
    return Run(title, name, count, refused, took, said["got"], there, reckoned, said["afterwards"])


def _there(portal: Portal) -> list[int]:
    """Records, customers on them, and how many customers have a name."""
    refs = [ref for number in portal.records for ref in portal.clients(number)]
    state = portal.state
    known = [
        id in (state.contacts if kind == "CONTACT" else state.companies) for kind, id in set(refs)
    ]
    return [len(portal.records), len(refs), sum(known)]
